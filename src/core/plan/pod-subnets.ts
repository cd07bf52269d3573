import { Diagnostic } from '../diagnostic';
import { GivenSubnet, GivenVpc } from './given-vpc';

/**
 * Pods in subnets of their own: the VPC CNI finds a node's by the node's zone, so each zone of nodes needs one, and one
 * only. https://docs.aws.amazon.com/eks/latest/userguide/cni-custom-network.html
 */
export function checkPodSubnets({ nodes, pods, unselected }: GivenVpc): Diagnostic[] {
  if (pods === undefined || unselected.some(({ member }) => member === 'pods' || member === 'nodes')) return [];
  const error = (message: string, fix: string): Diagnostic => ({ code: 'podSubnetZones', severity: 'error', subject: 'subnets.pods', message, fix });
  const nameless = pods.filter(({ zone }) => zone === undefined);
  if (nameless.length > 0) {
    return [error(`the zone of ${namesOf(nameless)} is not known, and nodes find the subnet of their pods by the zone`, 'give subnets that know their zone: Subnet.fromSubnetAttributes({ subnetId, availabilityZone })')];
  }
  const found: Diagnostic[] = [];
  const byZone = new Map<string, GivenSubnet[]>();
  for (const subnet of pods) byZone.set(subnet.zone!, [...byZone.get(subnet.zone!) ?? [], subnet]);
  for (const together of byZone.values()) {
    if (together.length > 1) found.push(error(`${namesOf(together)} lie in one zone, and a zone has one subnet of pods`, 'select one subnet in each zone of the nodes'));
  }
  const without = nodes.filter(({ zone }) => zone === undefined || !byZone.has(zone));
  // A zone that only the deployment names may be any of the others.
  const [unknown, missing] = [true, false].map((open) => without.filter((node) => isOpen(node, pods) === open));
  if (missing.length > 0) found.push(error(`there is none in the zone of ${namesOf(missing)}, where nodes could start no pod`, 'select one subnet in each zone of the nodes'));
  if (unknown.length > 0) {
    found.push({
      code: 'podSubnetZonesUnknown', severity: 'warning', subject: 'subnets.pods', acknowledgeable: true,
      message: `whether there is one in the zone of ${namesOf(unknown)} is not known, and where there is none nodes could start no pod`, fix: 'give subnets whose zones are known, or check it by hand and acknowledge it',
    });
  }
  return found;
}

function isOpen(node: GivenSubnet, pods: readonly GivenSubnet[]): boolean {
  return node.zone === undefined || pods.some((pod) => (pod.isZoneToken ?? false) !== (node.isZoneToken ?? false));
}

function namesOf(subnets: readonly GivenSubnet[]): string {
  return subnets.map(({ name }) => name).join(', ');
}
