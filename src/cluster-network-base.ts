import { Stack, Token } from 'aws-cdk-lib';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import type { Chart } from 'cdk8s';
import { Construct, IConstruct } from 'constructs';
import { ApplicationChart, ApplicationManifest, ApplicationReleaseOptions } from './application-chart';
import { writeBesideTemplates } from './cdk/assembly';
import { chartDependencies } from './cdk/chart-dependencies';
import { asReadBy, byPath, collect } from './cdk/collect';
import { DecidedResources } from './cdk/decided-resources';
import { DiagnosticLog } from './cdk/diagnostics';
import { readStage } from './cdk/final-resources';
import { freezeBeforeSynthesis } from './cdk/freeze';
import { watchObjects } from './cdk/late-changes';
import { kubernetesName, stackSuffix } from './cdk/names';
import { NetworkModel } from './cdk/network-model';
import { known, readToken, templateText } from './cdk/tokens';
import { ClusterImage } from './cluster-image';
import { ClusterNamespace, ClusterNamespaceOptions } from './cluster-namespace';
import { IClusterNetwork } from './cluster-network';
import { ConnectivityExpectation, ConnectivityExpectationOptions } from './connectivity';
import { KubernetesObject } from './core/connectivity/workload';
import { copyScript } from './core/copy-script';
import { Diagnostic } from './core/diagnostic';
import { guardsInForce } from './core/guard/guards-in-force';
import { Image, listImages } from './core/image';
import { decideNetwork } from './core/network/decide';
import { NetworkDecision } from './core/network/decision';
import { checkForeignObjects } from './core/network/foreign-objects';
import { hasCertificates, imagesIn, Running } from './core/network/images';
import { underLosses } from './core/network/losses';
import { NetworkFacts } from './core/network/network-intent';
import { withOrigins, withRendered } from './core/network/origins';
import { PortIntent } from './core/policy/intent';
import { Carried, carriedBy } from './core/template/carried';
import { FinalJudgement } from './core/template/check';
import { EngineLoss } from './core/template/engine';
import { Templates } from './core/template/view';
import { EnforcementProbe, EnforcementProbeOptions } from './enforcement-probe';
import { GuardedTarget, GuardrailExemption, GuardrailExemptionOptions } from './guardrail-exemption';
import { deployNetwork } from './kubernetes/deploy/deploy-network';
import { deployProbes } from './kubernetes/deploy/deploy-probes';
import { orderForeign } from './kubernetes/deploy/foreign';
import { KubernetesNetwork } from './kubernetes/deploy/network';
import { listReleases } from './kubernetes/deploy/release-listing';
import { readRenderedChart } from './kubernetes/deploy/rendered-chart';
import { calicoImages } from './kubernetes/manifests/calico-images';
import { clusterGuards } from './kubernetes/manifests/guards/guard-set';
import { readObjects } from './kubernetes/manifests/objects';
import { platformObjects } from './kubernetes/manifests/platform-objects';
import { probeImage } from './kubernetes/manifests/probe-image';
import { probeNamespaces } from './kubernetes/manifests/probe-objects';
import { INetworkPeer, NetworkPeer } from './network-peer';
import { NetworkPort } from './network-port';
import { Quarantine, QuarantineOptions } from './quarantine';
import { renderMarkdown, ReportFacts } from './report/markdown';
import { TrafficRule, TrafficRuleOptions } from './traffic-rule';

/** What the control plane may call. */
export interface ControlPlaneTrafficOptions {
  /** The pods that serve it: of an admission webhook, an aggregated API, a conversion webhook. */
  readonly destination: INetworkPeer;

  /** Ports that the pods listen on. At least one. */
  readonly ports: NetworkPort[];

  /**
   * Why, for the report.
   * @default - none
   */
  readonly description?: string;
}

/** Who reads which metrics. */
export interface MetricsScrapingOptions {
  /** The scraper. */
  readonly source: INetworkPeer;

  /** Whose metrics it reads, at least one. */
  readonly destinations: INetworkPeer[];

  /** Ports that serve metrics. At least one. */
  readonly ports: NetworkPort[];
}

/** A chart of someone else's, and what is known of its objects. */
export interface HelmChartReleaseOptions extends eks.HelmChartOptions {
  /**
   * Output of `helm template` with the same chart, version, values, release name and namespace: the path of a file, or of a
   * folder whose files ending in .yaml, .yml and .json are read, however deep. It is read when the chart is added.
   *
   * Its workloads, policies and Services are evaluated, checked for exposure and reported as if they were given by
   * `addManifest()`, but are never deployed from here: Helm renders the chart again. What it renders then is not compared with
   * this output, so render it anew with every change; an output whose labels name another version or release, or that has
   * objects in namespace `default` for a release elsewhere, is an error. Hooks are taken for objects that are always there;
   * those for `helm test`, which no installation makes, are left out and named in the report.
   * @default - the objects are not in view, and the report says so first
   */
  readonly rendered?: string;
}

/** What the report says of the templates as they are in the end. */
type SeenInTemplates = Pick<ReportFacts, 'carriage' | 'awsServices' | 'podServices' | 'losses'> & Pick<NetworkDecision, 'expectations'>;

/** Which diagnostic is accepted, and why. */
export interface AcknowledgeOptions {
  /** The subject that the diagnostic names, for example `Service shop/web`. */
  readonly subject: string;

  /** Why it is safe here, for the report. */
  readonly reason: string;
}

/**
 * What users say about a cluster's network. Each method is sugar for a construct of the same meaning, which lives below
 * the cluster; in another stack create the construct itself.
 */
export abstract class ClusterNetworkBase extends Construct implements IClusterNetwork {
  /** Name of the cluster. */
  public abstract readonly clusterName: string;

  /** @internal */
  protected readonly _model: NetworkModel;
  /** What is made for the cluster, as it is made. @internal */
  protected readonly _decided = new DecidedResources();
  /** What was added besides Calico and is fetched from outside. @internal */
  protected readonly _images: Image[] = [];
  private lateChanges: () => Diagnostic[] = () => [];
  /** Beside the templates, once the network is decided and everything is judged. */
  private files: (log: DiagnosticLog, seen: SeenInTemplates) => Map<string, string> = () => new Map();
  private carried: Carried = { rules: [] };
  /** What is left of expectations where Calico does not enforce everything. */
  private proved: (losses: readonly EngineLoss[]) => ReturnType<typeof underLosses> = () => ({ results: [], diagnostics: [] });
  /** What others put onto the cluster, in time to be ordered after the network. @internal */
  protected _ordered: readonly IConstruct[] = [];

  protected constructor(scope: Construct, id: string) {
    super(scope, id);
    this._model = new NetworkModel(this, (...made) => this._decided.remember(...made));
  }

  /** The one list of what this library makes the cluster fetch, for a mirror: images, then charts, by name. Add-ons of EKS come from AWS' own registry in the region. */
  public get images(): ClusterImage[] {
    return listImages([...calicoImages(this._kubernetes.calico), ...this._model.probes.map(({ request }) => probeImage(request.image)), ...this._images]) as ClusterImage[];
  }

  /** Creates a namespace, or with `existing` declares one that somebody else creates. */
  public addNamespace(name: string, options: ClusterNamespaceOptions = {}): ClusterNamespace {
    return new ClusterNamespace(this._room('Namespaces'), name, { ...options, network: this, namespaceName: name });
  }

  /** Allows connections. See `TrafficRule`. */
  public allowTraffic(id: string, options: TrafficRuleOptions): TrafficRule {
    return new TrafficRule(this._room('TrafficRules'), id, { ...options, network: this });
  }

  /**
   * Lets the control plane call pods: admission webhooks, conversion webhooks, aggregated APIs. The security group of
   * nodes and pods is opened to it for the same ports.
   */
  public allowFromControlPlane(id: string, options: ControlPlaneTrafficOptions): TrafficRule {
    return new TrafficRule(this._room('FromControlPlane'), id, {
      ...options, source: NetworkPeer.controlPlane(), network: this, ruleName: `control-plane-${kubernetesName(id)}`,
    });
  }

  /** Lets the pods of named service accounts call the kubelets on port 10250: metrics-server, Prometheus. */
  public allowKubeletAccess(id: string, options: GuardrailExemptionOptions): GuardrailExemption {
    return new GuardrailExemption(this._room('KubeletAccess'), id, { ...options, network: this, target: GuardedTarget.KUBELET });
  }

  /** Lets the pods of named service accounts call the Kubernetes API: operators, controllers. */
  public allowApiServerAccess(id: string, options: GuardrailExemptionOptions): GuardrailExemption {
    return new GuardrailExemption(this._room('ApiServerAccess'), id, { ...options, network: this, target: GuardedTarget.API_SERVER });
  }

  /**
   * Lets the pods of named service accounts reach the instance metadata service, and with it the credentials of their
   * node. It needs a node group with `metadataHopLimit: 2`: at 1 no answer reaches a pod, whatever policy says.
   * @see https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html
   */
  public allowInstanceMetadataAccess(id: string, options: GuardrailExemptionOptions): GuardrailExemption {
    return new GuardrailExemption(this._room('InstanceMetadataAccess'), id, { ...options, network: this, target: GuardedTarget.INSTANCE_METADATA });
  }

  /** Cuts marked pods off, before every exemption and every rule. See `Quarantine`. */
  public quarantine(id: string, options: QuarantineOptions): Quarantine {
    return new Quarantine(this._room('Quarantines'), id, { ...options, network: this });
  }

  /** Lets a scraper, such as Prometheus, read the metrics of each of these: one rule for each. */
  public allowMetricsScraping(id: string, options: MetricsScrapingOptions): TrafficRule[] {
    if (options.destinations.length === 0) throw new Error(`allowMetricsScraping('${id}'): destinations is empty, and an empty list never means everything; name whose metrics are read`);
    return options.destinations.map((destination, index) => new TrafficRule(this._room('MetricsScraping'), `${id}${index + 1}`, {
      network: this, source: options.source, destination, ports: options.ports, ruleName: `metrics-${kubernetesName(id)}-${index + 1}`,
      description: 'scrapes metrics',
    }));
  }

  /** Fails synthesis unless each of these connections is possible. See `ConnectivityExpectation`. */
  public expectAllowed(id: string, options: ConnectivityExpectationOptions): ConnectivityExpectation {
    return new ConnectivityExpectation(this._room('ExpectAllowed'), id, { ...options, network: this, allowed: true });
  }

  /** Fails synthesis unless all of these connections are impossible. See `ConnectivityExpectation`. */
  public expectDenied(id: string, options: ConnectivityExpectationOptions): ConnectivityExpectation {
    return new ConnectivityExpectation(this._room('ExpectDenied'), id, { ...options, network: this, allowed: false });
  }

  /** Adds a cdk8s chart, after the network is in force. See `ApplicationChart`. */
  public addCdk8sChart(id: string, chart: Chart, options: ApplicationReleaseOptions = {}): ApplicationChart {
    return new ApplicationChart(this._room('Charts'), id, { ...options, chart, network: this });
  }

  /**
   * Adds Kubernetes objects as plain data, after the network is in force. They are copied, never changed. For a release name of
   * your own, a timeout and other options create an `ApplicationManifest`.
   */
  public addManifest(id: string, ...objects: { [key: string]: any }[]): ApplicationManifest {
    return new ApplicationManifest(this._room('Manifests'), id, { objects, network: this });
  }

  /** Tries real connections in the live cluster before the deployment counts as done. See `EnforcementProbe`. */
  public verifyEnforcement(options: EnforcementProbeOptions = {}): EnforcementProbe {
    const room = this._room('EnforcementProbes');
    return new EnforcementProbe(room, `Probe${room.node.children.length + 1}`, { ...options, network: this });
  }

  /**
   * Accepts a diagnostic that is marked acknowledgeable. One that matches nothing is a warning; the report lists all.
   * @param code for example `cdk-secure-eks:loadBalancerOpen`
   */
  public acknowledge(code: string, options: AcknowledgeOptions): void {
    this._model.requireOpen(`acknowledge('${code}')`);
    this._model.log.acknowledge({ code, ...options });
  }

  /**
   * A chart from a repository, after the network is in force. Unless `wait` is false the deployment waits until it is ready, and its
   * deletion until it is gone. Its objects join the model where `rendered` gives them. Without it
   * they are not in view: they are not checked, and the report lists the chart first.
   */
  public addHelmChart(id: string, options: HelmChartReleaseOptions): eks.HelmChart {
    // Before anything is made: what throws leaves nothing behind.
    this._model.requireOpen(`${this._room('HelmCharts').node.path}/${id}`);
    const { rendered, ...chartOptions } = options;
    const release = options.release ?? kubernetesName(id);
    const { chart, diagnostics } = this._kubernetes.deployHelmChart(this._room('HelmCharts'), id, { ...chartOptions, release });
    this._model.log.add(...diagnostics);
    const { namespace = 'default', createNamespace = true } = options;
    const inView = rendered === undefined ? undefined
      : readRenderedChart(rendered, { subject: chart.node.path, releaseName: release, namespace, chart: options.chart, version: options.version });
    this._model.log.add(...inView?.diagnostics ?? []);
    this._model.add(this._model.helmCharts, { construct: chart, releaseName: release, namespace, createNamespace, chart: options.chart ?? 'a chart asset', rendered: inView });
    return chart;
  }

  /** @internal */
  protected abstract readonly _kubernetes: KubernetesNetwork;

  /** @internal */
  protected abstract _facts(): NetworkFacts;

  /** Brings what is needed of AWS into a VPC without a way out. @internal */
  protected abstract _isolate(running: Running): readonly Diagnostic[];

  /** What of the cluster itself can only be judged when all of it is there. @internal */
  protected abstract _check(): Diagnostic[];

  /** What this library put onto the cluster besides the network. @internal */
  protected abstract _own(): IConstruct[];

  /** @internal */
  protected abstract _openToControlPlane(ports: readonly PortIntent[], description: string): void;

  /** What the templates say in the end, of this cluster. @internal */
  protected abstract _judge(templates: Templates, carried: Carried): FinalJudgement;

  /** To be called once everything exists that the decision needs. @internal */
  protected _decideBeforeSynthesis(): void {
    this._decided.remember(this);
    freezeBeforeSynthesis(this, { freeze: () => { if (this._model.close()) this.files = this._decide(); } });
    // After every aspect, and again with every further synthesis: pure. Synthesis follows at once, and need not judge again.
    const judge = () => {
      const { diagnostics, carriage, awsServices, podServices, losses } = this._judge(readStage(this, this._decided.all), this.carried);
      const { results: expectations, diagnostics: unproved } = this.proved(losses);
      return {
        log: this._model.log.plus(...this.lateChanges(), ...diagnostics, ...carriage.diagnostics, ...unproved), seen: { carriage: carriage.lines, awsServices, podServices, losses, expectations },
      };
    };
    let judged: ReturnType<typeof judge> | undefined;
    this.node.addValidation({ validate: () => (judged = judge()).log.errors() });
    writeBesideTemplates(this, () => {
      const { log, seen } = judged ?? judge();
      judged = undefined;
      log.annotateWarnings(this);
      return this.files(log, seen);
    });
  }

  /** Decides the network once, deploys what follows, and returns what the assembly is to hold beside the templates. */
  private _decide(): (log: DiagnosticLog, seen: SeenInTemplates) => Map<string, string> {
    const { _model: model } = this;
    const facts = this._facts();
    const said = collect(model, this, facts.loadBalancers);
    this.lateChanges = watchObjects(said.objects, (entry) => asReadBy(model, facts.loadBalancers, () => entry.render()));
    const order = chartDependencies(said.objects.keys());
    const releases = [...said.objects].map(([entry, objects]) => ({
      scope: entry.construct, name: entry.releaseName, after: order.after.get(entry), options: entry.options, ...readObjects(objects, { isToken: Token.isUnresolved }),
    }));
    const charts = byPath(model.helmCharts);
    const rendered = charts.flatMap(({ rendered: inView, ...chart }) => inView ? [{ ...chart, ...inView }] : []);
    const inFiles = new Map(rendered.flatMap(({ construct, origins }) => [...origins].map(([object, origin]) => [object, `${construct.node.path}, ${origin}`])));
    const intent = withRendered({
      ...facts, ...said, tokens: readToken, objects: releases.flatMap(({ objects }) => objects),
      origins: new Map([...releases.flatMap(({ scope, objects }) => objects.map((object) => [object as KubernetesObject, scope.node.path] as const)), ...inFiles]),
      charts: charts.filter((chart) => !chart.rendered).map(({ construct, namespace }) => ({ origin: construct.node.path, namespace })),
    }, rendered);
    const decision = decideNetwork(intent);
    this.proved = (losses) => underLosses(decision.expectations, intent.expectations, intent.objects, losses);
    for (const rule of said.rules.filter(({ source }) => source.kind === 'controlPlane')) this._openToControlPlane(rule.ports, rule.origin);
    const guards = guardsInForce({
      ...intent, modes: decision.modes, deployerKnown: this._kubernetes.deployer !== undefined, probes: model.probes.length > 0, accepted: (...codes) => model.log.accepted(...codes),
    });
    const deployed = deployNetwork(this._kubernetes, {
      plan: decision.plan, modes: decision.modes, owners: said.owners, suffixOf: (stack) => stackSuffix(stack, this), releases, identities: byPath(model.serviceAccounts), controller: model.controller,
      charts: charts.map(({ rendered: inView, ...chart }) => ({ ...chart, objects: inView?.objects })),
      guards: clusterGuards(guards, this._kubernetes.deployer, facts.loadBalancers.controller, model.controller !== undefined),
      platformObjects: platformObjects([...model.namespaces, ...model.probes.length > 0 ? probeNamespaces() : []], model.serviceAccounts),
    });
    for (const [stack, ready] of deployed.ready) model.releases.set(stack, [ready]);
    const probed = deployProbes(this._kubernetes, {
      probes: model.probes, intent, decision, nodes: facts.nodes, wayOut: facts.hasWayOut, deployed: [...deployed.releases, ...charts.map(({ construct }) => construct)],
    });
    const foreign = orderForeign(this._kubernetes, {
      ours: [...this._own(), ...deployed.releases, ...probed.releases, ...model.helmCharts.map(({ construct }) => construct)],
      beforeNodes: this._own(),
      check: (objects) => checkForeignObjects(intent, objects),
    });
    const running = {
      images: imagesIn(intent.objects, intent.origins), certificates: hasCertificates(intent.objects),
      charts: charts.filter(({ construct }) => construct !== model.controller).map(({ construct, chart }) => ({ chart, origin: construct.node.path })),
      addons: foreign.found.flatMap(({ what, name, path }) => what === 'EKS add-on' && name !== undefined ? [{ name, origin: path }] : []),
    };
    model.log.add(...this._check(), ...this._isolate(running), ...withOrigins([...releases, order, decision, deployed, probed, foreign].flatMap(({ diagnostics }) => diagnostics), inFiles));
    this._decided.remember(...deployed.releases, ...probed.releases);
    this._ordered = [...foreign.resources, ...[...deployed.releases, ...probed.releases, ...model.helmCharts.map(({ construct }) => construct)].flatMap(({ node }) => node.findAll())];
    this.carried = carriedBy(said.rules, decision.policies.policies, { addresses: facts.addresses, enforced: facts.enforcement === 'enforced' });
    const report = (log: DiagnosticLog, seen: SeenInTemplates) => renderMarkdown({ ...decision, expectations: seen.expectations }, {
      ...facts, cluster: this.node.path, guards, rules: said.rules, foreign: foreign.found, unseen: charts.filter((chart) => !chart.rendered), rendered,
      acknowledged: log.acknowledged(), warnings: log.warnings(), calico: known(this._kubernetes.calico.version), startsTainted: this._kubernetes.startsTainted,
      probed: model.probes.length > 0 ? probed : undefined, ...seen,
    });
    const inTemplate = (text: string | undefined) => text && templateText(text, this);
    const images = (this.images as Image[]).map((each) => ({ ...each, repository: templateText(each.repository, this), tag: inTemplate(each.tag) }));
    const script = copyScript({ cluster: this.node.path, images });
    const scripts = script === undefined ? [] : [[`${Stack.of(this).artifactId}.copy-images.sh`, script] as const];
    return (log, seen) => new Map([...listReleases([...deployed.releases, ...probed.releases]), ...scripts, [`${Stack.of(this).artifactId}.network-report.md`, report(log, seen)]]);
  }

  /** A scope of its own for each method, so that equal ids in different methods do not collide. @internal */
  protected _room(name: string): Construct {
    return (this.node.tryFindChild(name) as Construct | undefined) ?? new Construct(this, name);
  }
}
