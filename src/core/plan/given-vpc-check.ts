import { Diagnostic } from '../diagnostic';
import { GivenSubnet, GivenVpc, isControlPlaneApart } from './given-vpc';
import { ipv4Ranges } from './ipv4';
import { checkPodSubnets } from './pod-subnets';

/** https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html */
const MIN_ZONES = 2;

/** The smallest subnet of a VPC: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html */
const SMALLEST = 28;
/** Load balancers want eight free addresses: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html */
const SMALLEST_FOR_LOAD_BALANCERS = 27;

type Member = 'controlPlane' | 'nodes' | 'pods' | 'loadBalancers' | 'endpoints';

/** What is wrong with a given VPC, and what of it cannot be seen. Silent while its lookup is pending. */
export function checkGivenVpc(vpc: GivenVpc, saysWayOut: boolean): Diagnostic[] {
  if (vpc.pending) return [];
  return [...errorsOf(vpc, saysWayOut), ...checkPodSubnets(vpc), ...warningsOf(vpc)];
}

function errorsOf(vpc: GivenVpc, saysWayOut: boolean): Diagnostic[] {
  const error = (code: string, subject: string, message: string, fix: string): Diagnostic => ({ code, severity: 'error', subject, message, fix });
  const found = vpc.unselected.map(({ member, reason }) => error('subnetsNotFound', `subnets.${member}`, `no subnet was found: ${reason}`, 'select subnets that the VPC has'));
  if (vpc.dns === false) {
    found.push(error('vpcDnsOff', `vpc ${vpc.name}`, 'DNS support or DNS hostnames are off, and without both nobody finds the private endpoint', 'set enableDnsSupport and enableDnsHostnames of the VPC'));
  }
  for (const [member, subnets] of [['controlPlane', vpc.controlPlane], ['nodes', vpc.nodes]] as const) {
    const zones = new Set(subnets.map(({ zone }) => zone));
    if (subnets.length > 0 && !zones.has(undefined) && zones.size < MIN_ZONES) {
      found.push(error('subnetZones', `subnets.${member}`, `${names(subnets)} lie in ${zones.size} zone, and EKS needs ${MIN_ZONES}`, 'select subnets in at least two availability zones'));
    }
  }
  for (const [member, subnets] of [['controlPlane', vpc.controlPlane], ['nodes', vpc.nodes], ['pods', vpc.pods ?? []]] as const) {
    const open = subnets.filter(({ kind }) => kind === 'public');
    if (open.length > 0) found.push(publicSubnets(member, open));
  }
  for (const [member, subnets] of membersOf(vpc).filter(([each]) => each !== 'endpoints')) {
    const least = member === 'loadBalancers' ? SMALLEST_FOR_LOAD_BALANCERS : SMALLEST;
    const small = subnets.filter(({ cidr }) => ipv4Ranges(cidr).some(({ prefix }) => prefix > least));
    if (small.length > 0) {
      found.push({
        ...error('subnetTooSmall', `subnets.${member}`, `${small.map(({ name, cidr }) => `${name} is ${String(cidr)}`).join(', ')}, and ${member === 'loadBalancers' ? `load balancers want /${least}, with eight addresses free` : `a subnet is /${least} at least`}`,
          `select subnets of /${least} or larger`),
        ...member === 'loadBalancers' && { acknowledgeable: true },
      });
    }
  }
  const shut = vpc.nodes.filter(({ kind }) => kind === 'isolated');
  if (shut.length > 0 && !saysWayOut) {
    found.push({
      ...error('nodesWithoutWayOut', 'subnets.nodes', `${names(shut)} are isolated subnets, from which nodes and the functions that deploy objects reach neither images nor AWS APIs`,
        'select subnets with a way out, or write InternetAccess.external({ reason }) where their routes lead through a transit gateway or a firewall'),
      acknowledgeable: true,
    });
  }
  return found;
}

/** Also of subnets whose route is found later, in the app as it was built. */
export function publicSubnets(member: Member, subnets: readonly Pick<GivenSubnet, 'name'>[]): Diagnostic {
  return {
    code: 'subnetsPublic', severity: 'error', subject: `subnets.${member}`, message: `${names(subnets)} are public subnets`, fix: 'select private subnets, which have no route from the internet',
  };
}

function warningsOf(vpc: GivenVpc): Diagnostic[] {
  const warning = (code: string, subject: string, message: string, fix: string): Diagnostic =>
    ({ code, severity: 'warning', subject, message, fix, acknowledgeable: true });
  const found: Diagnostic[] = [];
  if (!isControlPlaneApart(vpc)) {
    found.push(warning('controlPlaneSubnetsShared', 'subnets.controlPlane',
      'the control plane shares subnets with nodes, pods, load balancers or endpoints, so that its addresses cannot be told from theirs: the guardrail of the API server names only the endpoints that its Service has at the time, not the subnets where EKS makes new ones',
      'give it two or more subnets of its own, /28 each, in subnets.controlPlane'));
  }
  const all = [...new Map(membersOf(vpc).flatMap(([, subnets]) => subnets).map((subnet) => [subnet.name, subnet])).values()];
  const unseen = [
    ...typeof vpc.cidr === 'string' ? [] : ['its range'],
    ...vpc.secondaryCidrs === undefined ? ['ranges besides its first and those of the subnets given'] : [],
    ...vpc.dns === undefined ? ['DNS support and hostnames'] : [],
    ...unseenOf(all, 'the zone', ({ zone }) => zone === undefined),
    ...unseenOf(all, 'the range', ({ cidr }) => typeof cidr !== 'string'),
    ...unseenOf(all, 'whether there is a route from the internet', ({ kind, isOwn }) => kind === undefined && !isOwn),
    ...unseenOf(all, 'free addresses and public ones given at launch', ({ isOwn }) => !isOwn),
    ...unseenOf(vpc.loadBalancers, 'the tag kubernetes.io/role/internal-elb', ({ isOwn }) => !isOwn, 'those of load balancers'),
  ];
  if (unseen.length > 0) {
    found.push(warning('vpcUnseen', `vpc ${vpc.name}`, `not visible at synthesis and so not checked: ${unseen.join('; ')}`, 'check these by hand and acknowledge it, or give what is missing: Vpc.fromLookup finds ranges, zones and routes'));
  }
  return found;
}

function membersOf({ controlPlane, nodes, pods = [], loadBalancers, endpoints }: GivenVpc): (readonly [Member, readonly GivenSubnet[]])[] {
  return [['controlPlane', controlPlane], ['nodes', nodes], ['pods', pods], ['loadBalancers', loadBalancers], ['endpoints', endpoints]];
}

function unseenOf(subnets: readonly GivenSubnet[], what: string, isUnseen: (subnet: GivenSubnet) => boolean, all = 'all subnets given'): string[] {
  const unseen = subnets.filter(isUnseen);
  return unseen.length === 0 ? [] : [`${what} of ${unseen.length === subnets.length ? all : names(unseen)}`];
}

function names(subnets: readonly Pick<GivenSubnet, 'name'>[]): string {
  return subnets.map(({ name }) => name).join(', ');
}
