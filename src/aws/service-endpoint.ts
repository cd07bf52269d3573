import { Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import { attempt } from './attempt';
import { ClusterParts } from './cluster';
import { Diagnostic } from '../core/diagnostic';
import { checkRouteTables, ServiceEndpoint, serviceOf } from '../core/plan/aws-service-endpoint';

/** The service as CDK names it, one of both. */
export interface ServiceSpec {
  readonly byInterface?: ec2.IInterfaceVpcEndpointService;
  readonly byGateway?: ec2.IGatewayVpcEndpointService;
  readonly policyStatements: readonly iam.PolicyStatement[];
}

export interface ServiceEndpointParts {
  readonly endpoint: ec2.VpcEndpoint;
  /** Of an interface endpoint. */
  readonly connections?: ec2.Connections;
  readonly facts: ServiceEndpoint;
  readonly diagnostics: readonly Diagnostic[];
  /** Admits one more group to an interface endpoint, and returns the rule. */
  readonly admit: (group: ec2.ISecurityGroup, description: string) => readonly IConstruct[];
}

/** An endpoint for an AWS service, in place before the nodes that it is for and gone after them. */
export function createServiceEndpoint(scope: Construct, parts: ClusterParts, spec: ServiceSpec): ServiceEndpointParts {
  const found = spec.byGateway ? createGateway(scope, parts, spec.byGateway) : createInterface(scope, parts, spec.byInterface!);
  for (const statement of spec.policyStatements) found.endpoint.addToPolicy(statement);
  parts.beforeNodes.add(scope);
  return found;
}

function createGateway(scope: Construct, { network }: ClusterParts, service: ec2.IGatewayVpcEndpointService): ServiceEndpointParts {
  const unseen = network.nodes.filter((subnet) => attempt(() => subnet.routeTable.routeTableId) === undefined);
  // Synthesis fails on what is said of them; until then the endpoint needs some table.
  const substitute = (subnet: ec2.ISubnet, index: number) =>
    ec2.Subnet.fromSubnetAttributes(scope, `Subnet${index + 1}`, { subnetId: subnet.subnetId, availabilityZone: 'unknown', routeTableId: 'rtb-unknown' });
  const subnets = network.nodes.map((subnet, index) => unseen.includes(subnet) ? substitute(subnet, index) : subnet);
  const endpoint = new ec2.GatewayVpcEndpoint(scope, 'Endpoint', { vpc: network.vpc, service, subnets: [{ subnets }] });
  const names = unseen.map(({ subnetId, node }) => Token.isUnresolved(subnetId) ? node.path : subnetId);
  return { endpoint, facts: factsOf(endpoint), diagnostics: checkRouteTables(scope.node.path, names), admit: () => [] };
}

function createInterface(scope: Construct, { network, groups, eksCluster, clusterName }: ClusterParts, service: ec2.IInterfaceVpcEndpointService): ServiceEndpointParts {
  const securityGroup = new ec2.SecurityGroup(scope, 'SecurityGroup', {
    vpc: network.vpc,
    description: `Endpoint ${scope.node.id} of EKS cluster ${clusterName}`,
    // It answers, and never asks.
    allowAllOutbound: false,
  });
  // As connections would, so that what a user admits once more is one rule still: EC2 refuses a second.
  const admit = (group: ec2.ISecurityGroup, description: string) => {
    const before = new Set(securityGroup.node.children);
    securityGroup.addIngressRule(group, ec2.Port.tcp(service.port), description);
    return securityGroup.node.children.filter((child) => !before.has(child));
  };
  admit(groups.nodes, 'Nodes and pods');
  // Its private DNS name answers the functions that deploy objects as well, and theirs is the group that EKS makes.
  admit(eksCluster.clusterSecurityGroup, 'Functions that deploy Kubernetes objects');
  const endpoint = new ec2.InterfaceVpcEndpoint(scope, 'Endpoint', {
    vpc: network.vpc,
    service,
    subnets: { subnets: onePerZone(network.endpoints) },
    securityGroups: [securityGroup],
    privateDnsEnabled: service.privateDnsDefault ?? true,
    open: false,
  });
  // From the moment that its name answers, whoever asked the public one before is admitted.
  endpoint.node.addDependency(securityGroup);
  return { endpoint, connections: endpoint.connections, facts: factsOf(endpoint), diagnostics: [], admit };
}

/** An interface endpoint has one network interface in a zone. */
function onePerZone(subnets: readonly ec2.ISubnet[]): ec2.ISubnet[] {
  const zone = (subnet: ec2.ISubnet) => attempt(() => subnet.availabilityZone) ?? subnet.subnetId;
  return [...new Map([...subnets].reverse().map((subnet) => [zone(subnet), subnet])).values()].reverse();
}

function factsOf(endpoint: ec2.VpcEndpoint): ServiceEndpoint {
  return describe(endpoint.node.defaultChild as ec2.CfnVPCEndpoint, endpoint.node.scope!.node.path);
}

function describe(resource: ec2.CfnVPCEndpoint, origin: string): ServiceEndpoint {
  return { origin, service: serviceOf(nameOf(resource)), kind: resource.vpcEndpointType === 'Interface' ? 'interface' : 'gateway' };
}

/** With one word for a region that is a token; a name that is otherwise unknown is no name. */
function nameOf(resource: ec2.CfnVPCEndpoint): string {
  const name = Stack.of(resource).resolve(resource.serviceName);
  const parts: unknown[] = typeof name === 'string' ? [name] : name?.['Fn::Join']?.[0] === '' ? name['Fn::Join'][1] : [name];
  return parts.map((part) => typeof part === 'string' ? part : (part as any)?.Ref === 'AWS::Region' ? 'REGION' : ' ').join('');
}
