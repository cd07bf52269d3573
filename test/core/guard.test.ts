import { guardsInForce, GuardsRequest } from '../../src/core/guard/guards-in-force';
import { clusterGuards } from '../../src/kubernetes/manifests/guards/guard-set';
import { guardLines } from '../../src/report/guards';

const REQUEST: GuardsRequest = {
  modes: { cluster: 'enforced', namespaces: new Map() }, systemNamespaces: [{ name: 'kube-system' }, { name: 'istio-system' }], namespaces: [], objects: [], deployerKnown: true, probes: false, accepted: () => [],
};
const lines = (request: Partial<GuardsRequest> = {}) => guardLines(guardsInForce({ ...REQUEST, ...request }));

test('the report says what is refused, where not, who lifts it and when it holds', () => {
  const said = lines({
    namespaces: [{ name: 'shop', labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } }, { name: 'agents', labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } }, { name: 'old', labels: {} }],
    objects: [{ kind: 'Namespace', metadata: { name: 'edge', labels: { 'secure-eks.io/allow-internet-facing': 'true', 'pod-security.kubernetes.io/enforce': 'restricted' } } }],
    accepted: (code) => code === 'exposureUnknown' ? ['Service shop/b', 'Service shop/a'] : [],
  });
  expect(said[0]).toBe('- the API server refuses, and writes to the audit log:');
  expect(said.filter((line) => line.startsWith('  - '))).toHaveLength(11);
  expect(said.slice(12)).toEqual([
    '- it warns of changes that replace a live load balancer, or that its controller ignores, and admits them: `ValidatingAdmissionPolicy/secure-eks-load-balancer-replacements`',
    '- not pods of `calico-system`, `istio-system`, `kube-system`, `tigera-operator`, which run the cluster itself',
    '- **not pods of `agents`**: Pod Security level privileged',
    '- **not load balancers of `edge`**: label of the namespace',
    '- **not Service shop/a**: accepted by name, also in what it says later',
    '- **not Service shop/b**: accepted by name, also in what it says later',
    '- Pod Security enforces restricted in `edge`',
    '- Pod Security enforces baseline in `shop`',
    '- no Pod Security level is said here of `old`: the guard of pods does not depend on one',
    expect.stringMatching(/^- lifted by whoever may change a ValidatingAdmissionPolicy or its binding/),
    expect.stringMatching(/^- in force some seconds after it is written: .*proves neither/),
  ]);
});

test.each(['staged', 'allowsEnforced'] as const)('%s, they warn', (cluster) => expect(lines({ modes: { cluster, namespaces: new Map([['shop', 'staged']]) } })[0])
  .toBe('- **the API server warns and writes to the audit log, and refuses nothing**:'));

test('staged namespaces of an enforced cluster are named first', () => expect(lines({ modes: { cluster: 'enforced', namespaces: new Map([['web', 'staged'], ['shop', 'staged'], ['api', 'enforced']]) } }).slice(0, 2)).toEqual([
  '- **in `shop`, `web` the API server warns and writes to the audit log, and refuses only changes of policies**',
  '- everywhere else the API server refuses, and writes to the audit log:',
]));

test.each(['staged', 'allowsEnforced'] as const)('enforced namespaces of a cluster that is %s are named, and the rest warns', (cluster) => expect(lines({ modes: { cluster, namespaces: new Map([['web', 'enforced'], ['api', 'staged']]) } }).slice(0, 2)).toEqual([
  '- in `web` the API server refuses, and everywhere changes of policies',
  '- **everywhere else it warns**, and in both cases writes to the audit log:',
]));

test('where nobody knows who deploys, policies are not guarded, and the report does not say so', () => {
  expect(lines().join()).toContain('secure-eks-policy-tamper');
  expect(lines({ deployerKnown: false }).join()).not.toContain('secure-eks-policy-tamper');
});

test('the guard of probes stands where probes run', () => {
  expect(lines().join()).not.toContain('secure-eks-probe-pods');
  expect(lines({ probes: true }).join()).toContain('secure-eks-probe-pods');
});

test('what the report lists is what is deployed, in the mode that it says', () => {
  for (const deployerKnown of [true, false]) {
    for (const probes of [true, false]) {
      for (const own of ['staged', 'enforced'] as const) {
        for (const cluster of ['staged', 'allowsEnforced', 'enforced'] as const) {
          const inForce = guardsInForce({ ...REQUEST, modes: { cluster, namespaces: new Map([['shop', own]]) }, deployerKnown, probes });
          const objects = clusterGuards(inForce, deployerKnown ? { username: 'arn:aws:sts::111122223333:assumed-role/deployer/' } : undefined, 'inTree', false);
          const named = (kind: string) => objects.filter((object) => object.kind === kind);
          expect(named('ValidatingAdmissionPolicy').map(({ metadata }) => metadata.name).sort()).toEqual(inForce.guards.map(({ name }) => name).sort());
          const services = named('ValidatingAdmissionPolicyBinding').filter(({ spec }) => (spec as any).policyName === 'secure-eks-services').map(({ spec }) => spec as any);
          expect(services.map(({ validationActions }) => validationActions[0])).toEqual(own === 'enforced' === (cluster === 'enforced') ? [cluster === 'enforced' ? 'Deny' : 'Warn'] : cluster === 'enforced' ? ['Deny', 'Warn'] : ['Warn', 'Deny']);
        }
      }
    }
  }
});

test.each([[true, 'aws-load-balancer-controller'], [false, 'kube-system']])('only the account of the controller that there is binds targets (our own: %s)', (own, namespace) => {
  const guards = clusterGuards(guardsInForce(REQUEST), undefined, 'awsController', own);
  const said = JSON.stringify(guards.find(({ metadata }) => metadata.name === 'secure-eks-load-balancer-bindings'));
  expect([...said.matchAll(/system:serviceaccount:([a-z-]+):([a-z-]+)/g)].map(([, ...names]) => names)).toEqual([[namespace, 'aws-load-balancer-controller']]);
});

test('without a controller of AWS nobody binds targets', () => {
  expect(JSON.stringify(clusterGuards(guardsInForce(REQUEST), undefined, 'inTree', false).find(({ metadata }) => metadata.name === 'secure-eks-load-balancer-bindings'))).not.toContain('system:serviceaccount');
});
