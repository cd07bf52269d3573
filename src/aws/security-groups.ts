import { Tags } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { RuledSecurityGroup } from './ruled-security-group';

/** TCP ports, one or a range. */
export interface TcpPorts {
  readonly from: number;
  /** Default: `from`. */
  readonly to?: number;
}

/** The groups of a cluster. The one that EKS makes for itself is left to the control plane and the kubectl functions. */
export interface SecurityGroups {
  readonly nodes: RuledSecurityGroup;
  readonly controlPlane: RuledSecurityGroup;
  /** Holds every rule between the two: nodes come after it and go before it. */
  readonly rules: Construct;
  /** The group of nodes, and so of pods. */
  readonly nodeConnections: ec2.Connections;
  /** The endpoint inside the VPC, port 443. */
  readonly apiConnections: ec2.Connections;
}

export interface SecurityGroupsOptions {
  readonly vpc: ec2.IVpc;
  readonly clusterName: string;
  /** Who reaches the private endpoint besides nodes and pods. */
  readonly privateSources: readonly ec2.IPeer[];
}

/** https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html, and Calico's API server. */
const FROM_CONTROL_PLANE: Readonly<Record<number, string>> = {
  10250: 'kubelet: logs, exec, metrics',
  5443: 'Calico API server',
  10251: 'metrics-server add-on',
};

export const CONTROL_PLANE_PORTS = Object.keys(FROM_CONTROL_PLANE).map(Number);

export const HTTPS = 443;

/** Of instances, and of the one group of their interfaces. https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html */
export function clusterTag(clusterName: string): string {
  return `kubernetes.io/cluster/${clusterName}`;
}

/**
 * Who talks to whom at the level of network interfaces. Pods share their node's interfaces: between pods Calico decides,
 * and a narrower rule among nodes would only cut traffic that its policies allow.
 */
export function createSecurityGroups(scope: Construct, options: SecurityGroupsOptions): SecurityGroups {
  const { vpc, clusterName } = options;
  const nodes = new RuledSecurityGroup(scope, 'NodeSecurityGroup', {
    vpc,
    description: `Nodes and pods of EKS cluster ${clusterName}`,
    // Images, AWS APIs, and whatever a policy lets a pod reach: egress is decided per pod, not per node.
    allowAllOutbound: true,
  });
  // Load balancers' rules go to the one group of an interface that has this tag.
  Tags.of(nodes).add(clusterTag(clusterName), 'owned', { includeResourceTypes: ['AWS::EC2::SecurityGroup'] });
  const controlPlane = new RuledSecurityGroup(scope, 'ControlPlaneSecurityGroup', {
    vpc,
    description: `API endpoint of EKS cluster ${clusterName}`,
    allowAllOutbound: false,
  });
  for (const peer of options.privateSources) controlPlane.addIngressRule(peer, ec2.Port.tcp(HTTPS), 'Private source of the API endpoint');

  const rules = new Construct(scope, 'SecurityGroupRules');
  nodes.admit(rules, 'NodesToNodes', nodes, ec2.Port.allTraffic(), 'Between nodes and pods; policies decide between pods');
  controlPlane.admit(rules, 'NodesToApi', nodes, ec2.Port.tcp(HTTPS), 'Nodes and pods to the API endpoint');
  // What may arrive is said once, at the nodes.
  new ec2.CfnSecurityGroupEgress(rules, 'ControlPlaneToNodes', {
    groupId: controlPlane.securityGroupId,
    destinationSecurityGroupId: nodes.securityGroupId,
    ipProtocol: 'tcp',
    fromPort: 0,
    toPort: 65535,
    description: 'To nodes; their group decides which ports',
  });
  const groups: SecurityGroups = {
    nodes,
    controlPlane,
    rules,
    nodeConnections: nodes.connections,
    apiConnections: new ec2.Connections({ securityGroups: [controlPlane], defaultPort: ec2.Port.tcp(HTTPS) }),
  };
  for (const [port, description] of Object.entries(FROM_CONTROL_PLANE)) allowFromControlPlane(groups, { from: Number(port) }, description);
  return groups;
}

/** Lets the control plane reach nodes and pods on these ports: webhooks, aggregated APIs. Twice the same is once. */
export function allowFromControlPlane(groups: SecurityGroups, ports: TcpPorts, description: string): void {
  const { from, to = from } = ports;
  const id = `ControlPlaneToNodesTcp${from}${to === from ? '' : `To${to}`}`;
  if (groups.rules.node.tryFindChild(id)) return;
  groups.nodes.admit(groups.rules, id, groups.controlPlane, to === from ? ec2.Port.tcp(from) : ec2.Port.tcpRange(from, to), description);
}
