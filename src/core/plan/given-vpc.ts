import { Diagnostic } from '../diagnostic';
import { Cidr } from '../policy/policy';

/** What can be seen of a subnet that the user gives. */
export interface GivenSubnet {
  readonly name: string;
  /** Compared only; two different tokens are two zones. */
  readonly zone?: string;
  readonly cidr?: Cidr;
  /** Whether it is one of the VPC's public subnets; undefined where the VPC does not know its subnets. */
  readonly isPublic?: boolean;
}

/** What can be seen of a VPC that the user gives. */
export interface GivenVpc {
  readonly name: string;
  /** `Vpc.fromLookup` has not looked yet: everything about it is made up. */
  readonly pending: boolean;
  readonly cidr?: Cidr;
  /** Whether DNS support and DNS hostnames are on; undefined where that cannot be seen. */
  readonly dns?: boolean;
  readonly controlPlane: readonly GivenSubnet[];
  readonly nodes: readonly GivenSubnet[];
  readonly loadBalancers: readonly GivenSubnet[];
  readonly endpoints: readonly GivenSubnet[];
  /** Selections that found no subnet, with the reason. */
  readonly unselected: readonly { readonly member: string; readonly reason: string }[];
}

/** https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html */
const MIN_ZONES = 2;

/** Whether the control plane's network interfaces have subnets of their own, so that their ranges mean nothing else. */
export function isControlPlaneApart({ controlPlane, nodes, loadBalancers, endpoints }: GivenVpc): boolean {
  const others = new Set([...nodes, ...loadBalancers, ...endpoints].map(({ name }) => name));
  return controlPlane.length > 0 && controlPlane.every(({ name }) => !others.has(name));
}

/** What is wrong with a given VPC, and what of it cannot be seen. Silent while its lookup is pending. */
export function checkGivenVpc(vpc: GivenVpc): Diagnostic[] {
  if (vpc.pending) return [];
  return [...errorsOf(vpc), ...warningsOf(vpc)];
}

function errorsOf(vpc: GivenVpc): Diagnostic[] {
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
    const open = subnets.filter(({ isPublic }) => isPublic === true);
    if (open.length > 0) {
      found.push(error('subnetsPublic', `subnets.${member}`, `${names(open)} are public subnets`, 'select private subnets, which have no route from the internet'));
    }
  }
  return found;
}

function warningsOf(vpc: GivenVpc): Diagnostic[] {
  const warning = (code: string, subject: string, message: string, fix: string): Diagnostic =>
    ({ code, severity: 'warning', subject, message, fix, acknowledgeable: true });
  const found: Diagnostic[] = [];
  if (!isControlPlaneApart(vpc)) {
    found.push(warning('controlPlaneSubnetsShared', 'subnets.controlPlane',
      'the control plane shares subnets with nodes, load balancers or endpoints, so that its addresses cannot be told from theirs and no policy can name them',
      'give it two or more subnets of its own, /28 each, in subnets.controlPlane'));
  }
  const every = [...vpc.controlPlane, ...vpc.nodes, ...vpc.loadBalancers, ...vpc.endpoints];
  const all = [...new Map(every.map((subnet) => [subnet.name, subnet])).values()];
  const unseen = [
    ...typeof vpc.cidr === 'string' ? [] : ['its range'],
    ...vpc.dns === undefined ? ['DNS support and hostnames'] : [],
    ...unseenOf(all, 'the zone', ({ zone }) => zone === undefined),
    ...unseenOf(all, 'the range', ({ cidr }) => typeof cidr !== 'string'),
    ...unseenOf(all, 'whether there is a route from the internet', ({ isPublic }) => isPublic === undefined),
  ];
  if (unseen.length > 0) {
    found.push(warning('vpcUnseen', `vpc ${vpc.name}`, `not visible at synthesis and so not checked: ${unseen.join('; ')}`, 'check these by hand and acknowledge it, or give what is missing: Vpc.fromLookup finds ranges, zones and routes'));
  }
  return found;
}

function unseenOf(subnets: readonly GivenSubnet[], what: string, isUnseen: (subnet: GivenSubnet) => boolean): string[] {
  const unseen = subnets.filter(isUnseen);
  return unseen.length === 0 ? [] : [`${what} of ${names(unseen)}`];
}

function names(subnets: readonly GivenSubnet[]): string {
  return subnets.map(({ name }) => name).join(', ');
}
