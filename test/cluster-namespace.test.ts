import { CfnParameter } from 'aws-cdk-lib';
import { ClusterNamespaceOptions, PodSecurityLevel, SystemNamespaces } from '../src';
import { errorsOf, fileOf, GUARDED, objectsOf, releasesOf, resourcesOf, testCluster } from './fixture';

describe('a namespace', () => {
  const { app, cluster, stack } = testCluster();
  const token = new CfnParameter(stack, 'Owner').valueAsString;
  const shop = cluster.addNamespace('shop', { labels: { team: 'a' }, annotations: { owner: token } });
  const legacy = cluster.addNamespace('legacy', { existing: true, labels: { team: 'b' } });
  const web = shop.addServiceAccount('web', { annotations: { owner: token } });
  const named = legacy.addServiceAccount('Named', { name: 'other' });

  test('is a peer, and makes peers', () => {
    expect([shop.namespaceName, shop.peerName, shop._toPeer()]).toEqual(['shop', 'every pod in shop', { kind: 'pods', namespace: 'shop' }]);
    expect(shop.pods({ app: 'web' })._toPeer()).toEqual({ kind: 'pods', namespace: 'shop', labels: { app: 'web' } });
    expect(shop.serviceAccount('else')._toPeer()).toEqual({ kind: 'pods', namespace: 'shop', serviceAccount: 'else' });
    expect([web.serviceAccountName, web.peerName, web._toPeer()]).toEqual(['web', 'service account web in shop', { kind: 'pods', namespace: 'shop', serviceAccount: 'web' }]);
    expect(named.serviceAccountName).toBe('other');
    expect(() => shop.pods({})).toThrow("NetworkPeer.pods('shop', {}): no label is given");
  });

  test('is created unless it exists, its accounts always', () => {
    const assembly = app.synth();
    const objects = objectsOf(releasesOf(resourcesOf(assembly, stack))['eks-namespaces']);
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`)).toEqual(['Namespace /shop', 'ServiceAccount legacy/other', 'ServiceAccount shop/web']);
    expect(objects[0].metadata).toEqual({ name: 'shop', labels: { ...GUARDED, team: 'a' }, annotations: { 'owner': '{\'Ref\':\'Owner\'}', 'helm.sh/resource-policy': 'keep' } });
  });
});

describe('what admission reads of a namespace', () => {
  const labelsOf = (options: ClusterNamespaceOptions) => {
    const { app, stack, cluster } = testCluster();
    cluster.addNamespace('shop', options);
    return objectsOf(releasesOf(resourcesOf(app.synth(), stack))['eks-namespaces'])[0].metadata.labels;
  };
  const wrong = (options: ClusterNamespaceOptions) => {
    const made = testCluster();
    made.cluster.addNamespace('shop', options);
    return errorsOf(made);
  };

  test.each(Object.values(PodSecurityLevel))('level %s', (level) => expect(labelsOf({ podSecurity: level })).toEqual({ ...GUARDED, 'pod-security.kubernetes.io/enforce': level }));
  test('a label of its own says the same', () => expect(labelsOf({ labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } })).toEqual({ ...GUARDED, 'pod-security.kubernetes.io/enforce': 'restricted' }));
  test('load balancers for everyone', () => expect(labelsOf({ allowInternetFacing: true })).toEqual({ ...GUARDED, 'secure-eks.io/allow-internet-facing': 'true' }));
  test('two levels contradict', () => expect(wrong({ podSecurity: PodSecurityLevel.RESTRICTED, labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } })).toContain(
    "namespace shop: label 'pod-security.kubernetes.io/enforce' is 'privileged' in labels, and podSecurity is 'restricted'; say it by podSecurity only [cdk-secure-eks:namespaceLabelTwice]"));
  test('of an existing one they are whoever makes it\'s', () => expect(wrong({ existing: true, allowInternetFacing: true })).toContain(
    'namespace shop: podSecurity and allowInternetFacing label a namespace that is made, but somebody else makes this one; leave them out, and give the labels that it has [cdk-secure-eks:namespaceOptionUnused]'));
});

describe('system namespaces', () => {
  test('by default what runs the cluster', () => {
    expect(String(SystemNamespaces.DEFAULT)).toBe('calico-system, kube-system, tigera-operator');
  });

  test('one more makes a new value, twice the same is once', () => {
    const more = SystemNamespaces.DEFAULT.plus('agents', 'a').plus('agents', 'b');
    expect(String(more)).toBe('calico-system, kube-system, tigera-operator, agents');
    expect(more._toNames().at(-1)).toEqual({ name: 'agents', reason: 'b' });
    expect(String(SystemNamespaces.DEFAULT)).toBe('calico-system, kube-system, tigera-operator');
  });

  test('a name that is none throws', () => {
    expect(() => SystemNamespaces.DEFAULT.plus("x' , 'shop", 'a')).toThrow(new Error(
      "SystemNamespaces.plus: namespace 'x' , 'shop' is no DNS label: at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit"));
  });

  test('are outside the denials that would stop them, and first in the report', () => {
    const made = testCluster({ cluster: { systemNamespaces: SystemNamespaces.DEFAULT.plus('agents', 'reads every log') } });
    made.cluster.addNamespace('agents');
    expect(errorsOf(made)).toEqual([]);
    const assembly = made.app.synth();
    const releases = releasesOf(resourcesOf(assembly, made.stack));
    for (const policy of [...objectsOf(releases['eks-guardrail-denials']), ...objectsOf(releases['eks-default-deny'])]) {
      expect(policy.spec.namespaceSelector).toBe(policy.metadata.name.endsWith('kubelet-deny') ? 'all()'
        : "kubernetes.io/metadata.name not in {'agents', 'calico-system', 'kube-system', 'tigera-operator'}");
    }
    expect(fileOf(assembly, 'Platform.network-report.md')).toMatch(/^# Network of .*\n\n## Outside the default deny\n\n[^#]*- namespace `agents`: reads every log\n/);
  });
});

describe('the control plane', () => {
  test('reaches what it is allowed to, also through the security group, with a description that EC2 takes', () => {
    const { NetworkPeer, NetworkPort } = jest.requireActual('../src');
    const made = testCluster();
    made.cluster.addNamespace('shop');
    made.cluster.allowFromControlPlane("Wéb'hook", { destination: NetworkPeer.namespace('shop'), ports: [NetworkPort.tcp(9443), NetworkPort.tcpRange(7000, 7010)] });
    expect(errorsOf(made)).toEqual([]);
    const rules = Object.values(resourcesOf(made.app.synth(), made.stack)).filter(({ Type, Properties }) => Type === 'AWS::EC2::SecurityGroupIngress' && [9443, 7000].includes(Properties.FromPort));
    expect(rules.map(({ Properties }) => [Properties.FromPort, Properties.ToPort, Properties.IpProtocol, Properties.Description])).toEqual([
      [9443, 9443, 'tcp', 'Platform/Cluster/FromControlPlane/W b hook'], [7000, 7010, 'tcp', 'Platform/Cluster/FromControlPlane/W b hook'],
    ]);
  });
});
