import { KubernetesObject } from './objects';

/** Where the pods of a zone's nodes are. Text may be a token. */
export interface PodSubnet {
  readonly zone: string;
  readonly subnetId: string;
  /** Of the interfaces that pods share. */
  readonly securityGroupIds: readonly string[];
}

/**
 * One for each zone, named by it: nodes find theirs by the label that ENI_CONFIG_LABEL_DEF names.
 * https://docs.aws.amazon.com/eks/latest/userguide/cni-custom-network-tutorial.html
 */
export function eniConfigs(subnets: readonly PodSubnet[]): KubernetesObject[] {
  // Two of a zone are reported where subnets are checked; Helm would refuse both.
  const byZone = new Map([...subnets].reverse().map((subnet) => [subnet.zone, subnet]));
  return [...byZone.values()].reverse().map(({ zone, subnetId, securityGroupIds }) => ({
    apiVersion: 'crd.k8s.amazonaws.com/v1alpha1',
    kind: 'ENIConfig',
    metadata: { name: zone },
    spec: { subnet: subnetId, securityGroups: [...securityGroupIds] },
  }));
}
