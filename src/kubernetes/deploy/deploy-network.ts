import { Stack } from 'aws-cdk-lib';
import { Construct, IConstruct, IDependable } from 'constructs';
import { waitsForController } from './controller-order';
import { DeployedObjects, KubernetesNetwork } from './network';
import { ObjectsRelease, ReleaseOptions } from './objects-release';
import { Wait, makeWait } from './release-order';
import { Identity, releaseTenant, Tenant, tenantOf, waitsForIdentities, waitsForNamespaces } from './tenants';
import { KubernetesObject as CoreObject } from '../../core/connectivity/workload';
import { Diagnostic } from '../../core/diagnostic';
import { EmittedPlan, EnforcementModes } from '../../core/policy/enforcement';
import { Policy } from '../../core/policy/policy';
import { checkSwitch, StackOfRules } from '../../core/policy/switch-check';
import { KubernetesObject, describeObject, objectKey } from '../manifests/objects';

/** What a decided network puts onto its cluster. */
export interface NetworkContent {
  readonly plan: EmittedPlan;
  readonly modes: EnforcementModes;
  /** By the name of a rule or exemption: the construct whose stack carries its policies. */
  readonly owners: ReadonlyMap<string, IConstruct>;
  /** What tells apart the names of a stack that is not the cluster's. */
  readonly suffixOf: (stack: Stack) => string;
  /** What the API server is to refuse. */
  readonly guards: readonly KubernetesObject[];
  /** Namespaces and service accounts of the platform's. */
  readonly platformObjects: readonly KubernetesObject[];
  readonly releases: readonly ReleaseContent[];
  /** Charts of others, created already; their objects where they are in view. */
  readonly charts?: readonly { readonly construct: IConstruct; readonly releaseName: string; readonly namespace: string; readonly objects?: readonly CoreObject[] }[];
  /** What makes load balancers, among the charts of others. */
  readonly controller?: IConstruct;
  /** What gives the pods of a service account their rights in AWS, where there is something. */
  readonly identities?: readonly Identity[];
}

/** Users' objects that travel together. */
export interface ReleaseContent {
  readonly scope: Construct;
  readonly name: string;
  readonly objects: readonly KubernetesObject[];
  /** Scopes of other releases that come first. */
  readonly after?: readonly IConstruct[];
  readonly options?: ReleaseOptions;
}

export interface DeployedNetwork {
  /** In the order in which they are applied. */
  readonly releases: readonly ObjectsRelease[];
  /** What a rule of each stack waits for. */
  readonly ready: ReadonlyMap<Stack, IDependable>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Creates every release: of the cluster's stack, then what other stacks allow, then users' objects. */
export function deployNetwork(network: KubernetesNetwork, content: NetworkContent): DeployedNetwork {
  const home = Stack.of(network);
  const { plan, owners } = content;
  const all: DeployedObjects[] = [];
  const ready = new Map<Stack, IDependable>([[home, network.ready]]);
  const stackOf = (rule: string): Stack => {
    const owner = owners.get(rule);
    return owner ? Stack.of(owner) : home;
  };
  const allows = byStack(plan.allows, stackOf);
  const exemptions = byStack(plan.exemptions, stackOf);
  const namespaces = network.deployNamespaces(content.platformObjects);
  all.push(
    network.deployPolicies({
      tiers: plan.tiers,
      exemptions: exemptions.get(home) ?? [],
      denials: plan.denials,
      allows: allows.get(home) ?? [],
      defaultDeny: plan.defaultDeny,
      towards: plan.towards,
    }),
    network.deployGuards(content.guards),
    namespaces,
  );
  for (const stack of new Set([...allows.keys(), ...exemptions.keys()])) {
    if (stack === home) continue;
    const scope = stack.node.tryFindChild(SCOPE) as Construct ?? new Construct(stack, SCOPE);
    // A stack may use several clusters.
    const deployed = network.deployAllows(new Construct(scope, network.node.addr), content.suffixOf(stack), [...allows.get(stack) ?? [], ...exemptions.get(stack) ?? []]);
    ready.set(stack, deployed.ready);
    all.push(deployed);
  }
  const users: ObjectsRelease[] = [];
  const asked: Wait[] = [];
  for (const { scope, name, objects, after = [], options } of content.releases) {
    const deployed = network.deployObjects(scope, 'Release', name, objects, options);
    // What a stack allows is in force before what it runs.
    for (const release of deployed.releases) release.node.addDependency(ready.get(Stack.of(scope)) ?? network.ready);
    all.push(deployed);
    users.push(...deployed.releases);
    asked.push(...deployed.releases.flatMap((later) => after.map((earlier) => waitOf(later, earlier))));
  }
  const charts = (content.charts ?? []).map(({ construct, namespace, objects = [] }): Tenant => tenantOf(construct, 'chart', objects, [namespace]));
  const tenants = [...users.map(releaseTenant), ...charts];
  const releases = [network.awsNodeRbac, ...all.flatMap((deployed) => deployed.releases)];
  const rendered = (content.charts ?? []).map(({ objects = [], construct: { node }, releaseName }) => ({ objects: objects as readonly KubernetesObject[], node, releaseName }));
  const diagnostics = [
    ...all.flatMap((deployed) => deployed.diagnostics),
    ...checkSwitch(plan, content.modes, rulesElsewhere(plan, stackOf, home)),
    ...objectsInTwoReleases([...releases, ...rendered]),
    ...makeWait(asked),
    ...makeWait(waitsForNamespaces([...namespaces.releases.map(releaseTenant), ...tenants], users, namespaces.releases)),
    ...makeWait(waitsForIdentities(tenants, content.identities ?? [])),
    ...content.controller ? makeWait(waitsForController(content.controller, [
      ...users.map((construct) => ({ construct, what: `release ${construct.releaseName}`, objects: construct.objects })),
      ...(content.charts ?? []).map(({ construct, objects }) => ({ construct, what: 'chart', objects: objects as readonly KubernetesObject[] | undefined })),
    ])) : [],
  ];
  return { ready, releases, diagnostics };
}

function waitOf(later: ObjectsRelease, earlier: IConstruct): Wait {
  return {
    later,
    earlier,
    circle: {
      code: 'chartDependencyCircle',
      severity: 'error',
      subject: later.node.path,
      message: `release ${later.releaseName} is to wait for ${earlier.node.path}, which comes only after it`,
      fix: 'remove one of the two dependencies; a stack that waits for another one waits with all that is in it',
    },
  };
}

/** Rules and exemptions of stacks that are not the cluster's, in an order of their own. */
function rulesElsewhere({ allows, exemptions }: EmittedPlan, stackOf: (rule: string) => Stack, home: Stack): StackOfRules[] {
  const names = new Map<Stack, string[]>();
  for (const rule of [...new Set([...allows.keys(), ...exemptions.keys()])].sort()) names.set(stackOf(rule), [...names.get(stackOf(rule)) ?? [], rule]);
  return [...names].filter(([stack]) => stack !== home).map(([stack, some]) => ({ stack: stack.node.path, names: some })).sort((a, b) => a.stack < b.stack ? -1 : 1);
}

/** Where another stack's share of a cluster's network lives. */
const SCOPE = 'ClusterNetwork';

function byStack(policies: ReadonlyMap<string, readonly Policy[]>, stackOf: (rule: string) => Stack): Map<Stack, Policy[]> {
  const found = new Map<Stack, Policy[]>();
  // By name, so that the order in which rules were added changes no byte.
  for (const rule of [...policies.keys()].sort()) {
    const stack = stackOf(rule);
    found.set(stack, [...found.get(stack) ?? [], ...policies.get(rule)!]);
  }
  return found;
}

/** Helm refuses an object that another release owns, and says so in the middle of a deployment. */
function objectsInTwoReleases(releases: readonly Pick<ObjectsRelease, 'objects' | 'node' | 'releaseName'>[]): Diagnostic[] {
  const owners = new Map<string, typeof releases[number]>();
  return releases.flatMap((release) => release.objects.flatMap((object): Diagnostic[] => {
    const key = objectKey(object);
    const owner = owners.get(key);
    if (!owner) owners.set(key, release);
    return !owner || owner === release ? [] : [{
      code: 'duplicateObject',
      severity: 'error',
      subject: describeObject(object),
      message: `it is in release ${release.releaseName} (${release.node.path}) and in release ${owner.releaseName} (${owner.node.path})`,
      fix: 'give it once; a namespace that addNamespace() made needs no object in a chart',
    }];
  }));
}
