import { NetworkDecision } from '../../src/core/network/decision';
import { renderMarkdown, ReportFacts } from '../../src/report/markdown';

const HOSTILE = 'x`\n# Owned\r\n<script>alert(1)</script> [click](javascript:alert(1)) ![i](http://e) **met** __met__ | a\\`b ~~c~~\u202e\u2028- y';

function decision(overrides: Partial<NetworkDecision> = {}): NetworkDecision {
  return { plan: {} as never, policies: { tiers: [], policies: [] }, origins: new Map(), workloads: [], exposures: [], exemptions: [], expectations: [], diagnostics: [], modes: { cluster: 'enforced', namespaces: new Map() }, ...overrides };
}

function facts(overrides: Partial<ReportFacts> = {}): ReportFacts {
  return { cluster: 'Platform/Cluster', addresses: { controlPlaneDedicated: true }, endpoint: [], wayOut: 'NAT', systemNamespaces: [], rules: [], foreign: [], unseen: [], acknowledged: [], warnings: [], ...overrides };
}

/** Everything that a user can name or write, with the same words everywhere. */
function allOf(word: string): [NetworkDecision, ReportFacts] {
  const flow = { peer: word, connections: word, because: word };
  return [
    decision({
      workloads: [{ kind: 'Deployment', name: word, outside: true, reaches: [flow], reachedBy: [{ ...flow, undetermined: true }], denied: [flow] }],
      exposures: [{ subject: word, scheme: 'internal', controller: word, sources: [word], admits: word, reaches: word }],
      exemptions: [{ guardrail: 'kubelet', namespace: word, serviceAccounts: [word], reason: word, identity: 'open' }],
      expectations: [{ origin: word, source: word, destination: word, connections: word, expected: 'deny', result: 'unmet', because: word }],
    }),
    facts({
      cluster: word, endpoint: [{ text: word }, { text: word, undetermined: true }], wayOut: word, systemNamespaces: [{ name: word, reason: word }],
      rules: [{ name: word, origin: word, source: { kind: 'pods', namespace: word, labels: { a: word } }, destination: { kind: 'addresses', name: word, cidrs: [] }, ports: [{ protocol: 'TCP', ports: [word] }], description: word }],
      foreign: [{ path: word, what: 'Helm chart', name: word, waits: false }], unseen: [{ chart: word, namespace: word, releaseName: word }],
      acknowledged: [{ code: 'aCode', subject: word, reason: word, message: word }], warnings: [{ code: 'aCode', subject: word, message: word }],
    }),
  ];
}

/** The text outside code spans, as CommonMark finds them. */
function outsideCode(line: string): string {
  let rest = line;
  let out = '';
  for (;;) {
    const open = /(?<!\\)`+/.exec(rest);
    if (!open) return out + rest;
    const after = rest.slice(open.index + open[0].length);
    const close = new RegExp(`(?<!\`)${open[0]}(?!\`)`).exec(after);
    out += rest.slice(0, open.index);
    if (!close) return `${out}UNCLOSED${after}`;
    rest = after.slice(close.index + close[0].length);
  }
}

describe('hostile words do no harm', () => {
  const lines = renderMarkdown(...allOf(HOSTILE)).split('\n');
  const plain = renderMarkdown(...allOf('plain')).split('\n');

  test('they add no line and no heading', () => {
    expect(lines).toHaveLength(plain.length);
    expect(lines.filter((line) => line.startsWith('#')).map((line) => line.replace(/ .*/, ''))).toEqual(plain.filter((line) => line.startsWith('#')).map((line) => line.replace(/ .*/, '')));
    expect(lines.map((line) => /^ *(- )?/.exec(line)![0])).toEqual(plain.map((line) => /^ *(- )?/.exec(line)![0]));
  });

  test('outside code they start no HTML, no link, no emphasis, no code', () => {
    const text = lines.map(outsideCode).join('\n');
    expect(text).not.toContain('UNCLOSED');
    expect(text).not.toMatch(/[<>]/);
    expect(text).not.toMatch(/(?<!\\)[[\]|~]/);
    const bold = (all: string[]) => (all.map(outsideCode).join('\n').match(/(?<!\\)\*\*/g) ?? []).length;
    expect(bold(lines)).toBe(bold(plain));
    expect(text).not.toMatch(/(?<!\\)__/);
    expect(text).not.toMatch(/[\u202e\u2028\r]/);
  });
});

describe('the report', () => {
  test('says of nothing that there is nothing', () => {
    const report = renderMarkdown(decision(), facts());
    expect(report).toContain('## Outside the default deny\n\n- nodes, and pods on their network: no policy binds them, and each node reaches the pods that run on it\n');
    expect(report).toContain('Nothing: every object is in view, every verdict is decided, no diagnostic was accepted.');
    expect(report).toContain('## Load balancers\n\nNone.\n');
    expect(report).toContain('## Allowed by code\n\nNothing.\n');
    expect(report).toContain('## Workloads\n\nNone in view.\n');
    expect(report).toContain('## Expectations\n\nNone.\n');
    expect(report.match(/- exempted: nobody/g)).toHaveLength(3);
    expect(report.endsWith('\n')).toBe(true);
  });

  test('names the policy behind each denial', () => {
    const report = renderMarkdown(decision(), facts());
    for (const policy of ['eks-guardrails.kubelet-deny', 'eks-guardrails.apiserver-deny', 'eks-guardrails.imds-deny', 'eks-guardrails.internet-deny', 'eks-default-deny.default-deny']) {
      expect(report).toContain(`\`GlobalNetworkPolicy/${policy}\``);
    }
  });

  test('begins with what does not hold yet', () => {
    expect(renderMarkdown(decision(), facts()).split('\n')[2]).toBe('## Outside the default deny');
    expect(renderMarkdown(decision({ modes: { cluster: 'staged', namespaces: new Map() } }), facts()).split('\n')[2]).toMatch(/^\*\*The policies are staged:/);
    expect(renderMarkdown(decision({ modes: { cluster: 'allowsEnforced', namespaces: new Map() } }), facts()).split('\n')[2]).toMatch(/^\*\*The denials are staged:/);
  });

  test('says everything it is given', () => {
    const [one, two] = allOf('plain');
    const report = renderMarkdown(one, two);
    for (const line of [
      '# Network of plain',
      '- namespace `plain`: plain',
      '- **Deployment `plain`**: policies do not bind it, or not by default',
      '- chart `plain` in namespace `plain` (release plain): its objects are not in view',
      '- Helm chart `plain` at plain: its objects are not in view, and **it may start before the network**',
      '- accepted: plain: plain (aCode), because plain',
      '- plain: plain (aCode)',
      '- plain', '- **undetermined**: plain',
      '  - exempted: service account plain in `plain`, because plain; **whoever creates pods there can use it too**',
      '- plain: internal, admits plain, to plain; accepted, because plain',
      '- pods a=plain in plain to plain, TCP plain, because plain (plain)',
      '### Deployment `plain`',
      '  - plain, plain: plain',
      '  - plain, plain: **undetermined**, plain',
      '- **unmet**: plain to plain, plain, must be denied',
      '  - plain (plain)',
    ]) expect(report.split('\n')).toContain(line);
  });
});

test('a control plane that shares its subnets is said where the API server is denied, with what that loses', () => {
  const dedicated = renderMarkdown(decision(), facts()).split('\n');
  const shared = renderMarkdown(decision(), facts({ addresses: { controlPlaneDedicated: false } })).split('\n');
  const line = shared.indexOf('- the API server: `GlobalNetworkPolicy/eks-guardrails.apiserver-deny`') + 1;
  expect(shared.slice(line, line + 2)).toEqual([
    '  - **the control plane shares its subnets: denied are the addresses that its Service has, not the subnets.** When EKS makes a new interface, a pod whose own rules let it there reaches it until the Service names it',
    '  - what code allows from the control plane, everything in these subnets that is no pod may use',
  ]);
  expect([...shared.slice(0, line), ...shared.slice(line + 2)]).toEqual(dedicated);
});
