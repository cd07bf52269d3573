import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import { Construct, Dependable, DependencyGroup, IConstruct, IDependable } from 'constructs';
import { ObjectsRelease, ReleaseOptions } from './objects-release';
import { RELEASES, ReleaseNames, checkReleaseName, keptReleaseName, pinLogicalId } from './release-name';
import { checkReleaseTimeout, releaseTimeout } from './release-timeout';
import { Diagnostic } from '../../core/diagnostic';
import { ahead, EmittedPlan } from '../../core/policy/enforcement';
import { Policy, Tier } from '../../core/policy/policy';
import { awsNodeRbac } from '../manifests/aws-node-rbac';
import { CALICO_API_SERVICE, CALICO_CRD_CHART, CALICO_NAMESPACE, CALICO_OPERATOR_CHART } from '../manifests/calico-facts';
import { calicoImageSet } from '../manifests/calico-images';
import { CalicoInstallation, calicoInstallation, calicoValues } from '../manifests/calico-values';
import { PodSubnet, eniConfigs } from '../manifests/eni-configs';
import { splitKept } from '../manifests/object-order';
import { KubernetesObject } from '../manifests/objects';
import { policyObject, tierObject } from '../manifests/policy-objects';

/** Always there, and only those who run the cluster may write into it: where Helm keeps our releases. */
const PLATFORM_NAMESPACE = 'kube-system';

/** Where kubectl puts an object that names no namespace. */
const DEFAULT_NAMESPACE = 'default';

export interface KubernetesNetworkProps {
  readonly cluster: eks.ICluster;
  /** What is absent has its default. */
  readonly calico?: Partial<CalicoInstallation>;
  /** Default: pods are where nodes are. */
  readonly podSubnets?: readonly PodSubnet[];
  /** What takes the startup taint away from nodes; read once every node group is known. Default: there is none. */
  readonly startupTaint?: () => readonly KubernetesObject[];
}

/** The policies of a cluster, by what they do. */
export interface PoliciesToDeploy {
  readonly tiers: readonly Tier[];
  readonly exemptions: readonly Policy[];
  readonly denials: readonly Policy[];
  readonly allows: readonly Policy[];
  /** The policy that closes what nobody allowed, staged or not. */
  readonly defaultDeny: readonly Policy[];
  /**
   * `enforcing` exempts, guards, allows, then closes; `staging` (and allows alone in force) goes the other way round. `both`, where
   * namespaces differ, writes what is enforced a second time, ahead of the closing: what comes is there before it, what goes after it.
   */
  readonly towards: EmittedPlan['towards'];
}

export interface DeployedObjects {
  /** What must be waited for by whoever needs these objects. */
  readonly ready: IDependable;
  readonly releases: readonly ObjectsRelease[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The Kubernetes half of the network: Calico, then policies, then everything else, each step a dependency in the template, so that
 * deletion runs the same way back. Installs at construction; policies and namespaces follow when they are known.
 */
export class KubernetesNetwork extends Construct {
  public readonly cluster: eks.ICluster;
  public readonly calico: CalicoInstallation;
  /** Before the first node: without it the VPC CNI starts no pod. */
  public readonly awsNodeRbac: ObjectsRelease;
  /** Before the first node, and after the VPC CNI, which defines their kind. */
  public readonly eniConfigs?: ObjectsRelease;
  /** What Calico needs: nodes, the cluster's DNS and other add-ons are added here. */
  public readonly prerequisites: DependencyGroup;
  /** The policies are in force and the namespaces exist. Good to depend on before they are known. */
  public readonly ready: IDependable = {};

  /** Everything that this network put onto the cluster, in whatever scope: ordered already. */
  private readonly made: IConstruct[] = [];
  private readonly names = new ReleaseNames();
  /** The last step so far of each part. */
  private lastPolicyStep: IConstruct;
  private namespaces?: IConstruct;

  public constructor(scope: Construct, id: string, private readonly props: KubernetesNetworkProps) {
    super(scope, id);
    this.cluster = props.cluster;
    this.calico = calicoInstallation(props.calico);

    this.awsNodeRbac = this.release(RELEASES.awsNodeRbac, awsNodeRbac());
    this.eniConfigs = props.podSubnets && this.release(RELEASES.eniConfigs, eniConfigs(props.podSubnets));
    this.prerequisites = new DependencyGroup(this.awsNodeRbac);

    const definitions = this.calicoChart('CalicoCrds', {
      ...this.chartSource(CALICO_CRD_CHART),
      release: RELEASES.calicoCrds,
      // The definitions go with every policy in them.
      removalPolicy: RemovalPolicy.RETAIN,
    });
    definitions.node.addDependency(this.prerequisites);

    const operator = this.calicoChart('Calico', {
      ...this.chartSource(CALICO_OPERATOR_CHART),
      release: RELEASES.calico,
      values: calicoValues(this.calico),
    });
    operator.node.addDependency(definitions);
    // Before the operator, which would start everything by tags until it sees them.
    const digests = calicoImageSet(this.calico);
    if (digests) {
      const imageSet = this.release(RELEASES.calicoImages, [digests]);
      imageSet.node.addDependency(definitions);
      operator.node.addDependency(imageSet);
    }

    // Helm waits for the operator only; policies need the API that the operator brings up behind it.
    const api = new eks.KubernetesObjectValue(this, 'CalicoApi', {
      cluster: this.cluster,
      objectType: 'apiservice',
      objectName: CALICO_API_SERVICE,
      // An APIService has the one condition Available: empty until it holds.
      jsonPath: '.status.conditions[?(@.status=="True")].type',
      timeout: Duration.minutes(10),
    });
    api.node.addDependency(operator);
    this.lastPolicyStep = api;

    const roots = () => [this.namespaces ?? this.lastPolicyStep];
    Dependable.implement(this.ready, {
      get dependencyRoots() { return roots(); },
    });
  }

  /** Once, when every rule is known. Empty releases are left out. */
  public deployPolicies(policies: PoliciesToDeploy): DeployedObjects {
    // In this order, and back in the opposite one, no write flips a flow that has one verdict before and after: docs/decisions/0005.
    const enforcing = [
      [RELEASES.exemptions, policies.exemptions], [RELEASES.denials, policies.denials], [RELEASES.allows, policies.allows], [RELEASES.defaultDeny, policies.defaultDeny],
    ] as const;
    const first = policies.towards !== 'both' ? [] : [
      [RELEASES.exemptionsAhead, ahead(policies.exemptions)], [RELEASES.denialsAhead, ahead(policies.denials)], [RELEASES.allowsAhead, ahead(policies.allows)],
    ] as const;
    const steps = policies.towards === 'enforcing' ? enforcing : [...first, ...[...enforcing].reverse()];
    const contents: (readonly [string, readonly KubernetesObject[]])[] = [
      [RELEASES.startupTaint, this.props.startupTaint?.() ?? []],
      [RELEASES.tiers, policies.tiers.map(tierObject)],
      ...steps.map(([name, step]) => [name, step.map(policyObject)] as const),
    ];
    // What is written ahead may be nothing for a time: a release that left the template would be emptied out of order.
    const stays = ([name, objects]: typeof contents[number]) => objects.length > 0 || first.some(([each]) => each === name);
    const releases = contents.filter(stays).map(([name, objects]) => {
      const release = this.release(name, objects);
      release.node.addDependency(this.lastPolicyStep);
      this.lastPolicyStep = release;
      return release;
    });
    // Namespaces may have been deployed first; they come after the policies all the same.
    if (releases.length > 0) this.namespaces?.node.addDependency(this.lastPolicyStep);
    return deployed(this.ready, releases);
  }

  /**
   * Once: what the API server refuses, after the policies and before whatever is guarded. What follows waits until the control plane
   * has looked at the last guard. That a guard of an update is in force already, and in every API server, it does not prove.
   */
  public deployGuards(guards: readonly KubernetesObject[]): DeployedObjects {
    if (guards.length === 0) return deployed(this.ready, []);
    const names = guards.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy').map(({ metadata }) => metadata!.name!);
    const release = this.release(RELEASES.guards, guards);
    release.node.addDependency(this.lastPolicyStep);
    const seen = new eks.KubernetesObjectValue(this, 'GuardsSeen', {
      cluster: this.cluster,
      objectType: 'validatingadmissionpolicy',
      objectName: names.at(-1)!,
      // Set by the control plane once it has checked the expressions. https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#type-checking
      jsonPath: '.status.observedGeneration',
      timeout: Duration.minutes(5),
    });
    seen.node.addDependency(release);
    this.lastPolicyStep = seen;
    this.namespaces?.node.addDependency(seen);
    return deployed(this.ready, [release]);
  }

  /** The platform's namespaces and what belongs to them. Namespaces stay in the cluster when they leave the template. */
  public deployNamespaces(objects: readonly KubernetesObject[]): DeployedObjects {
    if (objects.length === 0) return deployed(this.ready, []);
    const { kept, rest } = splitKept(objects);
    const release = this.release(RELEASES.namespaces, [...kept, ...rest]);
    release.node.addDependency(this.lastPolicyStep);
    this.namespaces = release;
    return deployed(this.ready, [release]);
  }

  /** What another stack allows on this cluster: one release for each stack, told apart by `suffix`, created in `scope`. */
  public deployAllows(scope: Construct, suffix: string, allows: readonly Policy[]): DeployedObjects {
    if (allows.length === 0) return deployed(this.ready, []);
    const name = RELEASES.allows + suffix;
    const release = this.release(name, allows.map(policyObject), scope, name);
    release.node.addDependency(this.ready);
    return deployed(release, [release]);
  }

  /**
   * Users' objects, after the network. Namespaces and custom resource definitions go first, in a release of their own that keeps
   * them: Helm cannot write an object whose kind the same release defines.
   */
  public deployObjects(scope: Construct, id: string, releaseName: string, objects: readonly KubernetesObject[], options: ReleaseOptions = {}): DeployedObjects {
    const { kept, rest } = splitKept(objects);
    const names = [...(kept.length === 0 ? [] : [keptReleaseName(releaseName)]), ...(rest.length === 0 ? [] : [releaseName])];
    const taken = names.flatMap((name) => this.names.claim(name, scope.node.path));
    const before = kept.length === 0 ? undefined : this.release(keptReleaseName(releaseName), kept, scope, `${id}Kept`, DEFAULT_NAMESPACE, options);
    before?.node.addDependency(this.ready);
    const release = rest.length === 0 ? undefined : this.release(releaseName, rest, scope, id, DEFAULT_NAMESPACE, options);
    release?.node.addDependency(before ?? this.ready);
    const releases = [before, release].filter((candidate) => candidate !== undefined);
    return deployed(releases.at(-1) ?? this.ready, releases, taken);
  }

  /** What tries the network, in the stack of `scope`; what it waits for besides the network is said by who knows it. */
  public deployProbe(scope: Construct, releaseName: string, objects: readonly KubernetesObject[], options: ReleaseOptions): ObjectsRelease {
    const release = this.release(releaseName, objects, scope, 'Release', PLATFORM_NAMESPACE, options);
    release.node.addDependency(this.ready);
    return release;
  }

  /**
   * A chart of someone else's, after the network. Its release is named by `id` unless it says otherwise. It waits unless it says otherwise: where an uninstallation does not,
   * the controller that ends a finalizer in it may be gone before.
   */
  public deployHelmChart(scope: Construct, id: string, options: eks.HelmChartOptions): { chart: eks.HelmChart; diagnostics: Diagnostic[] } {
    const { release = id, atomic = false, timeout = releaseTimeout(atomic), wait = true } = options;
    const chart = new eks.HelmChart(scope, id, { ...options, release, timeout, wait, cluster: this.cluster });
    pinLogicalId(chart, this.cluster, release);
    chart.node.addDependency(this.ready);
    this.made.push(chart);
    const diagnostics = [
      ...this.names.claim(release, chart.node.path), ...checkReleaseName(release), ...checkReleaseTimeout(release, timeout, atomic), ...checkSkipCrds(chart, options),
    ];
    return { chart, diagnostics };
  }

  /** Whether a construct came onto the cluster through this network, or comes before it. */
  public isOrdered(construct: IConstruct): boolean {
    const ours = [this, ...this.made, ...Dependable.of(this.prerequisites).dependencyRoots];
    return construct.node.scopes.some((scope) => ours.includes(scope));
  }

  private release(
    releaseName: string, objects: readonly KubernetesObject[], scope: Construct = this, id = releaseName, namespace = PLATFORM_NAMESPACE, options: ReleaseOptions = {},
  ): ObjectsRelease {
    const release = new ObjectsRelease(scope, id, { ...options, cluster: this.cluster, releaseName, namespace, objects });
    this.made.push(release);
    return release;
  }

  /** Not atomic: an upgrade that fails is taken back by CloudFormation with the values that it had. */
  private calicoChart(id: string, options: eks.HelmChartOptions & { readonly release: string }): eks.HelmChart {
    const common = { cluster: this.cluster, namespace: CALICO_NAMESPACE, wait: true, timeout: releaseTimeout(false) };
    const chart = new eks.HelmChart(this, id, { ...options, ...common });
    pinLogicalId(chart, this.cluster, options.release);
    return chart;
  }

  /** Whether pods wait for Calico on a new node. */
  public get startsTainted(): boolean {
    return this.props.startupTaint !== undefined;
  }

  /** Under which name the API server knows the function that deploys. https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html */
  public get deployer(): { readonly username: string } | undefined {
    const role = this.cluster.kubectlProvider?.role;
    return role && { username: Stack.of(this.cluster).formatArn({ service: 'sts', region: '', resource: 'assumed-role', resourceName: `${role.roleName}/` }) };
  }

  /** A registry of charts is named with the chart, a repository without it. */
  private chartSource(chart: string): Pick<eks.HelmChartOptions, 'chart' | 'repository' | 'version'> {
    const { chartRepository, version } = this.calico;
    return { chart, version, repository: chartRepository.startsWith('oci://') ? `${chartRepository}/${chart}` : chartRepository };
  }
}

/** `helm/__init__.py` of the handler of aws-eks-v2 reads SkipCrds and does not pass it on. */
function checkSkipCrds({ node }: IConstruct, { skipCrds }: eks.HelmChartOptions): Diagnostic[] {
  return !skipCrds ? [] : [{
    code: 'helmSkipCrdsIgnored', severity: 'error', subject: node.path, acknowledgeable: true,
    message: 'skipCrds is true, which the function of aws-cdk-lib that runs helm ignores: the chart installs its custom resource definitions all the same',
    fix: 'leave them out by the values of the chart, or acknowledge that it may install them',
  }];
}

function deployed(ready: IDependable, releases: readonly ObjectsRelease[], diagnostics: readonly Diagnostic[] = []): DeployedObjects {
  return { ready, releases, diagnostics: [...diagnostics, ...releases.flatMap((release) => release.diagnostics)] };
}
