import { baselineOf, compiled, failures } from './baseline-set';
import { PODS } from './fixtures/cluster';
import { DOC } from './fixtures/documents';
import { egressTable } from './fixtures/egress';
import { ingressTable } from './fixtures/ingress';
import { intentOf, teamPoliciesOf, Variant } from './fixtures/said';
import { Line, linesOf } from './fixtures/table';
import { Mutant, mutantsOf } from './mutants';
import { Compiled } from '../../src/core/connectivity';
import { policySelector, PolicySet, selects } from '../../src/core/policy';

/** A host endpoint has labels of its node only, and would lose its node's connections. See DOC.hostEndpoints. */
function selectedHosts({ policies }: PolicySet): string[] {
  return policies.filter((policy) => selects(policySelector(policy), (key) => ({ 'kubernetes.io/hostname': 'node' })[key])).map(({ name }) => `${name} selects a host endpoint (${DOC.hostEndpoints})`);
}

const boundBy = (set: Compiled, policy: string) => new Set(PODS.filter((pod) => (['Egress', 'Ingress'] as const)
  .some((direction) => set.bindings(set.subject(pod), direction).some(({ bindings }) => bindings.some((each) => each.policy.key === policy)))).map(({ namespace, name }) => `${namespace}/${name}`));

/**
 * Two locks keep most doors: a rule must be allowed and exempted, and what is not allowed is denied. Each lock is tried with the
 * other one open: an allow without the guardrails, a guardrail's exemption without the allows and without the teams' policies.
 */
interface Lock {
  readonly of: RegExp;
  readonly open: (set: PolicySet) => Compiled;
  readonly lines: readonly Line[];
}

function locksOf(variant: Variant, lines: readonly Line[]): readonly Lock[] {
  const closed = new RegExp(`^(shop|tools|batch${variant.opened ? '' : `|elsewhere${variant.hardened ? '|kube-system' : ''}`})/(?!suspect|aws-node)`);
  return [
    {
      of: /^eks-allow\./, open: (set) => compiled(only(set, ({ tier, name }) => tier !== 'eks-guardrails' || name.endsWith('-exempt')), teamPoliciesOf(variant)),
      // The agent's rule has the kubelets' port in its range.
      lines: lines.filter(({ flow: { from, to, port } }) => closed.test(from) && !/\/suspect$/.test(to) && !(from === 'tools/agent' && [10250, 10255].includes(port!))),
    },
    {
      of: /^eks-guardrails\..*-exempt$/, open: (set) => compiled(only(set, ({ tier }) => tier !== 'eks-allow'), []),
      lines: lines.filter(({ flow: { from, to } }) => (closed.test(from) || /^(rogue|rogue-batch|elsewhere)\/(?!suspect)/.test(from) || (variant.hardened && /^kube-system\/(?!aws-node)/.test(from))) && /^ip:/.test(to) && !BASICS.test(to))
        .map((line): Line => ({ ...line, verdict: 'deny' })),
    },
  ];
}
/** Where every pod gets without asking. */
const BASICS = /^ip:(169\.254\.170\.23|fd00:ec2::23|169\.254\.20\.10|172\.20\.0\.10)$/;
const only = ({ tiers, policies }: PolicySet, keep: (policy: PolicySet['policies'][number]) => boolean): PolicySet => ({ tiers, policies: policies.filter(keep) });

/** What breaks no line, and why nothing is lost. */
const EQUIVALENT: readonly (readonly [RegExp, string])[] = [
  [/api-?server.*egress rule 0 without protocol/, 'the ports of the Service say their protocol'],
  [/api-?server-(\w+-)?exempt: egress rule 1 (without protocol|destination without ports)/, 'no later guardrail denies anything else there'],
  [/exempt: egress rule \d destination notNets without (169\.254|198\.51)/, 'inside for the guardrail, which denies nothing there'],
  [/dns-queries-of-nodes-ingress: .* without notSelector/, 'pods may ask the DNS by the rule beside it'],
  [/quarantine-\w+: .* without (notSelector|ipVersion)/, 'pods are decided by the rule before it'],
  [/quarantine-tools: (in|e)gress rule/, 'the default deny closes its pods too; those of quarantine-rogue, whose rules are the same, are open without it'],
  [/default-deny: egress rule \d Allow -> Pass/, 'after the last tier come the profiles, which allow'],
];
/** Of some variants only. */
const EQUIVALENT_IN: readonly (readonly [keyof Variant | 'dedicated', RegExp, string])[] = [
  ['dedicated', /api-?server.*(egress rule 0 deleted|destination without services)/, 'the subnets are the control plane\'s own, and hold the addresses of the Service'],
  ['hardened', /default-deny: egress rule [01] (deleted|Allow -> Deny)/, 'every pod may ask the DNS by the allow of a hardened system'],
  ['hardened', /(ebs-csi|load-balancer)-controller-api-server-egress: (deleted|egress rule 0 deleted|egress rule 1)|aws-apis-egress: .* without 198\.51\.100/, 'it may reach all of the VPC on 443, for the interface endpoints'],
];

/** The first line that a mutant breaks. */
function killer({ name, set, policy }: Mutant, original: Compiled, variant: Variant, lines: readonly Line[], locks: readonly Lock[]): string | undefined {
  const [host] = selectedHosts(set);
  if (host) return host;
  const mutated = compiled(set, teamPoliciesOf(variant));
  const concerned = policy === undefined ? undefined : new Set([...boundBy(original, policy), ...boundBy(mutated, policy)]);
  const about = (all: readonly Line[]) => concerned ? all.filter(({ flow: { from, to } }) => concerned.has(from) || concerned.has(to)) : all;
  const [broken] = failures(mutated, about(lines), 1);
  const lock = broken === undefined ? locks.find(({ of }) => of.test(name.split(':')[0])) : undefined;
  return lock ? failures(lock.open(set), about(lock.lines), 1)[0] : broken;
}

/** Each with the mutants that decide there: what a team opened is allowed without us, and what it did not is closed without the guardrails. */
const VARIANTS: readonly (readonly [string, Variant, (mutant: string) => boolean])[] = [
  ['kube-system outside, NodeLocal DNSCache', { nodeLocalDns: true }, (name) => !/^eks-allow\.(rogue-|[a-z]+-rogue)|^eks-guardrails\.([a-z]+-tools|internet-(tools-internet|batch-partner))-exempt/.test(name)],
  ['kube-system hardened', { hardened: true }, (name) => /^eks-allow\.system-|default-deny|-deny:|^tier/.test(name)],
  ['kube-system hardened, opened by its owner', { hardened: true, opened: true }, (name) => /system-.*-exempt:/.test(name)],
  ['kube-system hardened, the control plane beside other things', { hardened: true, shared: true }, (name) => /^eks-allow\.(system-.*-api-server|apiserver-tools)|apiserver-deny/.test(name)],
  ['kube-system hardened and opened, the control plane beside other things', { hardened: true, opened: true, shared: true }, (name) => /api-server-exempt|apiserver-rogue-exempt/.test(name)],
];
/** All of them where there is time; otherwise one of some, and in the end each. */
const EVERY = process.env.FUZZ_RUNS === undefined ? 12 : 1;

test.each(VARIANTS)('%s: nobody can delete, widen or turn a single thing of the baseline without breaking a line', (_, variant, decides) => {
  const lines = [egressTable(variant), ingressTable(variant)].flatMap(linesOf);
  const set = baselineOf(intentOf(variant));
  const original = compiled(set, teamPoliciesOf(variant));
  const locks = locksOf(variant, lines);
  expect(selectedHosts(set)).toEqual([]);
  for (const { of, open, lines: those } of locks) expect([of, failures(open(set), those)]).toEqual([of, []]);
  const mutants = mutantsOf(set).filter(({ name }) => decides(name));
  const survivors = mutants.filter((_mutant, index) => index % EVERY === 0).filter((mutant) => killer(mutant, original, variant, lines, locks) === undefined).map(({ name }) => name);
  const known = [...EQUIVALENT, ...EQUIVALENT_IN.flatMap(([option, pattern, why]) => (option === 'dedicated' ? !variant.shared : variant[option]) ? [[pattern, why] as const] : [])];
  expect(survivors.filter((name) => !known.some(([pattern]) => pattern.test(name)))).toEqual([]);
}, 1_200_000);
