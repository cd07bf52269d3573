import { Testing } from 'cdk8s';
import { awsNodeRbac } from '../../../src/kubernetes/manifests/aws-node-rbac';
import { KubernetesObject, describeObject } from '../../../src/kubernetes/manifests/objects';
import { policySetObjects } from '../../../src/kubernetes/manifests/policy-objects';
import { PolicySetChart } from '../../../src/kubernetes/manifests/policy-set-chart';
import { ENFORCED, STAGED, UNUSUAL } from '../policies';

test.each([['enforced', ENFORCED], ['staged', STAGED], ['with every field', UNUSUAL]])('a chart holds the objects of its set, %s', (_mode, policySet) => {
  const chart = new PolicySetChart(Testing.app(), 'Policies', { policySet });
  const byName = (objects: readonly KubernetesObject[]) => Object.fromEntries(objects.map((each) => [describeObject(each), each]));
  expect(byName(chart.toJson())).toEqual(byName(policySetObjects(policySet)));
});

test('tiers come before the policies in them', () => {
  const kinds = new PolicySetChart(Testing.app(), 'Policies', { policySet: ENFORCED }).toJson().map(({ kind }) => kind as string);
  expect(kinds.lastIndexOf('Tier')).toBeLessThan(kinds.indexOf('GlobalNetworkPolicy'));
});

test('a Kubernetes policy is evaluated with the rest, and emitted by its owner', () => {
  const theirs = { kind: 'KubernetesNetworkPolicy' as const, namespace: 'shop', name: 'theirs', tier: 'default', types: ['Ingress' as const] };
  expect(policySetObjects({ tiers: [], policies: [theirs] })).toEqual([]);
});

test('the rights of the VPC CNI: patch pods, for its account, and no more', () => {
  expect(awsNodeRbac()).toEqual([
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'secure-eks-aws-node-pod-annotations' },
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['patch'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'secure-eks-aws-node-pod-annotations' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'secure-eks-aws-node-pod-annotations' },
      subjects: [{ kind: 'ServiceAccount', name: 'aws-node', namespace: 'kube-system' }],
    },
  ]);
});
