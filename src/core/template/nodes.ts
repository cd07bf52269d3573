import { isOn } from './access';
import { groupKey } from './group-rules';
import { guardedGroups, groupsOfTemplate, hasClusterTag } from './groups';
import { booleanOf, listOf, numberOf, possibleIn, same, TemplateResource } from './resource';
import { at, checkSettings, finding, Finding, Setting, TemplateView } from './view';

const absent = (value: unknown) => value === undefined;
const METADATA = 'LaunchTemplateData.MetadataOptions';

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchTemplateInstanceMetadataOptionsRequest.html */
const LAUNCH_TEMPLATE: readonly Setting[] = [
  { property: `${METADATA}.HttpTokens`, holds: (value) => value === 'required', code: 'metadataV1', rule: 'without a token, one forged request reads the credentials of the node', fix: "remove what sets it: 'required'" },
  { property: `${METADATA}.HttpPutResponseHopLimit`, holds: (hops) => numberOf(hops) === 1, code: 'metadataHops', rule: 'pods would reach the instance metadata of their node', fix: 'write metadataHopLimit in addNodegroup(), which tells the checks' },
  { property: `${METADATA}.HttpEndpoint`, holds: (value) => value === undefined || value === 'enabled', code: 'metadataOff', rule: 'nodes join by what instance metadata tells them', fix: 'remove what sets it' },
  { property: `${METADATA}.InstanceMetadataTags`, holds: (value) => value === undefined || value === 'disabled', code: 'metadataTags', severity: 'warning', acknowledgeable: true, rule: 'tags of the instance would be read through metadata', fix: 'remove what sets it' },
  { property: `${METADATA}.HttpProtocolIpv6`, holds: (value) => value === undefined || value === 'disabled', code: 'metadataIpv6', acknowledgeable: true, rule: 'the guardrail knows the metadata service by its IPv4 address', fix: 'remove what sets it' },
  { property: 'LaunchTemplateData.KeyName', holds: absent, code: 'nodeKeyPair', acknowledgeable: true, rule: 'nodes take no logins', fix: 'use Session Manager, which needs no key' },
];

/** What a managed group brings by itself; nodes made elsewhere cannot do without. */
const BROUGHT: readonly Setting[] = [
  { property: 'LaunchTemplateData.UserData', holds: absent, code: 'nodeUserData', severity: 'warning', acknowledgeable: true, rule: 'what it runs on each node is not checked', fix: 'read it and acknowledge it' },
  { property: 'LaunchTemplateData.ImageId', holds: absent, code: 'nodeImage', severity: 'warning', acknowledgeable: true, rule: 'what runs in this image is not checked', fix: 'name an amiType in addNodegroup(), or acknowledge it' },
];

const NODEGROUP: readonly Setting[] = [
  { property: 'RemoteAccess', holds: absent, code: 'nodeRemoteAccess', rule: 'it opens SSH on every node, to everybody where it names no group', fix: 'use Session Manager' },
  { property: 'AmiType', holds: (type) => type !== 'CUSTOM', code: 'nodeImage', severity: 'warning', acknowledgeable: true, rule: 'what runs in the image is not checked', fix: 'name an amiType in addNodegroup(), or acknowledge it' },
];

/** How nodes start: of every launch template in view that a managed group on the cluster has, or that has the group of nodes. */
export function checkNodeTemplates(view: TemplateView, cluster: TemplateResource): Finding[] {
  const nodegroups = view.final.ofType('AWS::EKS::Nodegroup').filter(({ properties }) => isOn(cluster, properties.ClusterName));
  const managed = new Set(nodegroups.flatMap((nodegroup) => templateOf(view, nodegroup) ?? []));
  const groups = guardedGroups(view, cluster);
  const others = view.final.ofType('AWS::EC2::LaunchTemplate').filter((template) => !managed.has(template) && groupsOfTemplate(template).some((id) => groups.get(groupKey(id)) === 'nodes'));
  return [
    ...[...managed].flatMap((template) => [...checkSettings(view, template, BROUGHT), ...checkTemplate(view, template)]), ...others.flatMap((template) => checkTemplate(view, template)),
    ...nodegroups.flatMap((nodegroup) => {
      const before = view.decided.get(nodegroup.path);
      const dropped = before && !same(at(before.properties, 'LaunchTemplate.Id'), at(nodegroup.properties, 'LaunchTemplate.Id')) ? [finding(nodegroup, 'LaunchTemplate', nodegroup.properties.LaunchTemplate, {
        code: 'launchTemplateChanged', rule: 'nodes would start without what hardens them', fix: 'remove what sets it',
      })] : [];
      return [...dropped, ...checkSettings(view, nodegroup, NODEGROUP)];
    }),
  ];
}

function templateOf({ final }: TemplateView, { properties }: TemplateResource): TemplateResource | undefined {
  const { Id, Name } = properties.LaunchTemplate ?? {};
  return final.target(Id) ?? final.target(Name) ?? final.ofType('AWS::EC2::LaunchTemplate').find((template) => Name !== undefined && template.properties.LaunchTemplateName === Name);
}

function checkTemplate(view: TemplateView, template: TemplateResource): Finding[] {
  return [...checkSettings(view, template, LAUNCH_TEMPLATE), ...checkVolumes(view, template), ...checkInterfaces(template), ...checkNodeGroups(view, template), ...checkTag(view, template)];
}

function checkVolumes({ decided }: TemplateView, template: TemplateResource): Finding[] {
  const property = 'LaunchTemplateData.BlockDeviceMappings';
  const volumes = possibleIn(at(template.properties, property));
  const before = decided.get(template.path);
  const missing = listOf(before && at(before.properties, property)).filter(({ DeviceName }) => !volumes.some((each) => each.DeviceName === DeviceName && each.Ebs !== undefined));
  const open = volumes.filter(({ Ebs }) => Ebs !== undefined && booleanOf(Ebs.Encrypted) !== true);
  if (volumes.length === 0 && !before) {
    return [finding(template, property, undefined, { code: 'volumeNotEncrypted', acknowledgeable: true, rule: 'the image decides whether volumes are encrypted, and those of EKS are not', fix: 'describe them, for example by nodeRequirements' })];
  }
  return [...missing, ...open].map(({ DeviceName, Ebs }) => finding(template, property, { DeviceName, Encrypted: open.some((each) => each.DeviceName === DeviceName) ? Ebs.Encrypted : undefined }, {
    code: 'volumeNotEncrypted', rule: 'what pods write to disk would be readable in every snapshot', fix: 'remove what sets it; volumes are encrypted',
  }));
}

function checkInterfaces(template: TemplateResource): Finding[] {
  const property = 'LaunchTemplateData.NetworkInterfaces';
  return listOf(at(template.properties, property)).filter(({ AssociatePublicIpAddress }) => AssociatePublicIpAddress !== undefined && booleanOf(AssociatePublicIpAddress) !== false)
    .map(({ AssociatePublicIpAddress }) => finding(template, `${property}.AssociatePublicIpAddress`, AssociatePublicIpAddress, { code: 'nodePublicAddress', rule: 'nodes and pods would be on the internet', fix: 'remove what sets it' }));
}

function checkNodeGroups({ decided }: TemplateView, template: TemplateResource): Finding[] {
  const before = decided.get(template.path);
  const now = groupsOfTemplate(template).map(groupKey);
  const dropped = before ? groupsOfTemplate(before).map(groupKey).filter((key) => !now.includes(key)) : [];
  return dropped.map(() => finding(template, 'LaunchTemplateData.SecurityGroupIds', groupsOfTemplate(template), {
    code: 'nodeGroupDropped', rule: 'nodes would be outside the group whose rules let them work, or in the one that EKS makes, which reaches the control plane', fix: 'add groups beside it',
  }));
}

/** Load balancers' rules go to the one group of an interface that carries the tag: https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html */
function checkTag({ final, decided }: TemplateView, template: TemplateResource): Finding[] {
  if (!decided.get(template.path)) return [];
  const groups = groupsOfTemplate(template).map((id) => final.get(groupKey(id)));
  const tagged = groups.filter((group) => group && hasClusterTag(group));
  if (tagged.length === 1 || tagged.length === 0 && groups.includes(undefined)) return [];
  return [finding(template, 'LaunchTemplateData.SecurityGroupIds', tagged.map((group) => group!.path), {
    code: 'clusterTag', rule: `of the groups of one interface, exactly one carries the tag kubernetes.io/cluster/<name>, and here ${tagged.length} do: load balancers cannot write their rules`, fix: 'leave the tag on the group of this library alone',
  })];
}
