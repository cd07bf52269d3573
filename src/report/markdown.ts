import { code, text } from './escape';
import { guardLines } from './guards';
import { GuardsInForce } from '../core/guard/guards-in-force';
import { LOAD_BALANCER_RULE } from '../core/load-balancer/path-to-pods';
import { ExpectationResult, Flow, NetworkDecision, WorkloadFlows } from '../core/network/decision';
import { NamedReason } from '../core/network/network-intent';
import { EndpointLine } from '../core/plan/endpoint';
import { differing, EnforcementModes } from '../core/policy/enforcement';
import { ClusterAddresses, describeLabels, describePeer, describePorts, Guardrail, TrafficIntent } from '../core/policy/intent';
import { NotProbed, ProbeFlow } from '../core/probe/probe';

/** What a report says besides the decision itself. */
export interface ReportFacts {
  readonly cluster: string;
  readonly addresses: Pick<ClusterAddresses, 'controlPlaneDedicated'>;
  /** Who reaches the API endpoint besides what is inside the cluster. */
  readonly endpoint: readonly EndpointLine[];
  /** How connections leave the VPC, in words. */
  readonly wayOut: string;
  readonly systemNamespaces: readonly NamedReason[];
  /** What the API server of the cluster refuses, by itself. */
  readonly guards?: GuardsInForce;
  readonly rules: readonly TrafficIntent[];
  /** What was added past this library. */
  readonly foreign: readonly { readonly path: string; readonly what: string; readonly name?: string; readonly waits: boolean }[];
  /** Charts whose objects are not in view. */
  readonly unseen: readonly { readonly chart: string; readonly namespace: string; readonly releaseName: string }[];
  /** Charts whose objects are in view as their users gave them. */
  readonly rendered?: readonly { readonly chart: string; readonly namespace: string; readonly releaseName: string; readonly objects: readonly unknown[]; readonly leftOut: readonly string[] }[];
  readonly acknowledged: readonly { readonly code: string; readonly subject: string; readonly reason: string; readonly message: string }[];
  readonly warnings: readonly { readonly code: string; readonly subject: string; readonly message: string }[];
  /** Calico's release; absent: known only at deployment. */
  readonly calico?: string;
  /** Whether pods wait for Calico on a new node. */
  readonly startsTainted?: boolean;
  /** What Calico does not enforce on this cluster. */
  readonly losses?: readonly { readonly subject: string; readonly because: string; readonly pods: 'any' | 'withGroups' | readonly { readonly namespace: string; readonly labels: Readonly<Record<string, string>> }[] }[];
  /** What is tried in the live cluster, where anything is. */
  readonly probed?: {
    readonly enforced: boolean;
    readonly probes: readonly { readonly origin: string; readonly stack: string; readonly flows: readonly ProbeFlow[] }[];
    readonly notProbed: readonly NotProbed[];
  };
  /** Endpoints for AWS services in the VPC, a line each. */
  readonly awsServices?: readonly string[];
  /** Those of them that admit pods: whoever may reach the subnets of endpoints reaches each. */
  readonly podServices?: readonly string[];
  /** Whether AWS carries what rules allow to addresses. */
  readonly carriage?: readonly { readonly text: string; readonly verdict: string }[];
}

/** The network of a cluster in plain words. What is not known, not seen or not enforced comes first. */
export function renderMarkdown(decision: NetworkDecision, facts: ReportFacts): string {
  const { workloads, exposures, expectations } = decision;
  const outside = workloads.filter(({ outside: isOutside }) => isOutside);
  return [
    `# Network of ${text(facts.cluster)}`,
    ...stagedLines(decision.modes),
    section('Outside the default deny', [
      ...facts.systemNamespaces.map(({ name, reason }) => `- namespace ${code(name)}: ${text(reason)}`),
      ...outside.map(({ kind, name }) => `- **${kind} ${code(name)}**: policies do not bind it, or not by default`),
      '- nodes, and pods on their network: no policy binds them, and each node reaches the pods that run on it',
    ]),
    section('What enforces the policies', [
      `- Calico${facts.calico === undefined ? ', of a release that only the deployment knows' : ` ${text(facts.calico)}`}`,
      ...(facts.losses ?? []).map(({ subject, because, pods }) => `- **not everywhere**: ${text(subject)}: ${text(because)}${unboundPods(pods)}`),
      facts.startsTainted ? '- on a new node before any pod that does not tolerate every taint: the startup taint keeps them off until Calico\'s first write there'
        : '- on a new node not before Calico\'s first write there, some seconds after the node is ready: **a pod that starts earlier is bound by no policy until then** (`startupTaint`)',
    ]),
    section('Not seen, not known, accepted', [
      ...facts.unseen.map(({ chart, namespace, releaseName }) => `- chart ${code(chart)} in namespace ${code(namespace)} (release ${text(releaseName)}): its objects are not in view`),
      ...(facts.rendered ?? []).map(({ chart, namespace, releaseName, objects, leftOut }) => `- chart ${code(chart)} in namespace ${code(namespace)} (release ${text(releaseName)}): in view is the rendered output of it, ${objects.length} ${objects.length === 1 ? 'object' : 'objects'}; it is what you gave, not what Helm will render with other values${leftOut.length > 0 ? `. Left out: ${leftOut.map(text).join('; ')}` : ''}`),
      ...facts.foreign.map(({ path, what, name, waits }) => `- ${what} ${name ? `${code(name)} ` : ''}at ${text(path)}: its objects are not in view${waits ? '; it waits for the network' : ', and **it may start before the network**'}`),
      ...facts.acknowledged.map((each) => `- accepted: ${text(each.subject)}: ${text(each.message)} (${each.code}), because ${text(each.reason)}`),
      ...facts.warnings.map((each) => `- ${text(each.subject)}: ${text(each.message)} (${each.code})`),
    ], 'Nothing: every object is in view, every verdict is decided, no diagnostic was accepted.'),
    section('Who reaches the API endpoint', [
      ...facts.endpoint.map((line) => `- ${line.undetermined ? '**undetermined**: ' : ''}${text(line.text)}`),
      '- by the private endpoint, which is always on: the nodes, and what was added to `apiConnections`',
      '- pods of the system namespaces, and those exempted below',
    ]),
    section('Denied to every pod that is not exempted', [
      '- the kubelets, TCP 10250 and 10255: `GlobalNetworkPolicy/eks-guardrails.kubelet-deny`',
      ...exemptionLines(decision, 'kubelet').map(indent),
      '- the API server: `GlobalNetworkPolicy/eks-guardrails.apiserver-deny`',
      ...facts.addresses.controlPlaneDedicated ? [] : SHARED_CONTROL_PLANE,
      ...exemptionLines(decision, 'apiServer').map(indent),
      '- instance metadata, 169.254.169.254: `GlobalNetworkPolicy/eks-guardrails.imds-deny`',
      ...exemptionLines(decision, 'instanceMetadata').map(indent),
      '- everything outside the VPC: `GlobalNetworkPolicy/eks-guardrails.internet-deny`',
      '  - exempted: by namespace and service account, those that code allows to places outside the VPC; a NetworkPolicy of theirs can use it too',
      `  - the way out: ${text(facts.wayOut)}`,
      '- whatever no rule allows, in both directions: `GlobalNetworkPolicy/eks-default-deny.default-deny`',
      '',
      'The system namespaces named above are bound by the first only.',
    ]),
    section('Load balancers', exposures.map(({ subject, scheme, admits, reaches }) =>
      `- ${text(subject)}: ${scheme}, admits ${text(admits)}${reaches ? `, to ${text(reaches)}` : ''}${acceptedFor(subject, facts).map((reason) => `; accepted, because ${text(reason)}`).join('')}`), 'None.'),
    ...!facts.guards ? [] : [section('Refused in the cluster', guardLines(facts.guards))],
    section('Allowed by code', facts.rules.map(({ name, source, destination, ports, description, origin }) =>
      `- ${text(describePeer(source))} to ${text(describePeer(destination))}, ${text(describePorts(ports))}${description ? `, because ${text(description)}` : ''}${ADDRESSES.includes(source.kind) && !name.startsWith(LOAD_BALANCER_RULE) ? '; the security group of nodes and pods must admit it too (`connections`)' : ''} (${text(origin)})`)),
    ...!facts.awsServices?.length ? [] : [section('AWS services inside the VPC', facts.awsServices.map((line) => `- ${text(line)}`))],
    ...!facts.carriage?.length ? [] : [section('Carried by security groups, network ACLs and routes', facts.carriage.map(({ text: line, verdict }) =>
      `- ${verdict === 'carried' ? verdict : `**${verdict}**`}: ${text(line)}`))],
    section('Workloads', workloads.map((each) => workloadSection(each, facts)), 'None in view.'),
    section('Expectations', expectations.map(expectationLines), 'None.'),
    ...facts.probed ? probeSections(facts.probed) : [],
  ].join('\n') + '\n';
}

/** Whom a loss concerns, where that is known. */
function unboundPods(pods: NonNullable<ReportFacts['losses']>[number]['pods']): string {
  if (pods === 'any' || pods === 'withGroups') return pods === 'any' ? '; which pods that are is not known here' : '';
  return pods.length === 0 ? '' : `; pods ${pods.map(({ namespace, labels }) => `in ${code(namespace)}${Object.keys(labels).length > 0 ? ` with ${text(describeLabels(labels))}` : ''}`).join(', ')}`;
}

/** What a deployment proves by real connections, and what it does not. */
function probeSections({ enforced, probes, notProbed }: NonNullable<ReportFacts['probed']>): string[] {
  const line = ({ name, checks }: ProbeFlow) => `- ${text(name)}, must be ${checks[0].expected === 'allow' ? 'allowed' : 'denied; its positive twin is tried with it'}`;
  return [
    section('Tried in the live cluster', probes.flatMap(({ origin, stack, flows }) => [
      `${enforced ? 'Before the deployment' : '**Reported only, as enforcement is staged**: with the deployment'} of stack ${text(stack)} counts as done (${text(origin)}):\n`, ...flows.map(line), '',
    ]), 'Nothing.'),
    section('Covered by no probe', notProbed.map(({ flow, reason }) => `- ${text(flow)}: ${text(reason)}`), 'Nothing: every flow and every expectation is tried.'),
  ];
}

/** What the guardrail lacks where other things have addresses of the same subnets. https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html */
const SHARED_CONTROL_PLANE: readonly string[] = [
  '  - **the control plane shares its subnets: denied are the addresses that its Service has, not the subnets.** When EKS makes a new interface, a pod whose own rules let it there reaches it until the Service names it',
  '  - what code allows from the control plane, everything in these subnets that is no pod may use',
];

/** Sources that a policy lets in and a security group may not. Load balancers bring their own rules for the group. */
const ADDRESSES: readonly string[] = ['addresses', 'vpc', 'endpoints'];

/** Why somebody accepted what is wrong with an object, each reason once. */
function acceptedFor(subject: string, { acknowledged }: ReportFacts): string[] {
  return [...new Set(acknowledged.filter((each) => each.subject === subject).map(({ reason }) => reason))];
}

/** Before anything else: what is said below does not hold yet. */
function stagedLines(modes: EnforcementModes): string[] {
  const names = differing(modes).map(code).join(', ');
  const but = names === '' ? '' : modes.cluster === 'enforced' ? ` in ${names}` : `, except in ${names}`;
  if (modes.cluster === 'allowsEnforced') {
    const own = differing(modes).map((name) => `${code(name)} is ${modes.namespaces.get(name) === 'staged' ? 'staged' : 'enforced'} as a whole`);
    return [`\n**The denials are staged: nothing of what this report calls denied is denied yet by the platform. Its rules are in force.${own.length > 0 ? ` Namespace ${own.join(', ')}.` : ''}**`];
  }
  return modes.cluster === 'enforced' && names === '' ? []
    : [`\n**The policies are staged${but}: nothing that this report says of them holds yet there, only policies of teams and charts do.**`];
}

function expectationLines({ origin, source, destination, connections, expected, result, because, now }: ExpectationResult): string {
  const words = expected === 'allow' ? 'allowed' : 'denied';
  return [
    `- ${result === 'met' ? 'met' : `**${result}**`}: ${text(source)} to ${text(destination)}, ${text(connections)}, must be ${words}`,
    `  - ${now ? `${result === 'met' ? `${words} ` : ''}once enforced: ` : ''}${text(because)} (${text(origin)})`,
    ...!now ? [] : [`  - ${{ met: `${words} now`, unmet: `**not ${words} now**`, undetermined: '**undetermined now**' }[now.result]}: ${text(now.because)}`],
  ].join('\n');
}

function workloadSection({ name, kind, staged, reaches, reachedBy, denied, lost }: WorkloadFlows, { podServices = [] }: ReportFacts): string {
  const endpoints = describePeer({ kind: 'endpoints' });
  return [
    `### ${kind} ${code(name)}\n`,
    ...staged ? ['- **staged: what follows holds once it is enforced**'] : [],
    ...flowLines('may reach', reaches),
    ...podServices.length > 0 && reaches.some(({ peer }) => peer.startsWith(endpoints)) ? [`  - of ${endpoints} those that admit pods: ${podServices.map(text).join(', ')}`] : [],
    ...flowLines('may be reached by', reachedBy),
    ...flowLines('may never reach', denied),
    ...lost?.length ? flowLines('**reaches now, and loses once it is enforced**', lost) : [],
    '',
  ].join('\n');
}

function flowLines(title: string, flows: readonly Flow[]): string[] {
  const lines = flows.map(({ peer, connections, because, undetermined }) =>
    `  - ${text(peer)}, ${text(connections)}: ${undetermined ? '**undetermined**, ' : ''}${text(because)}`);
  return [`- ${title}${lines.length > 0 ? '' : ' nobody'}`, ...lines];
}

const indent = (line: string): string => `  ${line}`;

function exemptionLines({ exemptions }: NetworkDecision, guardrail: Guardrail): string[] {
  const lines = exemptions.filter((each) => each.guardrail === guardrail).map(({ namespace, serviceAccounts, reason, identity }) =>
    `- exempted: service account ${serviceAccounts.map(text).join(', ')} in ${code(namespace)}, because ${text(reason)}${IDENTITY[identity]}`);
  return lines.length > 0 ? lines : ['- exempted: nobody'];
}

/** Who could use an exemption besides whom it is for. */
const IDENTITY = {
  system: '',
  claimed: '; it rests on the claim that only the platform creates pods there',
  open: '; **whoever creates pods there can use it too**',
} as const;

function section(title: string, lines: readonly string[], nothing = 'Nothing.'): string {
  return `\n## ${title}\n\n${lines.length > 0 ? lines.join('\n').trimEnd() : nothing}`;
}
