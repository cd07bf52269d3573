import { groupKey } from './group-rules';
import { guardedGroups } from './groups';
import { groupsIn } from './members';
import { booleanOf, TemplateResource } from './resource';
import { finding, Finding, TemplateView } from './view';

/** Where each type says whose address it is. */
const GIVES = { 'AWS::EC2::EIP': ['InstanceId'], 'AWS::EC2::EIPAssociation': ['InstanceId', 'NetworkInterfaceId', 'EIP'] };

/** Public addresses that nodes, or machines with their groups, are given by resources of others. */
export function checkPublicAddresses(view: TemplateView, cluster: TemplateResource): Finding[] {
  const { final, decided } = view;
  const groups = guardedGroups(view, cluster);
  const isMember = ({ path, properties }: TemplateResource) => decided.get(path) !== undefined || groupsIn(properties).some((id) => ['api', 'nodes'].includes(groups.get(groupKey(id)) ?? ''));
  const given = final.ofType(...Object.keys(GIVES)).filter(({ path }) => !decided.get(path)).flatMap((address) => GIVES[address.type as keyof typeof GIVES].flatMap((property) => {
    const target = final.target(address.properties[property]);
    return target && ['AWS::EC2::Instance', 'AWS::EC2::NetworkInterface'].includes(target.type) && isMember(target) ? [publicAddress(address, property, target.path)] : [];
  }));
  const asked = final.ofType('AWS::EC2::Instance', 'AWS::AutoScaling::LaunchConfiguration', 'AWS::EC2::SpotFleet')
    .filter((each) => !decided.get(each.path) && asksForAddress(each.properties) && isMember(each)).map((each) => publicAddress(each, 'AssociatePublicIpAddress', true));
  return [...given, ...asked];
}

function publicAddress(resource: TemplateResource, property: string, value: unknown): Finding {
  return finding(resource, property, value, { code: 'nodePublicAddress', rule: 'it would be on the internet, with what admits the cluster', fix: 'remove what sets it' });
}

function asksForAddress(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, item]) => name === 'AssociatePublicIpAddress' ? booleanOf(item) !== false : asksForAddress(item));
}
