import { createHash } from 'crypto';
import { readFileSync } from 'fs';
import { join } from 'path';
import { Duration, Stack } from 'aws-cdk-lib';
import { Construct, IConstruct } from 'constructs';
import { KubernetesNetwork } from './network';
import { ObjectsRelease } from './objects-release';
import { resourcesOf, upstreamOf } from './references';
import { PROBE_RELEASE } from './release-name';
import { makeWait } from './release-order';
import { KubernetesObject as CoreObject } from '../../core/connectivity/workload';
import { Diagnostic } from '../../core/diagnostic';
import { NetworkDecision } from '../../core/network/decision';
import { NetworkIntent } from '../../core/network/network-intent';
import { judgeProbe, namesOf, probePolicies } from '../../core/probe/judge-probe';
import { NotProbed, ProbeFlow, ProbePlan } from '../../core/probe/probe';
import { planProbeOptions, ProbeOptionsPlan, ProbeOptionsRequest } from '../../core/probe/probe-options';
import { planProbe, tagged, withFlows } from '../../core/probe/probe-plan';
import { probeImage, referenceOf } from '../manifests/probe-image';
import { probeObjects, ProbeObjectsIntent, probePods } from '../manifests/probe-objects';

/** What runs in the pods. */
const PROGRAM = readFileSync(join(__dirname, 'probe-program', 'probe.js'), 'utf8');

/** Helm waits for the verdict this much longer than a run takes. */
const BEYOND_SECONDS = 60;

/** A probe as it was asked for. */
export interface ProbeAsked {
  readonly construct: IConstruct;
  readonly suffix: string;
  readonly request: Omit<ProbeOptionsRequest, 'wayOut'>;
}

interface ProbeToDeploy extends Pick<ProbeAsked, 'suffix'> {
  readonly construct: Construct;
  readonly options: ProbeOptionsPlan;
  /** Reference of its image. */
  readonly image: string;
}

export interface ProbesContent {
  readonly probes: readonly ProbeAsked[];
  /** Whether connections are known to leave the VPC. */
  readonly wayOut: boolean;
  readonly intent: NetworkIntent;
  readonly decision: NetworkDecision;
  /** What nodes are made of: another such node is probed anew. */
  readonly nodes: readonly object[];
  /** Everything that a network and its users put onto the cluster, in whatever stack. */
  readonly deployed: readonly IConstruct[];
}

/** A probe, for the report. */
export interface DeployedProbe {
  readonly origin: string;
  readonly stack: string;
  readonly flows: readonly ProbeFlow[];
}

export interface DeployedProbes {
  /** Whether denials are in force; otherwise probes only report. */
  readonly enforced: boolean;
  readonly releases: readonly ObjectsRelease[];
  readonly probes: readonly DeployedProbe[];
  readonly notProbed: readonly NotProbed[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Each probe tries what its stack, and those that it waits for, deploy; each expectation once. */
export function deployProbes(network: KubernetesNetwork, content: ProbesContent): DeployedProbes {
  const home = Stack.of(network);
  const { intent } = content;
  const done: { readonly release: ObjectsRelease; readonly probe: DeployedProbe }[] = [];
  const diagnostics: Diagnostic[] = [];
  let left = intent.expectations;
  const reasons = new Map<string, NotProbed>();
  // The cluster's own first: what it can try, no other has to.
  const probes = content.probes.map((asked): ProbeToDeploy => {
    const planned = planProbeOptions({ ...asked.request, wayOut: content.wayOut });
    diagnostics.push(...planned.diagnostics);
    return { suffix: asked.suffix, construct: asked.construct as Construct, options: planned.options, image: planned.options.image ?? referenceOf(probeImage()) };
  }).sort((a, b) => rank(a, home) - rank(b, home) || (a.construct.node.path < b.construct.node.path ? -1 : 1));
  for (const probe of probes) {
    const stack = Stack.of(probe.construct);
    const reach = stacksBefore(stack, home);
    const within = (origin: string) => reach.has(stackAt(network.node.root, origin) ?? home);
    const { plan, objects, notProbed } = decideProbe(network, probe, content, left.filter(({ origin }) => within(origin)));
    for (const each of notProbed) reasons.set(each.origin ?? each.flow, each);
    const flows = plan.flows.filter(({ name, needs, origin }) => {
      const beyond = needs.find((need) => !within(need));
      if (beyond !== undefined) reasons.set(origin ?? name, { flow: name, origin, reason: `it needs ${beyond}, which no stack before the probe's deploys` });
      return beyond === undefined;
    });
    for (const { origin, name } of flows) reasons.delete(origin ?? name);
    left = left.filter(({ origin }) => !flows.some((flow) => flow.origin === origin));
    if (flows.length === 0) {
      diagnostics.push(nothingToTry(probe));
      continue;
    }
    const release = deployProbe(network, probe, withFlows(plan, flows), objects, content);
    diagnostics.push(...release.diagnostics, ...waitForAll(release, content.deployed.filter((each) => Stack.of(each) === stack)));
    done.push({ release, probe: { origin: probe.construct.node.path, stack: stack.artifactId, flows } });
  }
  const untold = left.filter(({ origin }) => !reasons.has(origin) && probes.some(({ options }) => options.flows.includes('expectations')));
  return {
    enforced: intent.enforcement === 'enforced',
    releases: done.map(({ release }) => release),
    probes: done.map(({ probe }) => probe),
    notProbed: [...reasons.values(), ...untold.map(({ origin }) => ({ flow: origin, origin, reason: 'no probe is in its stack, or in one that waits for it' }))]
      .sort((a, b) => a.flow < b.flow ? -1 : 1),
    diagnostics,
  };
}

const rank = ({ construct }: ProbeToDeploy, home: Stack): number => Stack.of(construct) === home ? 0 : 1;

/** Plans, under names that say what is probed, and asks the model about the very pods that will run. */
function decideProbe(
  network: KubernetesNetwork, probe: ProbeToDeploy, content: ProbesContent, expectations: NetworkIntent['expectations'],
): { plan: ProbePlan; objects: ProbeObjectsIntent; notProbed: readonly NotProbed[] } {
  const isHome = Stack.of(probe.construct) === Stack.of(network);
  const { intent, decision } = content;
  const { options, construct, suffix } = probe;
  const asked = planProbe({
    origin: construct.node.path, suffix, internet: options.internet,
    flows: isHome ? options.flows : options.flows.filter((flow) => flow === 'expectations'),
    expectations: options.flows.includes('expectations') ? expectations.map((each) => ({ ...each, origins: intent.origins ?? new Map<CoreObject, string>() })) : [],
    objects: intent.objects,
    namespaces: namesOf({ ...intent, expectations: [] }),
    staged: intent.namespaces.filter(({ enforcement = intent.enforcement }) => enforcement !== intent.enforcement).map(({ name }) => name),
    serviceAccounts: [...intent.serviceAccounts, ...intent.objects.filter(({ kind }) => kind === 'ServiceAccount').map(({ metadata }) => ({ namespace: metadata?.namespace ?? 'default', name: metadata?.name ?? '' }))]
      .map(({ namespace, name }) => `${namespace}/${name}`),
  });
  const tag = digestOf(network, probe, asked, content);
  const plan = tagged(asked, tag);
  const objects = objectsIntent(probe, plan, tag, content, network.calico.tolerations ?? []);
  const judged = judgeProbe(plan, intent, decision.policies, decision.origins, probePods(objects) as readonly CoreObject[]);
  // What holds on every cluster is the business of the cluster's own probe.
  return { plan: { ...plan, flows: judged.flows }, objects, notProbed: isHome ? judged.notProbed : judged.notProbed.filter(({ origin }) => origin !== undefined) };
}

/**
 * What was proved: policies, engine, nodes, and the way of proving. Tags of resources are no part of it, nor are values that only the
 * deployment knows, but for where these come from.
 */
function digestOf(network: KubernetesNetwork, { suffix, options, image }: ProbeToDeploy, plan: ProbePlan, { intent, decision, nodes }: ProbesContent): string {
  const { enforcement } = intent;
  const proved = Stack.of(network).resolve({
    policies: decision.policies, enforcement, engine: network.calico, nodes: nodes.map((each) => JSON.stringify(each)).sort(), suffix, options, image, asked: plan, program: PROGRAM,
  }) as object;
  return createHash('sha256').update(JSON.stringify(proved)).digest('hex').slice(0, 8);
}

function objectsIntent({ suffix, options, image }: ProbeToDeploy, plan: ProbePlan, tag: string, { intent }: ProbesContent, tolerations: readonly object[]): ProbeObjectsIntent {
  const { timeoutSeconds, holdSeconds } = options;
  return { tag, suffix, identities: plan.identities, image, mode: intent.enforcement === 'enforced' ? 'fail' : 'report', timeoutSeconds, holdSeconds, tolerations };
}

/** Another name for whatever else is probed: a release of its own, so that taking a deployment back probes nothing and can fail by nothing. */
function deployProbe(network: KubernetesNetwork, probe: ProbeToDeploy, plan: ProbePlan, objects: ProbeObjectsIntent, { intent }: ProbesContent): ObjectsRelease {
  const policies = probePolicies(plan, intent.addresses, namesOf(intent));
  const waits = objects.mode === 'fail';
  return network.deployProbe(probe.construct, `${PROBE_RELEASE}${probe.suffix}-${objects.tag}`, probeObjects({ ...objects, identities: plan.identities }, plan.flows, policies, PROGRAM), {
    wait: waits, timeout: Duration.seconds(probe.options.timeoutSeconds + BEYOND_SECONDS),
  });
}

/** After all that its stack deploys. */
function waitForAll(release: ObjectsRelease, deployed: readonly IConstruct[]): Diagnostic[] {
  return makeWait(deployed.map((earlier) => ({
    later: release,
    earlier,
    circle: {
      code: 'probeTooEarly', severity: 'error', subject: release.node.path,
      message: `${earlier.node.path} waits for this probe, which is to try what it deploys`,
      fix: 'remove that dependency, or give what waits a stack of its own',
    },
  })));
}

/** The stack itself and whatever is deployed before it. */
function stacksBefore(stack: Stack, home: Stack): ReadonlySet<Stack> {
  return new Set([stack, home, ...[...upstreamOf(resourcesOf([stack]))].map((resource) => Stack.of(resource))]);
}

/** The stack of what is at a path, which may have more behind a comma. */
function stackAt(root: IConstruct, origin: string): Stack | undefined {
  let at: IConstruct | undefined = root;
  for (const id of origin.split(', ')[0].split('/')) at = at?.node.tryFindChild(id);
  return at && Stack.of(at);
}

function nothingToTry({ construct }: ProbeToDeploy): Diagnostic {
  return {
    code: 'probeEmpty', severity: 'warning', subject: construct.node.path, acknowledgeable: true,
    message: 'there is nothing that it can try: the report says why of each flow', fix: 'remove it, or give its stack expectations that can be tried',
  };
}
