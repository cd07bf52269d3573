import { CfnParameter } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { ClusterNamespace, ClusterNamespaceOptions, NetworkPeer, NetworkPort, PodSecurityLevel, PolicyEnforcement } from '../src';
import { errorsOf, fileOf, GUARDED, objectsOf, releasesOf, resourcesOf, testCluster, TestCluster } from './fixture';
import { threeStacks } from './semantics/stacks';

const { STAGED, ALLOWS_ENFORCED, ENFORCED } = PolicyEnforcement;

function made(cluster: PolicyEnforcement, shop: ClusterNamespaceOptions, more: (made: TestCluster) => void = () => {}): TestCluster {
  const all = testCluster({ cluster: { enforcement: cluster } });
  all.cluster.addNamespace('shop', shop);
  all.cluster.addNamespace('web', { labels: { team: 'a' } });
  more(all);
  return all;
}

const warningsOf = ({ stack }: Pick<TestCluster, 'stack'>) => Annotations.fromStack(stack).findWarning('*', Match.anyValue()).map(({ entry }) => String(entry.data));
const releases = ({ app, stack }: TestCluster) => releasesOf(resourcesOf(app.synth(), stack));
/** Every object of ours by its kind and name, in whatever release. */
const objects = (all: TestCluster) => Object.entries(releases(all)).filter(([name]) => name.startsWith('eks-')).flatMap(([, release]) => objectsOf(release));
const scopes = (all: TestCluster, name: string) => objects(all).filter(({ metadata, kind }) => metadata.name === name && /GlobalNetworkPolicy$/.test(kind)).map(({ kind, spec }) => [kind, spec.namespaceSelector]);

describe('a staged namespace of an enforced cluster', () => {
  const all = made(ENFORCED, { enforcement: STAGED }, ({ cluster, stack }) => {
    cluster.allowTraffic('WebToShop', { source: NetworkPeer.namespace('web'), destination: NetworkPeer.namespace('shop'), ports: [NetworkPort.tcp(8080)] });
    cluster.allowTraffic('Team', { source: NetworkPeer.serviceAccount('shop', 'caller'), destination: NetworkPeer.cidr(new CfnParameter(stack, 'Range').valueAsString), ports: [NetworkPort.tcp(443)] });
    cluster.allowTraffic('Everybody', { source: NetworkPeer.namespaces({ team: 'b' }), destination: NetworkPeer.namespace('web'), ports: [NetworkPort.udp(514)] });
    cluster.allowKubeletAccess('Scraper', { namespace: 'shop', serviceAccounts: ['scraper'], reason: 'metrics' });
    cluster.quarantine('Suspects', { namespace: 'shop', labels: { quarantine: 'yes' } });
  });

  test('is left out of whatever is enforced, and alone in a staged copy', () => {
    expect(scopes(all, 'eks-default-deny.default-deny')).toEqual([
      ['GlobalNetworkPolicy', "kubernetes.io/metadata.name not in {'calico-system', 'kube-system', 'shop', 'tigera-operator'}"],
      ['StagedGlobalNetworkPolicy', "projectcalico.org/name in {'shop'}"],
    ]);
    expect(scopes(all, 'eks-guardrails.kubelet-deny')).toEqual([
      ['GlobalNetworkPolicy', "has(projectcalico.org/name) && kubernetes.io/metadata.name not in {'shop'}"],
      ['StagedGlobalNetworkPolicy', "projectcalico.org/name in {'shop'}"],
    ]);
  });

  test('has its half of each rule staged, and the other half is as before', () => {
    expect(scopes(all, 'eks-allow.web-to-shop-egress')).toEqual([['GlobalNetworkPolicy', "projectcalico.org/name == 'web'"]]);
    expect(scopes(all, 'eks-allow.web-to-shop-ingress')).toEqual([['StagedGlobalNetworkPolicy', "projectcalico.org/name == 'shop'"]]);
    expect(scopes(all, 'eks-guardrails.scraper-kubelet-exempt').concat(scopes(all, 'eks-guardrails.quarantine-suspects')).map(([kind]) => kind)).toEqual(expect.arrayContaining(['StagedGlobalNetworkPolicy']));
    expect(scopes(all, 'eks-allow.everybody-egress')).toEqual([
      ['GlobalNetworkPolicy', "team == 'b' && kubernetes.io/metadata.name not in {'shop'}"],
      ['StagedGlobalNetworkPolicy', "team == 'b' && projectcalico.org/name in {'shop'}"],
    ]);
  });

  test('nothing enforced names it but to leave it out', () => {
    const enforced = objects(all).filter(({ kind }) => kind === 'GlobalNetworkPolicy');
    const naming = enforced.filter(({ spec }) => /'shop'/.test(spec.namespaceSelector.replace(/not in \{[^}]*\}/g, '')));
    expect(enforced.length).toBeGreaterThan(10);
    expect(naming).toEqual([]);
  });

  test('what is enforced is written a second time, ahead of the default deny', () => {
    expect(Object.keys(releases(all)).filter((name) => name.startsWith('eks-')).sort()).toEqual([
      'eks-admission-guards', 'eks-allows', 'eks-allows-ahead', 'eks-aws-node-rbac', 'eks-default-deny', 'eks-guardrail-denials', 'eks-guardrail-denials-ahead',
      'eks-guardrail-exemptions', 'eks-guardrail-exemptions-ahead', 'eks-namespaces', 'eks-tiers',
    ]);
    const twice = objects(all).filter(({ metadata }) => metadata.name.endsWith('--ahead'));
    expect(twice.length).toBeGreaterThan(5);
    for (const { kind, metadata, spec } of twice) {
      const [first] = objects(all).filter((each) => each.kind === kind && each.metadata.name === metadata.name.replace(/--ahead$/, ''));
      expect([kind, spec]).toEqual(['GlobalNetworkPolicy', first.spec]);
    }
  });

  test('guards warn there instead of refusing, but for those of the platform\'s own policies', () => {
    const bindings = objects(all).filter(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding');
    const of = (name: string) => bindings.filter(({ spec }) => spec.policyName === name)
      .map(({ spec }) => [spec.validationActions[0], (spec.matchResources?.namespaceSelector.matchExpressions ?? []).filter(({ values }: any) => values.includes('shop')).map(({ operator }: any) => operator)]);
    for (const name of ['secure-eks-pod-escapes', 'secure-eks-services', 'secure-eks-service-addresses', 'secure-eks-ingresses', 'secure-eks-gateways', 'secure-eks-load-balancer-bindings', 'secure-eks-namespace-labels']) {
      expect([name, of(name)]).toEqual([name, [['Deny', ['NotIn']], ['Warn', ['In']]]]);
    }
    for (const name of ['secure-eks-policy-storage', 'secure-eks-policy-tamper', 'secure-eks-ingress-class-parameters', 'secure-eks-volume-escapes']) expect([name, of(name)]).toEqual([name, [['Deny', []]]]);
  });

  test('Pod Security refuses nothing there, unless that was asked for', () => {
    const labels = (options: ClusterNamespaceOptions) => objectsOf(releases(made(ENFORCED, options))['eks-namespaces']).find(({ metadata }) => metadata.name === 'shop').metadata.labels;
    const { 'pod-security.kubernetes.io/enforce': level, ...told } = GUARDED;
    expect(labels({ enforcement: STAGED })).toEqual(told);
    expect(labels({ enforcement: STAGED, podSecurity: PodSecurityLevel.RESTRICTED })).toEqual({ ...told, 'pod-security.kubernetes.io/enforce': 'restricted' });
    expect(labels({ enforcement: ENFORCED })).toEqual({ ...told, 'pod-security.kubernetes.io/enforce': level });
  });

  test('a quarantine there says that it does nothing', () => {
    expect(errorsOf(all)).toEqual([]);
    expect(warningsOf(all)).toContainEqual(expect.stringContaining(
      "Platform/Cluster/Quarantines/Suspects: denials are staged in namespace 'shop', so that nothing is cut off; addNamespace('shop', { enforcement: PolicyEnforcement.ENFORCED }), or enforce the cluster [cdk-secure-eks:quarantineStaged]"));
  });
});

describe('an enforced namespace of a staged cluster', () => {
  const all = made(STAGED, { enforcement: ENFORCED });

  test('is alone in what is enforced', () => {
    expect(scopes(all, 'eks-default-deny.default-deny')).toEqual([
      ['StagedGlobalNetworkPolicy', "kubernetes.io/metadata.name not in {'calico-system', 'kube-system', 'shop', 'tigera-operator'}"],
      ['GlobalNetworkPolicy', "projectcalico.org/name in {'shop'}"],
    ]);
    expect(objects(all).filter(({ kind, spec }) => kind === 'GlobalNetworkPolicy' && !/^projectcalico.org\/name in \{'shop'\}$/.test(spec.namespaceSelector))).toEqual([]);
  });

  test('and guards refuse in it alone', () => {
    const services = objects(all).filter(({ kind, spec }) => kind === 'ValidatingAdmissionPolicyBinding' && spec.policyName === 'secure-eks-services');
    expect(services.map(({ metadata, spec }) => [metadata.name, spec.validationActions])).toEqual([['secure-eks-services', ['Warn', 'Audit']], ['secure-eks-services-deny', ['Deny', 'Audit']]]);
  });
});

describe('expectations tell what holds now from what holds once everything is enforced', () => {
  const open = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'out', namespace: 'shop' }, spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{ ports: [{ protocol: 'TCP', port: 443 }] }] } };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'cart', namespace: 'shop', labels: { app: 'cart' } }, spec: { serviceAccountName: 'cart', containers: [{ name: 'cart', image: 'cart' }] } };
  const report = (shop: PolicyEnforcement | undefined) => {
    const all = made(ENFORCED, { enforcement: shop }, ({ cluster }) => {
      cluster.addManifest('Team', open, pod);
      cluster.expectDenied('Internet', { source: NetworkPeer.pods('shop', { app: 'cart' }), destination: NetworkPeer.internet() });
      cluster.expectDenied('WebToInternet', { source: NetworkPeer.namespace('web'), destination: NetworkPeer.internet() });
    });
    expect(errorsOf(all)).toEqual([]);
    return fileOf(all.app.synth(), 'Platform.network-report.md');
  };

  test('staged', () => {
    const text = report(STAGED);
    expect(text.split('\n')[2]).toBe('**The policies are staged in `shop`: nothing that this report says of them holds yet there, only policies of teams and charts do.**');
    expect(text).toContain([
      '- met: pods app=cart in shop to the internet, all connections, must be denied',
      '  - denied once enforced: denied by GlobalNetworkPolicy/eks-guardrails.internet-deny rule 0 (Platform/Cluster/ExpectDenied/Internet)',
      '  - **not denied now**: shop/cart to the internet, TCP 443: allowed by KubernetesNetworkPolicy/shop/out rule 0, added by Platform/Cluster/Manifests/Team',
    ].join('\n'));
    expect(text).toContain([
      '- met: every pod in web to the internet, all connections, must be denied',
      '  - denied once enforced: denied by GlobalNetworkPolicy/eks-guardrails.internet-deny rule 0 (Platform/Cluster/ExpectDenied/WebToInternet)',
      '  - denied now: denied by GlobalNetworkPolicy/eks-guardrails.internet-deny rule 0',
    ].join('\n'));
    expect(text).toMatch(/### Pod `shop\/cart`\n\n- \*\*staged: what follows holds once it is enforced\*\*\n/);
    expect(text).toMatch(/- \*\*reaches now, and loses once it is enforced\*\*\n {2}- the API server, TCP 443: allowed by KubernetesNetworkPolicy\/shop\/out rule 0\n.*\n {2}- the internet, TCP 443: allowed by KubernetesNetworkPolicy\/shop\/out rule 0\n/);
  });

  test('enforced', () => expect(report(undefined)).not.toMatch(/staged|once enforced|denied now/));
});

describe('modes that cannot be', () => {
  const errors = (...some: PolicyEnforcement[]) => {
    const all = testCluster();
    some.forEach((enforcement, index) => new ClusterNamespace(all.stack, `Shop${index}`, { network: all.cluster, namespaceName: 'shop', existing: true, enforcement }));
    return errorsOf(all);
  };

  test('allows without denials, in one namespace', () => expect(errors(ALLOWS_ENFORCED)).toEqual([
    'namespace shop: enforcement is ALLOWS_ENFORCED, which is a step of the whole cluster, until the rules of all stacks are in force; give it to the cluster, and STAGED, ENFORCED or nothing to the namespace [cdk-secure-eks:namespaceEnforcement]',
  ]));
  test('two at once', () => expect(errors(STAGED, ENFORCED)).toEqual(['namespace shop: it is declared with enforcement STAGED and with ENFORCED; say it once [cdk-secure-eks:namespaceEnforcement]']));
  test('one that is known only at deployment', () => {
    const { stack, cluster } = testCluster();
    const mode = new CfnParameter(stack, 'Mode').valueAsString as PolicyEnforcement;
    expect(() => cluster.addNamespace('shop', { enforcement: mode })).toThrow(/enforcement/);
  });
  test('the same twice is once', () => expect(errors(STAGED, STAGED)).toEqual([]));
});

describe('a switch in one step, with rules in several stacks', () => {
  const told = (...said: Parameters<typeof threeStacks>) => {
    const all = threeStacks(...said);
    expect(errorsOf(all)).toEqual([]);
    return warningsOf({ stack: all.stacks[0] }).filter((text) => text.includes('switchInSeveralStacks')).map((text) => text.replace(/^.*?(?=Shop|Billing)|(?<=\]) \[ack: .*$/g, ''));
  };

  test('is warned of while the cluster is staged', () => {
    expect(told({ cluster: STAGED })).toEqual([
      'Billing: its rules api-to-nodes-3ac8bbca, api-to-web-3ac8bbca must not switch between STAGED and ENFORCED in one step: until this stack is deployed after that of the cluster, what they allow would be closed, or open past a guardrail; deploy all stacks with enforcement: PolicyEnforcement.ALLOWS_ENFORCED on the way, in either direction [cdk-secure-eks:switchInSeveralStacks]',
      expect.stringMatching(/^Shop: its rules web-to-api-d00aae6b, web-to-partner-d00aae6b must not/),
    ]);
  });

  test('and of a namespace by itself, where their rules bind it', () => {
    expect(told({ cluster: ENFORCED, shop: STAGED })).toEqual([
      "Billing: its rules api-to-web-3ac8bbca must not switch with namespace 'shop' alone: until this stack is deployed after that of the cluster, what they allow would be closed, or open past a guardrail; say these rules in the stack of the cluster, or switch 'shop' while the whole cluster goes through PolicyEnforcement.ALLOWS_ENFORCED [cdk-secure-eks:switchInSeveralStacks]",
      expect.stringMatching(/^Shop: its rules web-to-api-d00aae6b, web-to-partner-d00aae6b must not switch with namespace 'shop' alone/),
    ]);
  });

  test.each([[{ cluster: ENFORCED }], [{ cluster: ALLOWS_ENFORCED }], [{ cluster: ENFORCED, home: STAGED }]])('not otherwise: %j', (said) => expect(told(said)).toEqual([]));
});
