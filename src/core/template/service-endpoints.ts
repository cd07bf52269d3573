import { groupKey, rulesOf } from './group-rules';
import { isUnknown, listOf, Properties, same, show, targetOf, Template, TemplateResource } from './resource';
import { authored } from './view';
import { Diagnostic } from '../diagnostic';
import { checkServiceEndpoints, ServiceEndpoint, serviceOf } from '../plan/aws-service-endpoint';
import { checkWayToBastions } from '../plan/bastion';
import { EndpointNeed } from '../plan/isolated';

/** An endpoint for an AWS service as CloudFormation gets it. */
export interface ServiceEndpointAsBuilt extends ServiceEndpoint {
  /** Of the resource itself. */
  readonly path: string;
  readonly properties: Properties;
}

/** How the group of nodes is called. */
export const NODES_AND_PODS = 'nodes and pods';

/** What a cluster knows of endpoints. */
export interface KnownEndpoints {
  /** As templates refer to it. */
  readonly vpcId: unknown;
  /** Those that were added to the cluster; each is a construct below its origin. */
  readonly added: readonly ServiceEndpoint[];
  /** Who has a security group, by its key. */
  readonly owners: ReadonlyMap<string, string>;
  /** Subjects of bastions that reach nothing but what is in the VPC. */
  readonly shutBastions: readonly string[];
  /** Of a cluster without a way out: what needs each service. */
  readonly needs?: readonly EndpointNeed[];
}

/** What is wrong with the endpoints of the VPC, a line of the report for each, the services whose endpoints admit pods, and those of them that limit nothing. */
export function judgeServiceEndpoints(
  final: Template, { vpcId, added, owners, shutBastions, needs = [] }: KnownEndpoints,
): { readonly diagnostics: Diagnostic[]; readonly lines: string[]; readonly ofPods: string[]; readonly unlimited: string[] } {
  const built = serviceEndpointsAsBuilt(final, vpcId);
  const others = built.filter(({ origin }) => !added.some((each) => origin.startsWith(`${each.origin}/`)));
  const given = added.filter((each) => each.given !== undefined);
  const reason = (each: ServiceEndpoint) => {
    const { reasons } = needs.find(({ service, kind }) => service === each.service && kind === each.kind) ?? {};
    return reasons ? `; for: ${reasons.join(', ')}` : '';
  };
  const ofPods = built.filter((each) => admitsPods(each, final, owners));
  const servicesOf = (some: readonly ServiceEndpoint[]) => [...new Set(some.map(({ service = 'a service known at deployment' }) => service))].sort();
  return {
    // One that is used where it stands may be in view as well.
    diagnostics: [...checkServiceEndpoints(added.filter((each) => !given.includes(each)), [...others, ...given]), ...checkWayToBastions(shutBastions, [...built, ...given])],
    ofPods: servicesOf(ofPods),
    unlimited: servicesOf(ofPods.filter(({ properties }) => properties.PolicyDocument === undefined)),
    lines: [
      ...built.map((each) => `${describeServiceEndpoint(each, final, owners)}${reason(each)}`),
      ...given.filter(({ given: id }) => !built.some(({ origin }) => origin === id)).map((each) => `${each.service ?? 'a service known at deployment'}: ${each.kind} endpoint ${each.given}, which the VPC has already and which is not in view${reason(each)}`),
    ],
  };
}

/** `sqs`, of an endpoint; undefined where only the deployment knows. */
export function nameOfService({ properties }: Pick<TemplateResource, 'properties'>): string | undefined {
  return serviceOf(textOf(properties.ServiceName));
}

/** Every endpoint of this VPC that the app makes, whoever added it. */
export function serviceEndpointsAsBuilt(final: Template, vpcId: unknown): ServiceEndpointAsBuilt[] {
  return final.ofType('AWS::EC2::VPCEndpoint').filter(({ properties }) => same(properties.VpcId, vpcId)).map(({ path, properties }) => ({
    path,
    origin: authored(path),
    service: nameOfService({ properties }),
    kind: properties.VpcEndpointType === 'Interface' ? 'interface' as const : 'gateway' as const,
    properties,
  })).sort((a, b) => a.origin < b.origin ? -1 : 1);
}

/** For the report: where it is, whom it admits, what its policy lets through. Groups that the cluster knows are said in its words. */
function describeServiceEndpoint({ origin, service = 'a service known at deployment', kind, properties }: ServiceEndpointAsBuilt, final: Template, owners: ReadonlyMap<string, string>): string {
  const places = listOf(kind === 'interface' ? properties.SubnetIds : properties.RouteTableIds).map(nameOf).join(', ') || 'known at deployment';
  const admitted = listOf(properties.SecurityGroupIds).flatMap((group) => admittedBy(group, final, owners));
  return [
    `${service}: ${kind} endpoint ${origin}, ${kind === 'interface' ? 'in' : 'a route in'} ${places}`,
    ...kind === 'gateway' ? [] : [`admits ${[...new Set(admitted)].join(', ') || 'nobody'}`],
    `its policy: ${policyOf(properties.PolicyDocument)}`,
  ].join('; ');
}

/** Whether the network lets pods ask it, whatever their policies say. */
function admitsPods({ kind, properties }: ServiceEndpointAsBuilt, final: Template, owners: ReadonlyMap<string, string>): boolean {
  return kind === 'interface' && listOf(properties.SecurityGroupIds).some((group) => {
    const key = groupKey(group);
    return !final.get(key) || rulesOf(final, key, 'Ingress').some((rule) => rule.group === undefined || owners.get(rule.group) === NODES_AND_PODS);
  });
}

function admittedBy(group: unknown, final: Template, owners: ReadonlyMap<string, string>): string[] {
  const key = groupKey(group);
  if (!final.get(key)) return [`whom security group ${nameOf(group)} admits, which is not in view`];
  return rulesOf(final, key, 'Ingress').map((rule) => rule.group === undefined ? nameOf(rule.cidr ?? rule.prefixList) : owners.get(rule.group) ?? `security group ${authored(rule.group)}`);
}

function policyOf(document: any): string {
  if (document === undefined) return 'everything that IAM allows';
  if (isUnknown(document)) return 'known at deployment';
  const statements = listOf(document.Statement).map(({ Effect: effect, Action: actions, NotAction: otherActions, Resource: resources, NotResource: otherResources, Condition: condition }) => [
    effect,
    otherActions === undefined ? texts(actions) : `all but ${texts(otherActions)}`, 'on',
    otherResources === undefined ? texts(resources) : `all but ${texts(otherResources)}`,
    ...condition === undefined ? [] : ['under conditions'],
  ].join(' '));
  return statements.join(' and ') || 'nothing';
}

const texts = (values: unknown): string => [values ?? []].flat().map(textOf).join(', ') || 'nothing';

/** What the app makes by its path, and anything else by its id. */
export function nameOf(value: unknown): string {
  const target = targetOf(value);
  return target === undefined ? textOf(value) : authored(target).replace(/\/(Subnet|RouteTable)$/, '');
}

/** With words for region and account; what else only the deployment knows is said as it is written. */
function textOf(value: any): string {
  const parts: unknown[] = value?.['Fn::Join']?.[0] === '' ? value['Fn::Join'][1] : [value];
  return parts.map((part: any) => typeof part === 'string' ? part : PSEUDO[part?.Ref] ?? wordOf(part)).join('');
}

function wordOf(part: any): string {
  const [path, attribute] = part?.['Fn::GetAtt'] ?? [];
  if (path !== undefined) return `${authored(path)}.${attribute}`;
  const [separator, text] = part?.['Fn::Split'] ?? [];
  return separator === '-' && text?.Ref === 'AWS::Region' ? 'REGION_WITHOUT_HYPHENS' : show(part);
}

const PSEUDO: Readonly<Record<string, string>> = { 'AWS::Region': 'REGION', 'AWS::AccountId': 'ACCOUNT', 'AWS::Partition': 'PARTITION' };
