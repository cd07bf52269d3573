import { Diagnostic } from '../diagnostic';
import { EndpointPlan, EndpointRequest, planEndpoint } from './endpoint';
import { GivenVpc, isControlPlaneApart, rangesOf, vpcRangesOf } from './given-vpc';
import { checkGivenVpc } from './given-vpc-check';
import { InternetPlan, InternetRequest, planInternet } from './internet';
import { formatRange } from './ipv4';
import { planServiceRange } from './service-range';
import { layoutVpc, SubnetTier, VpcLayout } from './vpc-layout';
import { planVpcRange } from './vpc-range';
import { Cidr } from '../policy/policy';

/** What the user says about the cluster's network; what is left out is filled in here and nowhere else. */
export interface NetworkRequest {
  /** Default: no public endpoint, no source besides the nodes. */
  readonly endpoint?: EndpointRequest;
  /** Default: a VPC is made. */
  readonly givenVpc?: GivenVpc;
  /** Whether subnets are selected, which means something of a given VPC only. */
  readonly selectsSubnets?: boolean;
  /** Of a VPC that is made. Default: 10.0.0.0/16. */
  readonly vpcCidr?: Cidr;
  /** Default: NAT where a VPC is made, and whatever a given one has. */
  readonly internet?: InternetRequest;
  /** Default: 172.20.0.0/16. */
  readonly serviceIpv4Cidr?: Cidr;
  /** Left out where it is derived or a token. */
  readonly clusterName?: string;
  /** How many roles administer the cluster. */
  readonly admins: number;
}

/** Every decision about the AWS network, as data. */
export interface NetworkPlan extends InternetPlan {
  readonly endpoint: EndpointPlan;
  /** Where the subnets of a VPC that is made lie; undefined for a given VPC. */
  readonly layout?: VpcLayout;
  /** What "the VPC" means as a peer, the primary range first. Empty: it is not known. */
  readonly vpcCidrs: readonly Cidr[];
  /** What each tier means as a peer: reserved ranges too, so that a zone added later changes no policy. Empty: not known, or not all. */
  readonly ranges: Readonly<Record<SubnetTier, readonly Cidr[]>>;
  /** Of pods, where they have subnets of their own. Empty: not known, or not all. */
  readonly podRanges?: readonly Cidr[];
  /** Whether the control plane's addresses belong to nobody else, so that a policy may name them. */
  readonly controlPlaneApart: boolean;
  readonly serviceIpv4Cidr: Cidr;
  /** Undefined where the range is a token. */
  readonly clusterDnsIp?: string;
  /** Whether nodes reach what is outside the VPC, as far as it is seen. */
  readonly hasWayOut: boolean;
}

/** Decides the AWS network. Total: wrong input is reported and replaced by something at most as open. */
export function planNetwork(request: NetworkRequest): { plan: NetworkPlan; diagnostics: Diagnostic[] } {
  const vpc = request.givenVpc ? planGivenVpc(request, request.givenVpc) : planCreatedVpc(request);
  const endpoint = planEndpoint(request.endpoint ?? {});
  const pending = request.givenVpc?.pending ?? false;
  const service = planServiceRange(request.serviceIpv4Cidr, pending ? [] : vpc.plan.vpcCidrs);
  return {
    plan: { ...vpc.plan, endpoint: endpoint.plan, serviceIpv4Cidr: service.plan.cidr, clusterDnsIp: service.plan.clusterDnsIp },
    diagnostics: [
      ...endpoint.diagnostics,
      ...vpc.diagnostics,
      ...service.diagnostics,
      ...checkClusterName(request.clusterName),
      ...checkAdmins(request.admins),
    ],
  };
}

type VpcPart = Omit<NetworkPlan, 'endpoint' | 'serviceIpv4Cidr' | 'clusterDnsIp'>;

function planCreatedVpc(request: NetworkRequest): { plan: VpcPart; diagnostics: Diagnostic[] } {
  const range = planVpcRange(request.vpcCidr);
  const layout = layoutVpc(range.plan);
  const internet = planInternet(request.internet, 'made');
  const diagnostics = [...range.diagnostics];
  if (request.selectsSubnets) {
    diagnostics.push({
      code: 'subnetsWithoutVpc',
      severity: 'error',
      subject: 'subnets',
      message: 'subnets are selected, but no VPC is given and the one that is made has its own',
      fix: 'give the VPC that has them, or leave out subnets',
    });
  }
  return {
    plan: {
      layout, ranges: internet.plan.isolated ? { ...layout, public: [] } : layout, vpcCidrs: [formatRange(range.plan)], controlPlaneApart: true, hasWayOut: !internet.plan.isolated, ...internet.plan,
    },
    diagnostics: [...diagnostics, ...internet.diagnostics],
  };
}

function planGivenVpc(request: NetworkRequest, vpc: GivenVpc): { plan: VpcPart; diagnostics: Diagnostic[] } {
  const internet = planInternet(request.internet, 'given');
  const saysWayOut = request.internet?.kind === 'external';
  const { isolated } = internet.plan;
  const unused: Diagnostic[] = request.vpcCidr === undefined ? [] : [{
    code: 'vpcOptionUnused',
    severity: 'error',
    subject: 'vpcCidr',
    message: 'it is about a VPC that is made, but a VPC is given and nothing of it is changed',
    fix: 'leave out either vpc or vpcCidr',
  }];
  return {
    plan: {
      vpcCidrs: vpcRangesOf(vpc),
      ranges: {
        'node': rangesOf(vpc.nodes),
        'windows': [],
        'public': [],
        'load-balancer': rangesOf(vpc.loadBalancers),
        'endpoint': rangesOf(vpc.endpoints),
        'control-plane': rangesOf(vpc.controlPlane),
      },
      podRanges: vpc.pods && rangesOf(vpc.pods),
      controlPlaneApart: isControlPlaneApart(vpc) && vpc.controlPlane.every(({ cidr }) => cidr !== undefined),
      hasWayOut: !isolated && (saysWayOut || vpc.nodes.every(({ kind }) => kind !== 'isolated')),
      ...internet.plan,
      // The VPC CNI translates, because nobody outside the VPC has a route to ranges for pods alone.
      ...vpc.pods && { wayOut: `${internet.plan.wayOut}; pods leave the VPC with the address of their node` },
    },
    diagnostics: [...unused, ...internet.diagnostics, ...checkGivenVpc(vpc, saysWayOut || isolated)],
  };
}

function checkAdmins(count: number): Diagnostic[] {
  return count > 0 ? [] : [{
    code: 'adminsMissing',
    severity: 'error',
    subject: 'admins',
    message: 'no role is named, the creator gets no access, and the role that deploys objects is not for people: nobody could administer the cluster',
    fix: 'name at least one IAM role',
  }];
}

/** https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html */
const CLUSTER_NAME = /^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$/;

function checkClusterName(name: string | undefined): Diagnostic[] {
  return name === undefined || CLUSTER_NAME.test(name) ? [] : [{
    code: 'clusterNameSyntax',
    severity: 'error',
    subject: 'clusterName',
    message: `'${name}' is not 1 to 100 letters, digits, hyphens or underscores, the first a letter or digit`,
    fix: 'write such a name, or leave it out for one made from the names of stack and constructs',
  }];
}
