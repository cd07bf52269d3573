import { Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import { attempt } from './attempt';
import { ClusterParts } from './cluster';
import { Diagnostic } from '../core/diagnostic';
import { checkAdopted, checkRouteTables, ServiceEndpoint, serviceOf } from '../core/plan/aws-service-endpoint';
import { EndpointCaller, SERVICES_OF_FUNCTIONS } from '../core/plan/isolated';

/** The service as CDK names it, one of both. */
export interface ServiceSpec {
  readonly byInterface?: ec2.IInterfaceVpcEndpointService;
  readonly byGateway?: ec2.IGatewayVpcEndpointService;
  readonly policyStatements: readonly iam.PolicyStatement[];
  /** One that the VPC has already: nothing is made but rules of its groups. */
  readonly existing?: ec2.IVpcEndpoint;
  /** Whose groups an interface endpoint admits. Default: nodes, and the functions that deploy objects. */
  readonly callers?: readonly EndpointCaller[];
}

export interface ServiceEndpointParts {
  readonly endpoint: ec2.IVpcEndpoint;
  /** Of an interface endpoint. */
  readonly connections?: ec2.Connections;
  readonly facts: ServiceEndpoint;
  /** Whether it has a policy of its own. */
  readonly policed: boolean;
  readonly diagnostics: readonly Diagnostic[];
  /** Admits one more group to an interface endpoint, and returns the rule. */
  readonly admit: (group: ec2.ISecurityGroup, description: string) => readonly IConstruct[];
}

/** An endpoint for an AWS service, in place before the nodes that it is for and gone after them. */
export function createServiceEndpoint(scope: Construct, parts: ClusterParts, given: ServiceSpec): ServiceEndpointParts {
  const { name } = (given.byInterface ?? given.byGateway)!;
  const spec = { ...given, existing: given.existing ?? s3GatewayOf(scope, parts, given), callers: given.callers ?? defaultCallers(parts, serviceOf(nameIn(scope, name))) };
  const found = spec.existing ? adopt(scope, parts, spec, spec.existing)
    : spec.byGateway ? createGateway(scope, parts, spec.byGateway) : createInterface(scope, parts, spec.byInterface!, spec.callers);
  if (!given.existing) for (const statement of spec.policyStatements) (found.endpoint as ec2.VpcEndpoint).addToPolicy(statement);
  parts.beforeNodes.add(scope);
  return { ...found, policed: spec.policyStatements.length > 0 };
}

type Found = Omit<ServiceEndpointParts, 'policed'>;

/** A VPC without a way out has one, whose policy is added to: EC2 refuses a second. */
function s3GatewayOf(scope: Construct, { network: { s3Gateway } }: ClusterParts, { byGateway }: ServiceSpec): ec2.GatewayVpcEndpoint | undefined {
  return byGateway && serviceOf(nameIn(scope, byGateway.name)) === 's3' ? s3Gateway : undefined;
}

/** Its policy, its subnets and its name are somebody else's; who may ask it is said in rules of this stack. */
function adopt(scope: Construct, parts: ClusterParts, { byInterface, byGateway, policyStatements, callers = DEFAULT_CALLERS }: ServiceSpec, existing: ec2.IVpcEndpoint): Found {
  const groups = (existing as Partial<ec2.IInterfaceVpcEndpoint>).connections?.securityGroups ?? [];
  const { port = 443 } = byInterface ?? {};
  const admit = (group: ec2.ISecurityGroup, description: string) => admitTo(scope, groups[0]?.securityGroupId, group, port, description);
  for (const { group, description } of callersOf(parts, callers)) admit(group, description);
  const kind = byGateway ? 'gateway' as const : 'interface' as const;
  return {
    endpoint: existing,
    ...byInterface && { connections: new ec2.Connections({ securityGroups: groups, defaultPort: ec2.Port.tcp(port) }) },
    facts: {
      origin: scope.node.path, service: serviceOf(nameIn(scope, (byInterface ?? byGateway)!.name)), kind,
      given: Token.isUnresolved(existing.vpcEndpointId) ? existing.node.path : existing.vpcEndpointId,
    },
    diagnostics: checkAdopted(scope.node.path, { kind, knowsGroups: groups.length > 0, statements: existing === parts.network.s3Gateway ? 0 : policyStatements.length }),
    admit,
  };
}

/** A rule of a group that stays somebody else's. */
export function admitTo(scope: Construct, groupId: string | undefined, source: ec2.ISecurityGroup, port: number, description: string): readonly IConstruct[] {
  const id = `From${source.node.path.split('/').slice(-2).join('')}`.replace(/[^A-Za-z0-9]/g, '');
  if (groupId === undefined || scope.node.tryFindChild(id)) return [];
  return [new ec2.CfnSecurityGroupIngress(scope, id, { groupId, sourceSecurityGroupId: source.securityGroupId, ipProtocol: 'tcp', fromPort: port, toPort: port, description })];
}

/** What a rule for a bastion says. */
export const SESSIONS = 'Sessions of a bastion';

const DEFAULT_CALLERS: readonly EndpointCaller[] = ['nodes', 'functions'];

/** Where there is another way, the private name takes it from the functions too, whatever the service is for; where there is none, it is known what they call. */
function defaultCallers({ isolated }: ClusterParts, service: string | undefined): readonly EndpointCaller[] {
  return isolated && service !== undefined && !SERVICES_OF_FUNCTIONS.includes(service) ? ['nodes'] : DEFAULT_CALLERS;
}

/** The groups of those who call, and what rules say of them. */
export function callersOf(
  { groups, eksCluster }: ClusterParts, callers: readonly EndpointCaller[], bastions: readonly ec2.ISecurityGroup[] = [],
): { readonly group: ec2.ISecurityGroup; readonly description: string }[] {
  return [
    ...callers.includes('nodes') ? [{ group: groups.nodes, description: 'Nodes and pods' }] : [],
    // Its private DNS name answers the functions that deploy objects as well, and theirs is the group that EKS makes.
    ...callers.includes('functions') ? [{ group: eksCluster.clusterSecurityGroup, description: 'Functions that deploy Kubernetes objects' }] : [],
    ...callers.includes('bastions') ? bastions.map((group) => ({ group, description: SESSIONS })) : [],
  ];
}

function createGateway(scope: Construct, { network }: ClusterParts, service: ec2.IGatewayVpcEndpointService): Found {
  const unseen = network.nodes.filter((subnet) => attempt(() => subnet.routeTable.routeTableId) === undefined);
  // Synthesis fails on what is said of them; until then the endpoint needs some table.
  const substitute = (subnet: ec2.ISubnet, index: number) =>
    ec2.Subnet.fromSubnetAttributes(scope, `Subnet${index + 1}`, { subnetId: subnet.subnetId, availabilityZone: 'unknown', routeTableId: 'rtb-unknown' });
  const subnets = network.nodes.map((subnet, index) => unseen.includes(subnet) ? substitute(subnet, index) : subnet);
  const endpoint = new ec2.GatewayVpcEndpoint(scope, 'Endpoint', { vpc: network.vpc, service, subnets: [{ subnets }] });
  const names = unseen.map(({ subnetId, node }) => Token.isUnresolved(subnetId) ? node.path : subnetId);
  return { endpoint, facts: factsOf(endpoint), diagnostics: checkRouteTables(scope.node.path, names), admit: () => [] };
}

function createInterface(scope: Construct, parts: ClusterParts, service: ec2.IInterfaceVpcEndpointService, callers = DEFAULT_CALLERS): Found {
  const { network, clusterName } = parts;
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
  for (const { group, description } of callersOf(parts, callers)) admit(group, description);
  const endpoint = new ec2.InterfaceVpcEndpoint(scope, 'Endpoint', {
    vpc: network.vpc,
    service,
    subnets: { subnets: onePerZone(network.endpoints) },
    securityGroups: [securityGroup],
    privateDnsEnabled: service.privateDnsDefault ?? true,
    // Beside a gateway endpoint, EC2 has to be told that the name is for whoever is in the VPC. https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html#private-dns-names
    ...serviceOf(nameIn(scope, service.name)) === 's3' && { privateDnsOnlyForInboundResolverEndpoint: ec2.VpcEndpointPrivateDnsOnlyForInboundResolverEndpoint.ALL_RESOLVERS },
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
  return { origin, service: serviceOf(nameIn(resource, resource.serviceName)), kind: resource.vpcEndpointType === 'Interface' ? 'interface' : 'gateway' };
}

/** With one word for a region that is a token; a name that is otherwise unknown is no name. */
function nameIn(scope: IConstruct, serviceName: string | undefined): string {
  const name = Stack.of(scope).resolve(serviceName);
  const parts: unknown[] = typeof name === 'string' ? [name] : name?.['Fn::Join']?.[0] === '' ? name['Fn::Join'][1] : [name];
  return parts.map((part) => typeof part === 'string' ? part : (part as any)?.Ref === 'AWS::Region' ? 'REGION' : ' ').join('');
}
