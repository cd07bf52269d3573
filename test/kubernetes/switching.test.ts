import { readFileSync } from 'fs';
import { join } from 'path';
import { CRD_FOLDER, MISSING_CRDS } from './crds';
import { testNetwork } from './deploy/fixture';
import { PLAN } from './policies';
import { Releases } from './releases';
import { compile, evaluateFlow, Flow, Topology } from '../../src/core/connectivity';
import { parsePolicyObjects } from '../../src/core/policy';
import { EnforcementModes, NamespaceEnforcement, withEnforcement } from '../../src/core/policy/enforcement';
import { Policy, policyKey } from '../../src/core/policy/policy';
import { ApiServer, START_TIMEOUT_MS, STOP_TIMEOUT_MS } from '../kube-apiserver/api-server';
import { describeUnless, describeWithApiServer } from '../kube-apiserver/available';
import { blocks } from '../markdown';

const modes = (cluster: EnforcementModes['cluster'], namespaces: Record<string, NamespaceEnforcement> = {}): EnforcementModes => ({ cluster, namespaces: new Map(Object.entries(namespaces)) });
const PODS = [['web', 'web'], ['web', 'other'], ['shop', 'api'], ['shop', 'db'], ['monitoring', 'prometheus'], ['argocd', 'argocd-server'], ['kube-system', 'coredns']] as const;
const TOPOLOGY: Topology = {
  complete: true,
  namespaces: [...new Set(PODS.map(([namespace]) => namespace))].map((name) => ({ name, labels: { 'kubernetes.io/metadata.name': name } })),
  endpoints: PODS.map(([namespace, name], index) => ({ namespace, name, labels: { app: name }, serviceAccount: name, addresses: [`10.0.65.${index + 1}`] })),
  serviceAccounts: PODS.map(([namespace, name]) => ({ namespace, name, labels: {} })),
  services: [{ namespace: 'default', name: 'kubernetes', endpoints: [{ port: 443, address: '10.0.255.5' }] }],
};
/** Of teams: shop lets in only itself, and sends nothing out; whoever else is not bound by any. */
const TEAMS = parsePolicyObjects([{
  apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'own', namespace: 'shop' },
  spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [{ from: [{ podSelector: {} }] }], egress: [{ to: [{ podSelector: {} }] }] },
}]);
const ENDS = [...PODS.map((each) => each.join('/')), 'ip:10.0.66.7', 'ip:10.0.255.5', 'ip:169.254.169.254', 'ip:203.0.113.9', 'ip:10.0.32.9'];
const FLOWS: readonly Flow[] = ENDS.flatMap((from) => ENDS.filter((to) => to !== from && !(from.startsWith('ip:') && to.startsWith('ip:')))
  .flatMap((to) => [80, 443, 8080, 8443, 10250].map((port) => ({ from, to, protocol: 'TCP', port }))));

const COLLECTION = '/apis/projectcalico.org/v3/globalnetworkpolicies';
/** Switches, one after the other, on one cluster. */
const STEPS: readonly (readonly [string, EnforcementModes])[] = [
  ['everything is enforced', modes('enforced')],
  ['shop is staged', modes('enforced', { shop: 'staged' })],
  ['web is staged too', modes('enforced', { shop: 'staged', web: 'staged' })],
  ['shop is enforced again, beside web', modes('enforced', { web: 'staged' })],
  ['web too', modes('enforced')],
  ['only allows are in force', modes('allowsEnforced')],
  ['nothing is', modes('staged')],
  ['monitoring is enforced alone', modes('staged', { monitoring: 'enforced' })],
  ['everything is', modes('enforced')],
  ['everything is staged in one step', modes('staged')],
];

/** As the API server saw them, write by write. */
describeWithApiServer('switches on a real API server', () => {
  let server: ApiServer;
  let before: Releases | undefined;
  const policies = new Map<string, Policy>();

  const succeed = (...args: string[]): string => {
    const { status, stdout, stderr } = server.kubectl(args);
    if (status !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  const release = (emitted: EnforcementModes): Releases => {
    const { network, stack } = testNetwork();
    const plan = withEnforcement(PLAN, emitted);
    network.deployPolicies({ ...plan, allows: [...plan.allows.values()].flat(), exemptions: [...plan.exemptions.values()].flat() });
    return new Releases(server, stack);
  };
  /** What CloudFormation does with the template. */
  const deploy = (next: Releases): void => {
    const done = ({ status, stderr }: { status: number | null; stderr: string }) => { if (status !== 0) throw new Error(stderr); };
    next.names().forEach((name) => done(next.install(name)));
    before?.names().filter((name) => !next.names().includes(name)).reverse().forEach((name) => done(before!.uninstall(name)));
    before = next;
  };
  const written = (since: string) => succeed('get', '--raw', `${COLLECTION}?watch=true&resourceVersion=${since}&timeoutSeconds=2`)
    .split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: object });
  const verdicts = () => {
    const set = compile({ tiers: PLAN.tiers, policies: [...policies.values(), ...TEAMS.policies] }, TOPOLOGY);
    return FLOWS.map((flow) => evaluateFlow(set, flow).verdict);
  };

  describeUnless(MISSING_CRDS, "with Calico's definitions", () => {
    beforeAll(async () => {
      server = await ApiServer.start();
      succeed('apply', '--server-side', '-f', CRD_FOLDER);
      succeed('wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all');
    }, START_TIMEOUT_MS);
    afterAll(() => server?.stop(), STOP_TIMEOUT_MS);

    test.each(STEPS)('%s, and no write flips a flow that has one verdict before and after', (_, next) => {
      const since = (JSON.parse(succeed('get', '--raw', `${COLLECTION}?limit=1`)) as { metadata: { resourceVersion: string } }).metadata.resourceVersion;
      deploy(release(next));
      const first = verdicts();
      const states = written(since).map(({ type, object }) => {
        const [policy] = parsePolicyObjects([object], { tiers: PLAN.tiers }).policies;
        if (type === 'DELETED') policies.delete(policyKey(policy)); else policies.set(policyKey(policy), policy);
        return { write: `${type} ${policyKey(policy)}`, verdicts: verdicts() };
      });
      expect(states.length).toBeGreaterThan(0);
      const last = states.at(-1)!.verdicts;
      expect(last).not.toEqual(first);
      const flips = states.flatMap(({ write, verdicts: now }) => FLOWS.filter((_flow, index) => first[index] === last[index] && now[index] !== first[index]).map((flow) => ({ write, flow })));
      expect(flips).toEqual([]);

      const wanted = withEnforcement(PLAN, next);
      const enforced = [...wanted.allows.values(), ...wanted.exemptions.values(), wanted.denials, wanted.defaultDeny].flat().filter(({ staged }) => !staged);
      expect([...policies.keys()].filter((key) => !key.endsWith('--ahead')).sort()).toEqual(enforced.map(policyKey).sort());
    }, 120_000);

    test('the questions of docs/rolling-out.md are answered', () => {
      const page = readFileSync(join(__dirname, '..', '..', 'docs', 'rolling-out.md'), 'utf8');
      const questions = blocks(page, 'sh').flatMap((block) => block.split('\n')).filter((line) => line.startsWith('kubectl get '));
      expect(questions).toHaveLength(4);
      const ask = (line: string) => server.kubectl([...line.matchAll(/(?:[^\s']|'[^']*')+/g)].map(([word]) => word.replace(/'/g, '')).slice(1));
      deploy(release(modes('staged')));
      const [staged, enforced, teams] = questions.map(ask);
      expect(staged.stdout).toContain('eks-default-deny.default-deny');
      expect([enforced, teams].map(({ status, stdout }) => [status, stdout])).toEqual([[0, ''], [0, '']]);
      deploy(release(modes('enforced', { shop: 'staged' })));
      expect(ask(questions[3])).toMatchObject({ status: 0, stdout: "kubernetes.io/metadata.name not in {'calico-system', 'kube-system', 'shop', 'tigera-operator'}\n" });
    }, 120_000);
  });
});
