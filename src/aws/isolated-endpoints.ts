import { Fn, Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import { ClusterParts } from './cluster';
import { admitTo, callersOf, createServiceEndpoint, ServiceEndpointParts, SESSIONS } from './service-endpoint';
import { Diagnostic } from '../core/diagnostic';
import { ServiceEndpoint } from '../core/plan/aws-service-endpoint';
import { EndpointCaller, EndpointNeed, IsolatedRequest, planIsolated } from '../core/plan/isolated';
import { S3Access, s3AccessOfClusters } from '../core/plan/s3-access';

/** What stands in the VPC already. */
export interface PresentEndpoints {
  /** Those that were added to the cluster. */
  readonly added: readonly ServiceEndpointParts[];
  /** Those that the app makes beside it. */
  readonly adoptable: readonly { readonly service?: string; readonly kind: ServiceEndpoint['kind']; readonly resource: ec2.CfnVPCEndpoint }[];
  readonly bastions: readonly ec2.ISecurityGroup[];
}

export interface IsolatedEndpoints {
  readonly needs: readonly EndpointNeed[];
  /** Ids of the security groups of who calls. */
  readonly groups: Readonly<Record<EndpointCaller, readonly string[]>>;
  /** Those whose policies got what the cluster needs. */
  readonly narrowed: readonly ec2.VpcEndpoint[];
  readonly facts: readonly ServiceEndpoint[];
  /** What custom resources and nodes wait for. */
  readonly made: readonly IConstruct[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Makes each endpoint that is needed and not there, lets its callers in, and narrows what S3 is for. */
export function createIsolatedEndpoints(scope: Construct, parts: ClusterParts, request: IsolatedRequest, present: PresentEndpoints): IsolatedEndpoints {
  const { needs, diagnostics } = planIsolated(request);
  const access = s3AccessOfClusters(request.assetBuckets);
  const open = present.added.filter(({ facts, policed }) => facts.service === 's3' && facts.kind === 'gateway' && facts.given === undefined && !policed).map(({ endpoint }) => endpoint as ec2.VpcEndpoint);
  const narrowed = letClusterUseS3([...parts.network.s3Gateway ? [parts.network.s3Gateway] : [], ...open], request.assetBuckets);
  const made = needs.map((need) => provide(scope, parts, need, access, present));
  const { groups, eksCluster } = parts;
  return {
    needs,
    narrowed,
    groups: { nodes: [groups.nodes.securityGroupId], functions: [eksCluster.clusterSecurityGroupId], bastions: present.bastions.map(({ securityGroupId }) => securityGroupId) },
    facts: made.flatMap(({ facts }) => facts),
    made: [...made.flatMap((each) => each.made), ...parts.network.s3Gateway ? [parts.network.s3Gateway] : []],
    diagnostics: [...diagnostics, ...made.flatMap((each) => each.diagnostics)],
  };
}

type Provided = Pick<IsolatedEndpoints, 'facts' | 'made' | 'diagnostics'>;

function provide(scope: Construct, parts: ClusterParts, { service, kind, callers }: EndpointNeed, access: readonly S3Access[], present: PresentEndpoints): Provided {
  const own = present.added.find(({ facts }) => facts.service === service && facts.kind === kind);
  if (own || kind === 'gateway' && parts.network.s3Gateway) return NOTHING;
  const given = present.adoptable.find((each) => each.service === service && each.kind === kind);
  const room = new Construct(scope, idOf(service));
  if (given) {
    const rules = callersOf(parts, callers, present.bastions).flatMap(({ group, description }) => admitTo(room, given.resource.securityGroupIds?.[0], group, HTTPS, description));
    room.node.addDependency(given.resource);
    parts.beforeNodes.add(room);
    return { facts: [], made: [given.resource, ...rules], diagnostics: [] };
  }
  const made = createServiceEndpoint(room, parts, {
    ...kind === 'gateway' ? { byGateway: ec2.GatewayVpcEndpointAwsService.S3 } : { byInterface: new ec2.InterfaceVpcEndpointAwsService(service) },
    policyStatements: kind === 'gateway' ? statementsOf(scope, access) : [],
    callers,
  });
  for (const group of callers.includes('bastions') ? present.bastions : []) made.admit(group, SESSIONS);
  return { facts: [made.facts], made: [room], diagnostics: made.diagnostics };
}

const NOTHING: Provided = { facts: [], made: [], diagnostics: [] };
const HTTPS = 443;

/** `EcrApi`: from the name of the service alone. */
function idOf(service: string): string {
  return service.split(/[.-]/).map((word) => word[0].toUpperCase() + word.slice(1)).join('');
}

/** Who asks S3 from the VPC is answered by any endpoint for it, so that one with a policy has to let through what the cluster needs. */
export function letClusterUseS3(endpoints: readonly ec2.VpcEndpoint[], assetBuckets: readonly string[]): readonly ec2.VpcEndpoint[] {
  for (const endpoint of endpoints) for (const statement of statementsOf(endpoint, s3AccessOfClusters(assetBuckets))) endpoint.addToPolicy(statement);
  return endpoints;
}

/** Those for S3 that were added to a cluster, are its own, and have a policy. */
export function policedS3(added: readonly ServiceEndpointParts[]): ec2.VpcEndpoint[] {
  return added.filter(({ facts, policed }) => facts.service === 's3' && facts.given === undefined && policed).map(({ endpoint }) => endpoint as ec2.VpcEndpoint);
}

function statementsOf(scope: IConstruct, access: readonly S3Access[]): iam.PolicyStatement[] {
  const { partition, region, account } = Stack.of(scope);
  const regionWord = Token.isUnresolved(region) ? Fn.join('', Fn.split('-', region)) : region.replace(/-/g, '');
  const known: Record<string, string> = { '{region}': region, '{regionWord}': regionWord, '${AWS::Region}': region, '${AWS::AccountId}': account, '${AWS::Partition}': partition };
  const fill = (text: string) => text.replace(/\$?\{[A-Za-z:]+\}/g, (name) => known[name] ?? name);
  return access.map(({ sid, actions, buckets }) => new iam.PolicyStatement({
    sid, principals: [new iam.AnyPrincipal()], actions: [...actions], resources: buckets.map((bucket) => `arn:${partition}:s3:::${fill(bucket)}/*`),
  }));
}
