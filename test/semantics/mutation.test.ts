import { baselineOf, compiled, failures } from './baseline-set';
import { PODS } from './fixtures/cluster';
import { DOC } from './fixtures/documents';
import { egressTable } from './fixtures/egress';
import { ingressTable } from './fixtures/ingress';
import { intentOf, Variant } from './fixtures/said';
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
 * other one open: an allow without the guardrails, a guardrail's exemption without the allows.
 */
const LOCKS = [
  { of: /^eks-allow\./, open: (set: PolicySet) => only(set, ({ tier, name }) => tier !== 'eks-guardrails' || name.endsWith('-exempt')), lines: (lines: readonly Line[]) => lines.filter(({ flow }) => CLOSED.test(flow.from) && !/\/suspect$/.test(flow.to) && ![10250, 10255].includes(flow.port!)) },
  {
    of: /^eks-guardrails\..*-exempt$/, open: (set: PolicySet) => only(set, ({ tier }) => tier !== 'eks-allow'),
    lines: (lines: readonly Line[]) => lines.filter(({ flow, why }) => CLOSED.test(flow.from) && /^ip:/.test(flow.to) && why !== DOC.podIdentity && why !== DOC.nodeLocalDns).map((line): Line => ({ ...line, verdict: 'deny' })),
  },
];
const CLOSED = /^(shop|tools|batch|elsewhere)\/(?!suspect)/;
const only = ({ tiers, policies }: PolicySet, keep: (policy: PolicySet['policies'][number]) => boolean): PolicySet => ({ tiers, policies: policies.filter(keep) });

/** What breaks no line, and why nothing is lost. */
const EQUIVALENT: readonly (readonly [RegExp, string])[] = [
  [/apiserver.*(rule 0 deleted|services)/, 'the subnets are the control plane\'s own, and hold the addresses of the Service'],
  [/apiserver-rogue-exempt: egress rule \d (without protocol|destination without (ports|nets))/, 'no later guardrail denies anything else there'],
  [/exempt: egress rule \d destination notNets without (169\.254|198\.51)/, 'inside for the guardrail, which denies nothing there'],
  [/dns-queries-of-nodes-ingress: .* without notSelector/, 'pods may ask the DNS by the rule beside it'],
  [/quarantine-\w+: .* without (notSelector|ipVersion)/, 'pods are decided by the rule before it'],
];

/** Survivors that are not shown to be equivalent: the tables have no line yet that would tell. */
const UNTOLD: readonly (readonly [RegExp, string])[] = [
  [/exempt: egress rule \d Pass -> Allow|default-deny: egress rule \d Allow -> (Pass|Deny)|default-deny: egress rule \d deleted/, 'the allow beside it, or the end of all tiers, decides the same'],
  [/quarantine-tools/, 'its pods are closed anyway; those of quarantine-rogue are not'],
  [/kubelet-tools-egress|vpc-egress/, 'a broader rule of the fixture opens the same ports of nodes'],
  [/without 'tigera-operator'/, 'the fixture has no pod there'],
  [/(apiserver|instancemetadata).*without (protocol|ports)/, 'no probe of another protocol or port there'],
  [/tier eks-allow: after the teams/, 'no pod of the fixture is isolated by its team and allowed by the platform'],
  [/system-/, 'a hardened kube-system: the other lock is not tried open'],
];

/** The first line that a mutant breaks. */
function killer({ name, set, policy }: Mutant, original: Compiled, lines: readonly Line[]): string | undefined {
  const [host] = selectedHosts(set);
  if (host) return host;
  const mutated = compiled(set);
  const concerned = policy === undefined ? undefined : new Set([...boundBy(original, policy), ...boundBy(mutated, policy)]);
  const about = concerned ? lines.filter(({ flow: { from, to } }) => concerned.has(from) || concerned.has(to)) : lines;
  const [broken] = failures(mutated, about, 1);
  const lock = broken === undefined ? LOCKS.find(({ of }) => of.test(name.split(':')[0])) : undefined;
  return lock ? failures(compiled(lock.open(set)), lock.lines(about), 1)[0] : broken;
}

const VARIANTS: readonly (readonly [string, Variant])[] = [['kube-system outside, NodeLocal DNSCache', { nodeLocalDns: true }], ['kube-system hardened', { hardened: true }]];
/** All of them where there is time; otherwise one of some, and in the end each. */
const EVERY = process.env.FUZZ_RUNS === undefined ? 12 : 1;

test.each(VARIANTS)('%s: nobody can delete, widen or turn a single thing of the baseline without breaking a line', (_, variant) => {
  const lines = [egressTable(variant), ingressTable(variant)].flatMap(linesOf);
  const set = baselineOf(intentOf(variant));
  const original = compiled(set);
  expect(selectedHosts(set)).toEqual([]);
  for (const { of, open, lines: those } of LOCKS) expect([of, failures(compiled(open(set)), those(lines))]).toEqual([of, []]);
  const mutants = mutantsOf(set).filter(({ name }) => variant.hardened ? /system-|default-deny|-deny:|^tier/.test(name)
    // What a team opened is allowed without us, and what it did not is closed without the guardrails: each is tried where it decides.
    : !/^eks-allow\.(rogue-|[a-z]+-rogue)|^eks-guardrails\.([a-z]+-tools|internet-(tools-internet|batch-partner))-exempt/.test(name));
  const survivors = mutants.filter((_mutant, index) => index % EVERY === 0).filter((mutant) => killer(mutant, original, lines) === undefined).map(({ name }) => name);
  expect(survivors.filter((name) => ![...EQUIVALENT, ...UNTOLD].some(([pattern]) => pattern.test(name)))).toEqual([]);
}, 1_200_000);
