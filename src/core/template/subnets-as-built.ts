import { Diagnostic } from '../diagnostic';
import { booleanOf, Template } from './resource';
import { leadsToInternet, routesOf } from './routes';
import { GivenSubnet, GivenVpc } from '../plan/given-vpc';
import { publicSubnets } from '../plan/given-vpc-check';

/** https://docs.aws.amazon.com/eks/latest/userguide/network-load-balancing.html */
const INTERNAL_TAG = 'kubernetes.io/role/internal-elb';
const PUBLIC_TAG = 'kubernetes.io/role/elb';

/** A given subnet that the app itself makes, as CloudFormation gets it. */
export interface SubnetAsBuilt {
  readonly name: string;
  /** Whether Kubernetes finds it for internal load balancers, and for those of the internet. */
  readonly internalLoadBalancers: boolean;
  readonly publicLoadBalancers: boolean;
  /** Whether what starts there is given a public address. */
  readonly publicAddresses: boolean;
  readonly internetRoute: boolean;
}

/** Those of the subnets that the app makes. Each comes with how templates refer to it. */
export function subnetsAsBuilt(final: Template, subnets: readonly { readonly name: string; readonly reference: unknown }[]): SubnetAsBuilt[] {
  return subnets.flatMap(({ name, reference }) => {
    const made = final.target(reference);
    if (made?.type !== 'AWS::EC2::Subnet') return [];
    const tags = ([] as any[]).concat(made.properties.Tags ?? []).map((tag) => tag?.Key);
    return [{
      name,
      internalLoadBalancers: tags.includes(INTERNAL_TAG),
      publicLoadBalancers: tags.includes(PUBLIC_TAG),
      publicAddresses: booleanOf(made.properties.MapPublicIpOnLaunch) === true,
      internetRoute: routesOf(final, made).some(({ properties }) => leadsToInternet(final, properties.GatewayId) === true),
    }];
  });
}

/** What only shows when the app is whole: tags, routes, public addresses. Nothing of it is changed. */
export function checkSubnetsAsBuilt(vpc: GivenVpc, built: readonly SubnetAsBuilt[]): Diagnostic[] {
  if (vpc.pending) return [];
  const found: Diagnostic[] = [];
  const whichOf = (subnets: readonly GivenSubnet[], is: (subnet: SubnetAsBuilt) => boolean): GivenSubnet[] =>
    subnets.filter(({ name }) => built.some((each) => each.name === name && is(each)));
  for (const [member, subnets] of [['controlPlane', vpc.controlPlane], ['nodes', vpc.nodes], ['pods', vpc.pods ?? []]] as const) {
    const open = whichOf(subnets, ({ internetRoute }) => internetRoute).filter(({ kind }) => kind !== 'public');
    if (open.length > 0) found.push(publicSubnets(member, open));
  }
  const addressed = whichOf(vpc.nodes, ({ publicAddresses }) => publicAddresses);
  if (addressed.length > 0) {
    found.push({
      code: 'subnetsPublicAddresses', severity: 'error', subject: 'subnets.nodes', message: `${namesOf(addressed)} give each node a public address`, fix: 'set mapPublicIpOnLaunch of the subnets to false, or select others',
    });
  }
  return [...found, ...tagWarnings(vpc, whichOf)];
}

type Which = (subnets: readonly GivenSubnet[], is: (subnet: SubnetAsBuilt) => boolean) => GivenSubnet[];

function tagWarnings({ controlPlane, nodes, pods = [], loadBalancers, endpoints }: GivenVpc, whichOf: Which): Diagnostic[] {
  const warning = (code: string, message: string, fix: string): Diagnostic => ({ code, severity: 'warning', subject: 'subnets.loadBalancers', message, fix, acknowledgeable: true });
  const untagged = whichOf(loadBalancers, ({ internalLoadBalancers }) => !internalLoadBalancers);
  const rest = [...controlPlane, ...nodes, ...pods, ...endpoints].filter(({ name }) => !loadBalancers.some((each) => each.name === name));
  const others = [...new Map(rest.map((subnet) => [subnet.name, subnet])).values()];
  const misplaced = whichOf(others, ({ internalLoadBalancers, publicLoadBalancers }) => internalLoadBalancers || publicLoadBalancers);
  return [
    ...untagged.length === 0 ? [] : [warning('loadBalancerTagMissing', `${namesOf(untagged)} have no tag ${INTERNAL_TAG}, by which Kubernetes finds subnets for internal load balancers`,
      `add Tags.of(subnet).add('${INTERNAL_TAG}', '1'), or acknowledge that there is no load balancer`)],
    ...misplaced.length === 0 ? [] : [warning('loadBalancerTagMisplaced', `${namesOf(misplaced)} have a tag by which Kubernetes places load balancers there, and are not among these subnets`,
      `remove ${INTERNAL_TAG} and ${PUBLIC_TAG} from them, or select them in subnets.loadBalancers`)],
  ];
}

function namesOf(subnets: readonly GivenSubnet[]): string {
  return subnets.map(({ name }) => name).join(', ');
}
