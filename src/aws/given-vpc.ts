import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { attempt } from './attempt';
import { ClusterVpc } from './vpc';
import { GivenSubnet, GivenVpc } from '../core/plan/given-vpc';
import { Cidr } from '../core/policy/policy';

export interface SubnetSelections {
  /** Default: the subnets of nodes. */
  readonly controlPlane?: ec2.SubnetSelection;
  /** Default: private subnets with a way out. */
  readonly nodes?: ec2.SubnetSelection;
  /** Default: the subnets of nodes. */
  readonly loadBalancers?: ec2.SubnetSelection;
  /** Default: the subnets of nodes. */
  readonly endpoints?: ec2.SubnetSelection;
}

/** A given VPC as the plan sees it and as constructs use it. Nothing of the VPC is changed. */
export function readGivenVpc(scope: Construct, vpc: ec2.IVpc, selections: SubnetSelections = {}): { facts: GivenVpc; network: ClusterVpc } {
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
  const nodes = select('nodes', selections.nodes ?? { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS });
  const orNodes = (member: Exclude<keyof SubnetSelections, 'nodes'>) => {
    const selection = selections[member];
    return selection ? select(member, selection) : nodes;
  };
  const [controlPlane, loadBalancers, endpoints] = [orNodes('controlPlane'), orNodes('loadBalancers'), orNodes('endpoints')];
  const describe = (subnets: readonly ec2.ISubnet[]) => subnets.map((subnet) => describeSubnet(vpc, subnet));
  // What follows needs some subnet even where synthesis will fail on what is said above.
  const substitute = nodes.length > 0 ? nodes : [placeholder(scope)];
  const orSubstitute = (subnets: readonly ec2.ISubnet[]) => subnets.length > 0 ? subnets : substitute;
  return {
    facts: {
      name: nameOf(vpc.vpcId, vpc.node.path),
      pending: vpc.selectSubnets({ subnets: [] }).isPendingLookup === true,
      cidr: rangeOf(vpc),
      dns: vpc instanceof ec2.Vpc ? vpc.dnsSupportEnabled && vpc.dnsHostnamesEnabled : undefined,
      controlPlane: describe(controlPlane),
      nodes: describe(nodes),
      loadBalancers: describe(loadBalancers),
      endpoints: describe(endpoints),
      unselected,
    },
    network: {
      vpc,
      controlPlane: orSubstitute(controlPlane),
      nodes: substitute,
      loadBalancers: orSubstitute(loadBalancers),
      endpoints: orSubstitute(endpoints),
    },
  };
}

function describeSubnet(vpc: ec2.IVpc, subnet: ec2.ISubnet): GivenSubnet {
  const isOneOf = (subnets: readonly ec2.ISubnet[]) => subnets.some(({ subnetId }) => subnetId === subnet.subnetId);
  const isPrivate = isOneOf(vpc.privateSubnets) || isOneOf(vpc.isolatedSubnets);
  const name = nameOf(subnet.subnetId, subnet.node.path);
  return {
    name,
    zone: attempt(() => subnet.availabilityZone),
    cidr: cidrOf(() => subnet.ipv4CidrBlock, name),
    isPublic: isOneOf(vpc.publicSubnets) ? true : isPrivate ? false : undefined,
  };
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

function nameOf(id: string, path: string): string {
  return Token.isUnresolved(id) ? path : id;
}

function placeholder(scope: Construct): ec2.ISubnet {
  return ec2.Subnet.fromSubnetAttributes(scope, 'NoSubnet', { subnetId: 'subnet-none', availabilityZone: 'none' });
}
