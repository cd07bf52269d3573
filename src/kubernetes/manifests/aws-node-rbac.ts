import { KubernetesObject } from './objects';

/** The account of the VPC CNI's daemon set. https://github.com/aws/amazon-vpc-cni-k8s/tree/v1.23.0/charts/aws-vpc-cni */
const AWS_NODE = { kind: 'ServiceAccount', name: 'aws-node', namespace: 'kube-system' };

/** One name for role and binding, so that an on-call engineer finds both. */
const NAME = 'secure-eks-aws-node-pod-annotations';

/**
 * With ANNOTATE_POD_IP the VPC CNI writes each pod's address onto the pod, so that Calico need not wait for the kubelet. A CNI
 * that may not patch pods starts none at all, hence these exist before the first node.
 */
export function awsNodeRbac(): KubernetesObject[] {
  return [
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: NAME },
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['patch'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: NAME },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: NAME },
      subjects: [{ ...AWS_NODE }],
    },
  ];
}
