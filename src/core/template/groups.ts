import { isOn } from './access';
import { coversAll, coversPort, groupKey, GroupRule, portsOf, rulesOf } from './group-rules';
import { canonical, listOf, possibleIn, Template, TemplateResource } from './resource';
import { at, finding, Finding, TemplateView, unknown } from './view';
import { CidrSet, parseCidr } from '../sets/cidr-set';
import { PUBLIC_ADDRESSES } from '../sets/special-ranges';

/** What a group guards, and so what its rules may be. */
type Guarded = 'api' | 'nodes' | 'endpoint';

const WORDS: Record<Guarded, string> = { api: 'the API endpoint', nodes: 'nodes and pods', endpoint: 'an interface endpoint of an AWS service' };
const HTTPS = 443;
const KUBELET = [10250, 10255];
/** SSH and RDP. */
const SHELL = [22, 3389];
/** More addresses than the largest VPC range has name nobody. https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html */
const MOST_ADDRESSES = 1n << 16n;

/** Who reaches the endpoint, the nodes and the services' endpoints, by every rule of their groups anywhere in the app. */
export function checkGroups(view: TemplateView, cluster: TemplateResource): Finding[] {
  const groups = guardedGroups(view, cluster);
  const friends = [...groups].filter(([, guarded]) => guarded !== 'endpoint').map(([key]) => key);
  return [...groups].flatMap(([key, guarded]) => {
    const decided = new Set((['Ingress', 'Egress'] as const).flatMap((direction) => rulesOf(view.decided, key, direction)).map(ruleKey));
    const all = rulesOf(view.final, key, 'Ingress');
    const added = all.filter((rule) => !decided.has(ruleKey(rule)));
    const found = added.flatMap((rule) => rule.unseen !== undefined ? [unknown(rule.resource, rule.property, rule.unseen, `it says who reaches ${WORDS[guarded]}`)] : [...checkSource(view.final, rule, guarded), ...rule.group !== undefined && friends.includes(rule.group) ? [] : checkPorts(rule, guarded)]);
    const egress = guarded === 'api' ? rulesOf(view.final, key, 'Egress').filter((rule) => !decided.has(ruleKey(rule)) && !isNoEgress(rule)) : [];
    const opened = egressOpened(view, key);
    return [...found, ...opened, ...found.some(({ code }) => code === 'groupOpenToWorld') ? [] : checkUnion(all, added, guarded), ...egress.map(controlPlaneEgress)];
  });
}

/** The groups of the cluster, by key. */
export function guardedGroups({ final, nodeGroup }: Pick<TemplateView, 'final' | 'nodeGroup'>, cluster: TemplateResource): Map<string, Guarded> {
  const nodegroups = final.ofType('AWS::EKS::Nodegroup').filter(({ properties }) => isOn(cluster, properties.ClusterName));
  const templates = nodegroups.flatMap(({ properties }) => final.target(at(properties, 'LaunchTemplate.Id')) ?? []);
  const ownVpc = new Set(listOf(at(cluster.properties, 'ResourcesVpcConfig.SubnetIds')).map((id) => groupKey(final.target(id)?.properties.VpcId)));
  const endpoints = final.ofType('AWS::EC2::VPCEndpoint').filter(({ properties }) => ownVpc.has(groupKey(properties.VpcId)));
  return new Map([
    ...endpoints.flatMap(({ properties }) => listOf(properties.SecurityGroupIds)).map((id): [string, Guarded] => [groupKey(id), 'endpoint']),
    [nodeGroup, 'nodes'],
    ...templates.flatMap(groupsOfTemplate).map((id): [string, Guarded] => [groupKey(id), 'nodes']),
    ...listOf(at(cluster.properties, 'ResourcesVpcConfig.SecurityGroupIds')).map((id): [string, Guarded] => [groupKey(id), 'api']),
    [clusterGroupKey(cluster), 'api'],
  ]);
}

export function hasClusterTag({ properties }: TemplateResource): boolean {
  return listOf(properties.Tags).some(({ Key }) => canonical(Key).includes('kubernetes.io/cluster/'));
}

/** A group that says nothing of what it lets out lets everything out. */
function egressOpened({ final, decided }: TemplateView, key: string): Finding[] {
  const [before, now] = [decided.get(key), final.get(key)];
  if (!before || !now || before.properties.SecurityGroupEgress === undefined || now.properties.SecurityGroupEgress !== undefined) return [];
  return [finding(now, 'SecurityGroupEgress', undefined, { code: 'controlPlaneEgress', acknowledgeable: true, rule: 'EC2 lets everything out of a group that says nothing', fix: 'remove what deletes it' })];
}

/** The group that EKS makes, on its own interfaces and those of the functions that deploy objects. */
export function clusterGroupKey({ path }: TemplateResource): string {
  return `${path}.ClusterSecurityGroupId`;
}

export function groupsOfTemplate({ properties }: TemplateResource): any[] {
  const data = properties.LaunchTemplateData;
  return [...possibleIn(data?.SecurityGroupIds), ...possibleIn(data?.NetworkInterfaces).flatMap(({ Groups }) => possibleIn(Groups))];
}

const ruleKey = ({ resource, property, text }: GroupRule): string => `${resource.path} ${property} ${text}`;

function checkSource(final: Template, rule: GroupRule, guarded: Guarded): Finding[] {
  const { resource, property, cidr, prefixList } = rule;
  if (prefixList !== undefined) return [unknown(resource, property, prefixList, `it says who reaches ${WORDS[guarded]} on ${portsOf(rule)}`)];
  if (cidr === undefined) return [];
  if (typeof cidr !== 'string') return final.target(cidr)?.type === 'AWS::EC2::VPC' ? [] : [unknown(resource, property, cidr, `it says who reaches ${WORDS[guarded]} on ${portsOf(rule)}`)];
  const parsed = parseCidr(cidr);
  const say = (code: string, what: string, more: Partial<Finding> = {}) =>
    [finding(resource, property, cidr, { code, rule: `${what} would reach ${WORDS[guarded]} on ${portsOf(rule)}`, fix: 'name the groups or ranges that need it', ...more })];
  if (!parsed) return [finding(resource, property, cidr, { code: 'groupSourceInvalid', rule: 'it is no CIDR', fix: 'write an address and a prefix length' })];
  if (isWorld(parsed.set)) return say('groupOpenToWorld', 'at least half of all addresses');
  if (parsed.set.overlaps(PUBLIC_ADDRESSES)) return say('groupOpenToPublic', 'public addresses', { acknowledgeable: true });
  return parsed.set.size <= MOST_ADDRESSES || parsed.family === 6 ? [] : say('groupBroad', `${parsed.set.size} addresses`, { severity: 'warning', acknowledgeable: true });
}

/** Many parts of the internet are the internet. */
function checkUnion(all: readonly GroupRule[], added: readonly GroupRule[], guarded: Guarded): Finding[] {
  if (added.length === 0) return [];
  const ranges = all.flatMap(({ cidr }) => typeof cidr === 'string' ? [cidr] : []);
  if (!isWorld(CidrSet.of(...ranges))) return [];
  const { resource, property } = added[0];
  return [finding(resource, property, ranges, { code: 'groupOpenToWorld', rule: `together, at least half of all addresses would reach ${WORDS[guarded]}`, fix: 'name the groups or ranges that need it' })];
}

function isWorld(set: CidrSet): boolean {
  return ([4, 6] as const).some((family) => {
    const all = CidrSet.family(family);
    return set.intersect(all).size * 2n >= all.size || set.intersect(all.intersect(PUBLIC_ADDRESSES)).size * 2n >= all.intersect(PUBLIC_ADDRESSES).size;
  });
}

function checkPorts(rule: GroupRule, guarded: Guarded): Finding[] {
  const say = (code: string, what: string, fix: string) => [finding(rule.resource, rule.property, portsOf(rule), { code, rule: what, fix, acknowledgeable: true })];
  if (guarded === 'api') {
    return rule.protocol === 'tcp' && rule.from === HTTPS && rule.to === HTTPS ? []
      : say('apiGroupPorts', `the API endpoint answers on TCP ${HTTPS} alone`, `open TCP ${HTTPS}, for example by apiConnections`);
  }
  if (guarded === 'endpoint') return [];
  if (coversAll(rule)) return say('groupAllPorts', 'every port of nodes and pods would be open, the kubelet\'s among them', 'name the ports that are needed');
  if (KUBELET.some((port) => coversPort(rule, port))) return say('kubeletOpened', 'the kubelet runs commands in every pod of its node, and only the control plane calls it', 'leave out TCP 10250 and 10255');
  return SHELL.some((port) => coversPort(rule, port)) ? say('shellOpened', 'nodes take no logins', 'use Session Manager, which needs no rule') : [];
}

function controlPlaneEgress(rule: GroupRule): Finding {
  return finding(rule.resource, rule.property, rule.cidr ?? rule.group, {
    code: 'controlPlaneEgress', acknowledgeable: true, rule: 'the control plane opens connections to nodes only', fix: 'remove the rule; webhooks are reached by allowFromControlPlane()',
  });
}

/** What CDK writes for a group without egress, and takes away with the first rule. */
function isNoEgress({ cidr }: GroupRule): boolean {
  return cidr === '255.255.255.255/32';
}
