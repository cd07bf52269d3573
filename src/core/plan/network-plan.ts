import { Diagnostic } from '../diagnostic';
import { EndpointPlan, EndpointRequest, planEndpoint } from './endpoint';
import { checkGivenVpc, GivenSubnet, GivenVpc, isControlPlaneApart } from './given-vpc';
import { formatRange } from './ipv4';
import { planServiceRange } from './service-range';
import { layoutVpc, SubnetTier, VpcLayout, ZONE_SLOTS } from './vpc-layout';
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
  /** Of a VPC that is made; a token is no number. Default: one for each zone. */
  readonly natGateways?: number;
  /** Default: 172.20.0.0/16. */
  readonly serviceIpv4Cidr?: Cidr;
  /** Left out where it is derived or a token. */
  readonly clusterName?: string;
  /** How many roles administer the cluster. */
  readonly admins: number;
}

/** Every decision about the AWS network, as data. */
export interface NetworkPlan {
  readonly endpoint: EndpointPlan;
  /** Where the subnets of a VPC that is made lie; undefined for a given VPC. */
  readonly layout?: VpcLayout;
  readonly natGateways: number;
  /** What "the VPC" means as a peer. Empty: it is not known. */
  readonly vpcCidrs: readonly Cidr[];
  /** What each tier means as a peer: reserved ranges too, so that a zone added later changes no policy. */
  readonly ranges: Readonly<Record<SubnetTier, readonly Cidr[]>>;
  /** Whether the control plane's addresses belong to nobody else, so that a policy may name them. */
  readonly controlPlaneApart: boolean;
  readonly serviceIpv4Cidr: Cidr;
  /** Undefined where the range is a token. */
  readonly clusterDnsIp?: string;
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

type VpcPart = Pick<NetworkPlan, 'layout' | 'natGateways' | 'vpcCidrs' | 'ranges' | 'controlPlaneApart'>;

function planCreatedVpc(request: NetworkRequest): { plan: VpcPart; diagnostics: Diagnostic[] } {
  const range = planVpcRange(request.vpcCidr);
  const layout = layoutVpc(range.plan);
  const { natGateways = ZONE_SLOTS } = request;
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
  const counts = Number.isInteger(natGateways) && natGateways >= 1 && natGateways <= ZONE_SLOTS;
  if (!counts) {
    diagnostics.push({
      code: 'natGatewaysOutOfRange',
      severity: 'error',
      subject: 'internetAccess',
      message: `nat() got ${String(natGateways)} gateways, and a VPC has 1 to ${ZONE_SLOTS}, at most one for each zone`,
      fix: `write a number from 1 to ${ZONE_SLOTS}, or leave it out for one in each zone`,
    });
  }
  return {
    plan: { layout, ranges: layout, vpcCidrs: [formatRange(range.plan)], natGateways: counts ? natGateways : 1, controlPlaneApart: true },
    diagnostics,
  };
}

function planGivenVpc(request: NetworkRequest, vpc: GivenVpc): { plan: VpcPart; diagnostics: Diagnostic[] } {
  const unused = (subject: string, set: boolean): Diagnostic[] => set ? [{
    code: 'vpcOptionUnused',
    severity: 'error',
    subject,
    message: 'it is about a VPC that is made, but a VPC is given and nothing of it is changed',
    fix: `leave out either vpc or ${subject}`,
  }] : [];
  return {
    plan: {
      vpcCidrs: vpc.cidr === undefined ? [] : [vpc.cidr],
      natGateways: 0,
      ranges: {
        'node': known(vpc.nodes),
        'windows': [],
        'public': [],
        'load-balancer': known(vpc.loadBalancers),
        'endpoint': known(vpc.endpoints),
        'control-plane': known(vpc.controlPlane),
      },
      controlPlaneApart: isControlPlaneApart(vpc) && vpc.controlPlane.every(({ cidr }) => cidr !== undefined),
    },
    diagnostics: [...unused('vpcCidr', request.vpcCidr !== undefined), ...unused('internetAccess', request.natGateways !== undefined), ...checkGivenVpc(vpc)],
  };
}

function known(subnets: readonly GivenSubnet[]): Cidr[] {
  return subnets.flatMap(({ cidr }) => cidr === undefined ? [] : [cidr]);
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
