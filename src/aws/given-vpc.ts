import { Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { attempt } from './attempt';
import { ClusterParts } from './cluster';
import { nameOf } from './names';
import { ClusterVpc } from './vpc';
import { GivenSubnet, GivenVpc } from '../core/plan/given-vpc';
import { Cidr } from '../core/policy/policy';

export interface SubnetSelections {
  /** Default: the subnets of nodes. */
  readonly controlPlane?: ec2.SubnetSelection;
  /** Default: private subnets with a way out. */
  readonly nodes?: ec2.SubnetSelection;
  /** Default: the subnets of nodes. */
  readonly pods?: ec2.SubnetSelection;
  /** Default: the subnets of nodes. */
  readonly loadBalancers?: ec2.SubnetSelection;
  /** Default: the subnets of nodes. */
  readonly endpoints?: ec2.SubnetSelection;
}

/** A given VPC as the plan sees it and as constructs use it. Nothing of the VPC is changed. */
export function readGivenVpc(scope: Construct, vpc: ec2.IVpc, selections: SubnetSelections = {}, isolated = false): { facts: GivenVpc; network: ClusterVpc } {
  const unselected: { member: string; reason: string }[] = [];
  const select = (member: string, selection: ec2.SubnetSelection): readonly ec2.ISubnet[] => {
    let reason = 'the selection is empty';
    try {
      const { subnets } = vpc.selectSubnets(selection);
      if (subnets.length > 0) return subnets;
    } catch (error) {
      reason = (error as Error).message;
    }
    unselected.push({ member, reason });
    return [];
  };
  const nodes = select('nodes', selections.nodes ?? { subnetType: isolated ? ec2.SubnetType.PRIVATE_ISOLATED : ec2.SubnetType.PRIVATE_WITH_EGRESS });
  const pods = selections.pods && select('pods', selections.pods);
  const orNodes = (member: 'controlPlane' | 'loadBalancers' | 'endpoints') => {
    const selection = selections[member];
    return selection ? select(member, selection) : nodes;
  };
  const [controlPlane, loadBalancers, endpoints] = [orNodes('controlPlane'), orNodes('loadBalancers'), orNodes('endpoints')];
  // A pending look-up makes ranges up: they are not known.
  const pending = vpc.selectSubnets({ subnets: [] }).isPendingLookup === true;
  const describe = (subnets: readonly ec2.ISubnet[]) => subnets.map((subnet) => ({ ...describeSubnet(vpc, subnet), ...pending && { cidr: undefined } }));
  // What follows needs some subnet even where synthesis will fail on what is said above.
  const substitute = nodes.length > 0 ? nodes : [placeholder(scope)];
  const orSubstitute = (subnets: readonly ec2.ISubnet[]) => subnets.length > 0 ? subnets : substitute;
  return {
    facts: {
      name: nameOf(vpc.vpcId, vpc.node.path),
      pending,
      cidr: pending ? undefined : rangeOf(vpc),
      secondaryCidrs: secondaryRangesOf(vpc),
      dns: vpc instanceof ec2.Vpc ? vpc.dnsSupportEnabled && vpc.dnsHostnamesEnabled : undefined,
      controlPlane: describe(controlPlane),
      nodes: describe(nodes),
      pods: pods && describe(pods),
      loadBalancers: describe(loadBalancers),
      endpoints: describe(endpoints),
      unselected,
    },
    network: {
      vpc,
      controlPlane: orSubstitute(controlPlane),
      nodes: substitute,
      pods: pods && orSubstitute(pods),
      loadBalancers: orSubstitute(loadBalancers),
      endpoints: orSubstitute(endpoints),
    },
  };
}

function describeSubnet(vpc: ec2.IVpc, subnet: ec2.ISubnet): GivenSubnet {
  const isOneOf = (subnets: readonly ec2.ISubnet[]) => subnets.some(({ subnetId }) => subnetId === subnet.subnetId);
  const name = nameOf(subnet.subnetId, subnet.node.path);
  const zone = attempt(() => subnet.availabilityZone);
  const isZoneToken = Token.isUnresolved(zone);
  return {
    name,
    // The same zone may be spelled by two tokens.
    zone: isZoneToken ? JSON.stringify(Stack.of(subnet).resolve(zone)) : zone,
    isZoneToken,
    cidr: cidrOf(() => subnet.ipv4CidrBlock, name),
    kind: isOneOf(vpc.publicSubnets) ? 'public' : isOneOf(vpc.privateSubnets) ? 'private' : isOneOf(vpc.isolatedSubnets) ? 'isolated' : undefined,
    isOwn: subnet.node.tryFindChild('Subnet') instanceof ec2.CfnSubnet,
  };
}

/** Ranges that the app itself adds to a VPC that it makes; imported ones do not know of any, nor of those that IPAM gives. */
function secondaryRangesOf(vpc: ec2.IVpc): Cidr[] | undefined {
  if (!(vpc instanceof ec2.Vpc)) return undefined;
  const added = vpc.node.root.node.findAll().filter((construct): construct is ec2.CfnVPCCidrBlock =>
    construct instanceof ec2.CfnVPCCidrBlock && construct.vpcId === vpc.vpcId && !construct.amazonProvidedIpv6CidrBlock && construct.ipv6CidrBlock === undefined);
  const ranges = added.flatMap((block) => cidrOf(() => block.cidrBlock!, block.node.path) ?? []);
  return ranges.length === added.length ? ranges : undefined;
}

function rangeOf(vpc: ec2.IVpc): Cidr | undefined {
  // The L2 answers with an attribute even for a literal.
  const literal = vpc instanceof ec2.Vpc ? (vpc.node.defaultChild as ec2.CfnVPC).cidrBlock : undefined;
  return cidrOf(() => literal ?? vpc.vpcCidrBlock, nameOf(vpc.vpcId, vpc.node.path));
}

function cidrOf(read: () => string, of: string): Cidr | undefined {
  const cidr = attempt(read);
  if (cidr === undefined) return undefined;
  return Token.isUnresolved(cidr) ? { opaque: `the range of ${of}`, token: cidr } : cidr;
}

function placeholder(scope: Construct): ec2.ISubnet {
  return ec2.Subnet.fromSubnetAttributes(scope, 'NoSubnet', { subnetId: 'subnet-none', availabilityZone: 'none', routeTableId: 'rtb-none' });
}

/** What nodes are told about the subnets of their pods. A subnet of unknown zone, reported elsewhere, is left out. */
export function podSubnetsOf({ network: { pods }, groups }: ClusterParts): { zone: string; subnetId: string; securityGroupIds: string[] }[] | undefined {
  return pods?.flatMap((subnet) => {
    const zone = attempt(() => subnet.availabilityZone);
    return zone === undefined ? [] : [{ zone, subnetId: subnet.subnetId, securityGroupIds: [groups.nodes.securityGroupId] }];
  });
}
