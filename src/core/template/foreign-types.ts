/** A resource that puts something to run, or objects, onto a cluster. */
export interface ForeignType {
  readonly what: string;
  /** Property that says which. */
  readonly nameIn: string;
}

/** Nodes and access entries are not among them: they come before the network. */
export const FOREIGN_TYPES: { readonly [type: string]: ForeignType } = {
  'Custom::AWSCDK-EKS-HelmChart': { what: 'Helm chart', nameIn: 'Release' },
  'Custom::AWSCDK-EKS-KubernetesResource': { what: 'Kubernetes manifest', nameIn: '' },
  'Custom::AWSCDK-EKS-KubernetesPatch': { what: 'Kubernetes patch', nameIn: 'ResourceName' },
  'AWS::EKS::Addon': { what: 'EKS add-on', nameIn: 'AddonName' },
  'AWS::EKS::Capability': { what: 'EKS capability', nameIn: 'CapabilityName' },
};

/** It reads objects, and changes none. */
export const READS = 'Custom::AWSCDK-EKS-KubernetesObjectValue';
