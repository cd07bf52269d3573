import { CfnElement, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import { Construct, Dependable, IConstruct } from 'constructs';
import { createAddonsAfterNodes, createAddonsBeforeNodes } from './aws/addons';
import { createBastion } from './aws/bastion';
import { ClusterParts, createCluster } from './aws/cluster';
import { podSubnetsOf, readGivenVpc } from './aws/given-vpc';
import { createIsolatedEndpoints, IsolatedEndpoints, letClusterUseS3, policedS3 } from './aws/isolated-endpoints';
import { controllerStatements } from './aws/load-balancer-controller-policy';
import { loadBalancerSubnets } from './aws/load-balancer-subnets';
import { nameOf } from './aws/names';
import { addNodegroup } from './aws/nodegroup';
import { placesOf } from './aws/places';
import { allowFromControlPlane, CONTROL_PLANE_PORTS } from './aws/security-groups';
import { createServiceEndpoint, SESSIONS } from './aws/service-endpoint';
import { createVpc } from './aws/vpc';
import { AwsServiceEndpoint, AwsServiceEndpointOptions } from './aws-service-endpoint';
import { Bastion, BastionAccess, BastionOptions } from './bastion';
import { assetBucketsOf } from './cdk/chart-assets';
import { transformsIn, valueByPath } from './cdk/final-resources';
import { cidrOf, known } from './cdk/tokens';
import { endpointsOfVpc } from './cdk/vpc-endpoints';
import { ClusterImageKind } from './cluster-image';
import { PodCreators } from './cluster-namespace';
import { ClusterNetworkBase } from './cluster-network-base';
import { Diagnostic } from './core/diagnostic';
import { checkCalico } from './core/engine/check-calico';
import { startupImages } from './core/engine/startup-taint';
import { Image } from './core/image';
import { checkImages, programsIn, pulledImages, Running } from './core/network/images';
import { NetworkFacts } from './core/network/network-intent';
import { SESSION_SERVICES } from './core/plan/aws-service-endpoint';
import { describeBastionAccess } from './core/plan/bastion';
import { checkProducedCidrs, describeEndpoint } from './core/plan/endpoint';
import { GivenVpc } from './core/plan/given-vpc';
import { checkControllerWay } from './core/plan/isolated';
import { NetworkPlan, planNetwork } from './core/plan/network-plan';
import { checkNodes, NodegroupPlan } from './core/plan/nodegroup';
import { checkTaints } from './core/plan/nodegroup-labels';
import { KnownPlaces, knownPlaces } from './core/plan/private-places';
import { planRemoval } from './core/plan/removal';
import { tolerationsOf } from './core/plan/tolerations';
import { NODE_LOCAL_DNS } from './core/policy/facts';
import { PortIntent } from './core/policy/intent';
import { checkCarriage } from './core/template/carriage';
import { Carried } from './core/template/carried';
import { checkTemplate, FinalJudgement } from './core/template/check';
import { groupKey } from './core/template/group-rules';
import { checkIsolated } from './core/template/isolated';
import { judgeServiceEndpoints, NODES_AND_PODS, serviceEndpointsAsBuilt } from './core/template/service-endpoints';
import { checkSubnetsAsBuilt, subnetsAsBuilt } from './core/template/subnets-as-built';
import { Templates, TemplateView } from './core/template/view';
import { ClusterEndpointAccess } from './endpoint-access';
import { InternetAccess } from './internet-access';
import { KubernetesNetwork } from './kubernetes/deploy/network';
import { controllerImages, controllerValues, LOAD_BALANCER_CONTROLLER } from './kubernetes/manifests/load-balancer-controller';
import { startupTaintObjects } from './kubernetes/manifests/startup-taint';
import { LoadBalancerController, LoadBalancerControllerOptions, LoadBalancerTargetType } from './load-balancer-controller';
import { NetworkPeer } from './network-peer';
import { NetworkPort } from './network-port';
import { NodeRequirements } from './node-requirements';
import { NodegroupOptions } from './nodegroup';
import { PolicyEnforcement } from './policy-enforcement';
import { SecureEksClusterProps } from './secure-eks-cluster-props';
import { SystemNamespaces } from './system-namespaces';

/**
 * An EKS cluster whose network is closed by default: private API endpoint, Calico before any workload, policies that deny
 * what nobody allowed, and the proof of it at every synthesis.
 */
export class SecureEksCluster extends ClusterNetworkBase implements ec2.IConnectable {
  /** The cluster inside, for everything else. What is added through it is made to wait for the network. */
  public readonly eksCluster: eks.Cluster;

  /** Name of the cluster. */
  public readonly clusterName: string;

  /** The VPC of the cluster. */
  public readonly vpc: ec2.IVpc;

  /** The security group of nodes and pods. Between pods Calico decides; towards everything else this group does too. */
  public readonly connections: ec2.Connections;

  /** Who reaches the API endpoint inside the VPC, port 443. */
  public readonly apiConnections: ec2.IConnectable;

  /** What nodes need that are made elsewhere: Auto Scaling groups, Karpenter. */
  public readonly nodeRequirements: NodeRequirements;

  /** @internal */
  protected readonly _kubernetes: KubernetesNetwork;
  private readonly parts: ClusterParts;
  private readonly plan: NetworkPlan;
  private readonly givenVpc?: GivenVpc;
  private readonly systemNamespaces: SystemNamespaces;
  private readonly nodeLocalDnsCache: boolean;
  private loadBalancerController: LoadBalancerController;
  private controllerOptions?: LoadBalancerControllerOptions;
  private readonly nodegroups: NodegroupPlan[] = [];
  private readonly groupSettings: string[] = [];
  private nodesFromElsewhere = false;
  private readonly bastions: Bastion[] = [];
  private readonly serviceEndpoints: AwsServiceEndpoint[] = [];
  private readonly imageRegistry?: string;
  /** Without a way out: which endpoints are needed, and those made for it. */
  private isolated?: IsolatedEndpoints;

  public constructor(scope: Construct, id: string, props: SecureEksClusterProps) {
    super(scope, id);
    const { logRetention, internetAccess, endpointAccess = ClusterEndpointAccess.PRIVATE } = props;
    const given = props.vpc && readGivenVpc(this, props.vpc, props.subnets, internetAccess === InternetAccess.NONE);
    const { plan, diagnostics } = planNetwork({
      endpoint: { ...endpointAccess._toRequest(), egressAddresses: props.egressAddresses?.map((cidr, index) => cidrOf(cidr, `egressAddresses[${index}]`)) },
      givenVpc: given?.facts,
      selectsSubnets: props.subnets !== undefined,
      clusterName: Token.isUnresolved(props.clusterName) ? undefined : props.clusterName,
      vpcCidr: props.vpcCidr === undefined ? undefined : cidrOf(props.vpcCidr, 'vpcCidr'),
      internet: internetAccess?._toRequest(),
      serviceIpv4Cidr: props.serviceIpv4Cidr === undefined ? undefined : cidrOf(props.serviceIpv4Cidr, 'serviceIpv4Cidr'),
      admins: props.admins.length,
    });
    const removal = planRemoval(props.removalPolicy);
    this._model.log.add(...diagnostics, ...removal.diagnostics, ...checkTaints('toleratedTaints', props.toleratedTaints ?? []));
    // Synthesis must succeed for the CDK command to look up; then all is judged anew.
    if (given?.facts.pending) this._model.log.mute();
    this.plan = plan;
    this.givenVpc = given?.facts;
    this.nodeLocalDnsCache = props.nodeLocalDnsCache ?? false;
    this.imageRegistry = props.imageRegistry;
    this.loadBalancerController = props.loadBalancerController ?? LoadBalancerController.IN_TREE;
    this._model.enforcement = props.enforcement ?? PolicyEnforcement.ENFORCED;
    this.systemNamespaces = props.systemNamespaces ?? SystemNamespaces.DEFAULT;

    const removalPolicy = removal.plan as RemovalPolicy;
    const network = given?.network ?? createVpc(this, plan, { logRetention, removalPolicy });
    this.parts = createCluster(this, {
      ...props, plan, network, removalPolicy, privateSources: endpointAccess._privateSources, controlPlaneScalingTier: props.controlPlaneScalingTier?.name,
    });
    if (props.startupTaint) this._images.push(...startupImages(props.startupTaint.imageRegistry));
    this.eksCluster = this.parts.eksCluster;
    this.clusterName = this.eksCluster.clusterName;
    this.vpc = network.vpc;
    this.connections = this.parts.groups.nodeConnections;
    this.apiConnections = { connections: this.parts.groups.apiConnections };
    this.nodeRequirements = NodeRequirements._of(this.parts, (name) => this._room(name), plan.clusterDnsIp, () => { this.nodesFromElsewhere = true; }, (entry) => this._decided.remember(entry));

    const { vpcCni } = createAddonsBeforeNodes(this.parts, props.addonVersions);
    const addons = createAddonsAfterNodes(this.parts, props.addonVersions);
    this._kubernetes = new KubernetesNetwork(this, 'Network', {
      cluster: this.eksCluster,
      calico: { ...props.imageRegistry && { registry: props.imageRegistry }, ...props.calico, tolerations: tolerationsOf(this.parts.toleratedTaints) },
      podSubnets: podSubnetsOf(this.parts),
      startupTaint: props.startupTaint && (() => startupTaintObjects([...this.groupSettings].sort().join('-'), props.startupTaint!.imageRegistry)),
    });
    const { awsNodeRbac, eniConfigs, calico } = this._kubernetes;
    const digests = calico.imageDigests && Object.fromEntries(Object.entries(calico.imageDigests).map(([image, digest]) => [image, known(digest)]));
    this._model.log.add(...checkCalico({ version: known(calico.version), kubernetes: known(props.version.version), digests, operatorVersion: props.calico?.operatorVersion }));
    eniConfigs?.node.addDependency(vpcCni);
    this.parts.beforeNodes.add(awsNodeRbac, ...eniConfigs ? [eniConfigs] : []);
    this._kubernetes.prerequisites.add(this.parts.nodes, ...addons);
    this._decideBeforeSynthesis();
  }

  /** Adds a group of Linux nodes with a hardened launch template: IMDSv2 with one hop, encrypted volume, no public address. */
  public addNodegroup(id: string, options: NodegroupOptions = {}): eks.Nodegroup {
    const { nodegroup, plan, diagnostics, settings } = addNodegroup(this.parts, this._room('Nodegroups'), id, options);
    this._model.log.add(...diagnostics);
    this.nodegroups.push(plan);
    this.groupSettings.push(settings);
    this._decided.remember(nodegroup.node.scope!);
    return nodegroup;
  }

  /**
   * Adds an instance through which people outside the VPC reach the private endpoint, by Systems Manager alone. See `Bastion`.
   */
  public addBastion(id: string, options: BastionOptions = {}): Bastion {
    this._model.requireOpen(`addBastion('${id}')`);
    const { kubernetesAccess = BastionAccess.VIEW, instanceType } = options;
    const bastion = Bastion._in(this._room('Bastions'), id, (scope) => createBastion(scope, this.parts, { accessPolicies: kubernetesAccess._toPolicies(), instanceType }));
    this._model.log.add(...bastion._parts.diagnostics);
    this.bastions.push(bastion);
    this.serviceEndpoints.forEach((endpoint) => this.admitToSessions(bastion, endpoint));
    this._decided.remember(bastion);
    return bastion;
  }

  /** Adds an endpoint for an AWS service to the VPC: traffic to the service no longer leaves it. See `AwsServiceEndpoint`. */
  public addAwsServiceEndpoint(id: string, options: AwsServiceEndpointOptions): AwsServiceEndpoint {
    this._model.requireOpen(`addAwsServiceEndpoint('${id}')`);
    const { service, policyStatements = [] } = options;
    const endpoint = AwsServiceEndpoint._in(this._room('AwsServiceEndpoints'), id, (scope) =>
      createServiceEndpoint(scope, this.parts, { byInterface: service._byInterface, byGateway: service._byGateway, policyStatements, existing: options.existing }));
    this._model.log.add(...endpoint._parts.diagnostics);
    this.beforeObjects(endpoint);
    this.serviceEndpoints.push(endpoint);
    this.bastions.forEach((bastion) => this.admitToSessions(bastion, endpoint));
    this._decided.remember(endpoint);
    return endpoint;
  }

  /** What the functions that deploy objects use: every object waits for the barrier, and it outlives the last of them. */
  private beforeObjects(...needed: readonly IConstruct[]): void {
    const barrier = this.eksCluster.node.tryFindChild('KubectlReadyBarrier');
    (barrier ?? this._kubernetes.awsNodeRbac).node.addDependency(...needed);
  }

  private places(): KnownPlaces {
    const { registry, chartRepository } = this._kubernetes.calico;
    return knownPlaces([this.imageRegistry, registry, chartRepository, this.controllerOptions?.imageRegistry, this.controllerOptions?.chartRepository], known(Stack.of(this).region));
  }

  /** Systems Manager is where sessions come from. */
  private admitToSessions({ _parts: { securityGroup } }: Bastion, { _parts: { facts, admit } }: AwsServiceEndpoint): void {
    if (SESSION_SERVICES.includes(facts.service ?? '')) this._decided.remember(...admit(securityGroup, SESSIONS));
  }

  /**
   * Installs the AWS Load Balancer Controller, in a namespace of its own inside the default deny, with EKS Pod Identity, and makes its
   * dialect the cluster's: Services and Ingresses that a helper marked are then written for it. What may hold a load balancer waits for
   * it, and is removed before it.
   *
   * A Service that exists keeps the load balancer that the in-tree controller made: Kubernetes refuses a class for it.
   * Delete such Services before the deployment that adds the controller; their load balancers get other DNS names.
   *
   * @returns the release of its chart
   * @throws when it is called twice
   * @see https://docs.aws.amazon.com/eks/latest/userguide/aws-load-balancer-controller.html
   */
  public addLoadBalancerController(options: LoadBalancerControllerOptions = {}): eks.HelmChart {
    if (this.controllerOptions) throw new Error('addLoadBalancerController(): a cluster has one, and it was added already; give all options in one call');
    const { namespace, serviceAccount: name, webhookPort, chart, repository, version } = LOAD_BALANCER_CONTROLLER;
    const { chartAsset, chartRepository = repository, throughEndpointsOnly = this.plan.isolated, serviceMutatorWebhook = true } = options;
    if (chartAsset && (options.chartRepository ?? options.chartVersion) !== undefined) {
      throw new Error('addLoadBalancerController(): chartAsset is the chart itself, and chartRepository and chartVersion name another; give one of them');
    }
    this.controllerOptions = options;
    this._model.log.add(...checkControllerWay(`${this.node.path}/LoadBalancerController`, this.plan.isolated, options.throughEndpointsOnly));
    this.loadBalancerController = LoadBalancerController.AWS;
    const account = this.addNamespace(namespace, { podCreators: PodCreators.PLATFORM_ONLY }).addServiceAccount('ServiceAccount', { name });
    const firewall = !throughEndpointsOnly;
    const statements = controllerStatements(this, {
      clusterName: this.clusterName, vpcId: this.vpc.vpcId, nodeGroupId: this.parts.groups.nodes.securityGroupId, firewall,
    });
    for (const statement of statements) account.role.addToPrincipalPolicy(statement);
    this.allowApiServerAccess('LoadBalancerController', { namespace, serviceAccounts: [name], reason: 'it makes load balancers of what Kubernetes holds' });
    this.allowFromControlPlane('LoadBalancerController', { destination: account, ports: [NetworkPort.tcp(webhookPort)], description: 'its webhooks' });
    const places = { Endpoints: NetworkPeer.awsService('elasticloadbalancing'), ...!throughEndpointsOnly && { Internet: NetworkPeer.internet() } };
    for (const [place, destination] of Object.entries(places)) {
      this.allowTraffic(`LoadBalancerControllerTo${place}`, { source: account, destination, ports: [NetworkPort.tcp(443)], description: 'the APIs of EC2 and Elastic Load Balancing' });
    }
    const values = controllerValues({
      clusterName: this.clusterName, region: Stack.of(this).region, vpcId: this.vpc.vpcId, replicas: options.replicas ?? 2, registry: options.imageRegistry ?? this.imageRegistry,
      targetType: options.targetType ?? LoadBalancerTargetType.IP, claimsServices: serviceMutatorWebhook, firewall,
    });
    const release = this.addHelmChart('LoadBalancerController', {
      ...chartAsset ? { chartAsset } : {
        chart, version: options.chartVersion ?? version, repository: chartRepository.startsWith('oci://') ? `${chartRepository.replace(/\/+$/, '')}/${chart}` : chartRepository,
      },
      release: chart, namespace, createNamespace: false, wait: true, values: { ...values, ...options.values },
    });
    this._model.controller = release;
    const chartVersion = chartAsset ? undefined : options.chartVersion ?? version;
    this._images.push(...controllerImages({ registry: options.imageRegistry ?? this.imageRegistry, chartRepository: chartAsset ? undefined : chartRepository, chartVersion }));
    return release;
  }

  /** @internal */
  protected _facts(): NetworkFacts {
    const { vpcCidrs, ranges, podRanges, controlPlaneApart, serviceIpv4Cidr, clusterDnsIp, wayOut } = this.plan;
    return {
      addresses: {
        vpc: vpcCidrs,
        nodes: [...ranges.node, ...ranges.windows],
        pods: podRanges,
        controlPlane: ranges['control-plane'],
        controlPlaneDedicated: controlPlaneApart,
        loadBalancers: ranges['load-balancer'],
        endpoints: ranges.endpoint,
        services: serviceIpv4Cidr,
      },
      systemNamespaces: this.systemNamespaces._toNames(),
      enforcement: this._model.enforcement,
      controlPlanePorts: CONTROL_PLANE_PORTS,
      nodeLocalDns: this.nodeLocalDnsCache ? [NODE_LOCAL_DNS, ...clusterDnsIp ? [`${clusterDnsIp}/32`] : []] : [],
      metadataReachesPods: this.nodegroups.some(({ metadataHopLimit }) => metadataHopLimit !== 1),
      endpoint: [
        ...describeEndpoint(this.plan.endpoint),
        ...this.bastions.map(({ node, _parts }) => ({ text: `by the private endpoint: bastion ${node.path}, ${describeBastionAccess(_parts.plan)}` })),
      ],
      wayOut,
      hasWayOut: this.givenVpc === undefined && this.plan.hasWayOut,
      nodes: this.nodegroups,
      loadBalancers: {
        controller: this.loadBalancerController._controller,
        claimsServices: this.loadBalancerController === LoadBalancerController.AWS && (this.controllerOptions?.serviceMutatorWebhook ?? true),
        // The chart's own default, and ours where it was installed here.
        targetType: this.controllerOptions ? this.controllerOptions.targetType ?? LoadBalancerTargetType.IP : LoadBalancerTargetType.INSTANCE,
        vpcRanges: vpcCidrs.map((cidr) => typeof cidr === 'string' ? cidr : cidr.token),
        ...loadBalancerSubnets(this.parts.network, ranges.public),
      },
    };
  }

  /** @internal */
  protected override _isolate(running: Running): readonly Diagnostic[] {
    const added = this.serviceEndpoints.map(({ _parts }) => _parts);
    const policed = policedS3(added);
    if (!this.plan.isolated && policed.length === 0) return [];
    const assetBuckets = assetBucketsOf(this.eksCluster);
    const narrowed = letClusterUseS3(policed, assetBuckets);
    if (this.plan.isolated) {
      this.isolated = createIsolatedEndpoints(this._room('IsolatedEndpoints'), this.parts, {
        programs: programsIn(running), certificates: running.certificates, bastions: this.bastions.length > 0, loadBalancerController: this.controllerOptions !== undefined,
        chartsFromRegistry: this.images.some(({ kind, repository }) => kind === ClusterImageKind.CHART && repository.startsWith('oci://')), assetBuckets,
      }, {
        added,
        adoptable: endpointsOfVpc(this, this.vpc.vpcId).filter(({ resource: { node } }) => node.scope !== this.parts.network.s3Gateway && !added.some(({ endpoint }) => endpoint === node.scope)),
        bastions: this.bastions.map(({ _parts }) => _parts.securityGroup),
      });
    }
    for (const { node } of [...narrowed, ...this.isolated?.narrowed ?? []]) this._decided.complete(node.defaultChild as CfnElement, 'PolicyDocument');
    if (!this.isolated) return [];
    this.beforeObjects(...this.isolated.made, ...this.parts.network.nodes);
    this._decided.remember(this._room('IsolatedEndpoints'));
    return [...this.isolated.diagnostics, ...checkImages([...pulledImages(this.images as Image[]), ...running.images], this.places())];
  }

  /** @internal */
  protected _check(): Diagnostic[] {
    return this.nodesFromElsewhere ? [] : checkNodes(this.node.path, this.nodegroups);
  }

  /** @internal */
  protected _judge(templates: Templates, carried: Carried): FinalJudgement {
    const { final } = templates;
    const { controlPlane, nodes, pods = [], loadBalancers, endpoints } = this.parts.network;
    const ids = (subnets: readonly ec2.ISubnet[]) => subnets.map(({ subnetId }) => valueByPath(subnetId, this));
    const given = [...controlPlane, ...nodes, ...pods, ...loadBalancers, ...endpoints]
      .map(({ subnetId, node }) => ({ name: nameOf(subnetId, node.path), reference: valueByPath(subnetId, this) }));
    const asBuilt = this.givenVpc ? checkSubnetsAsBuilt(this.givenVpc, subnetsAsBuilt(final, given)) : [];
    const view: TemplateView = {
      ...templates,
      cluster: this.eksCluster.node.defaultChild!.node.path,
      transforms: transformsIn(this),
      account: Token.isUnresolved(Stack.of(this).account) ? undefined : Stack.of(this).account,
      nodeGroup: groupKey(valueByPath(this.parts.groups.nodes.securityGroupId, this)),
      ordered: new Set(this._ordered.map(({ node }) => node.path)),
      pods: ids(pods.length > 0 ? pods : nodes),
      places: placesOf(this.vpc, (value) => groupKey(valueByPath(value, this))),
      subnets: { controlPlane: ids(controlPlane), nodes: ids(nodes), loadBalancers: ids(loadBalancers), endpoints: ids(endpoints) },
    };
    const { diagnostics, lines: awsServices, ofPods: podServices } = judgeServiceEndpoints(final, {
      vpcId: valueByPath(this.vpc.vpcId, this),
      added: [...this.serviceEndpoints.map(({ _parts }) => _parts.facts), ...this.isolated?.facts ?? []],
      owners: this.ownersOfGroups(),
      shutBastions: this.plan.hasWayOut ? [] : this.bastions.map(({ node }) => `bastion ${node.path}`),
      needs: this.isolated?.needs,
    });
    const isolated = this.isolated ? checkIsolated(view, {
      ...this.isolated, places: this.places(), built: serviceEndpointsAsBuilt(final, valueByPath(this.vpc.vpcId, this)), given: this.serviceEndpoints.map(({ _parts }) => _parts.facts),
      groupOf: (groupId) => groupKey(valueByPath(groupId, this)),
    }) : [];
    const produced = checkProducedCidrs(this.plan.endpoint, final.get(view.cluster)?.properties.ResourcesVpcConfig?.PublicAccessCidrs);
    const judged = checkTemplate(view);
    return { diagnostics: [...asBuilt, ...diagnostics, ...produced, ...isolated, ...judged.diagnostics], carriage: checkCarriage(view, carried), awsServices, podServices, losses: judged.losses };
  }

  /** Groups that the report says in words. */
  private ownersOfGroups(): ReadonlyMap<string, string> {
    const key = (groupId: string) => groupKey(valueByPath(groupId, this));
    return new Map([
      [key(this.parts.groups.nodes.securityGroupId), NODES_AND_PODS],
      [key(this.eksCluster.clusterSecurityGroupId), 'the functions that deploy objects'],
      ...this.bastions.map(({ node, _parts }) => [key(_parts.securityGroup.securityGroupId), `bastion ${node.path}`] as const),
    ]);
  }

  /** @internal */
  protected _own(): IConstruct[] {
    return Dependable.of(this.parts.beforeNodes).dependencyRoots;
  }

  /** @internal */
  protected _openToControlPlane(ports: readonly PortIntent[], origin: string): void {
    // What EC2 takes as a description. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html
    const { rules } = this.parts.groups;
    const before = new Set(rules.node.children);
    const description = origin.replace(/[^A-Za-z0-9 ._:/()#,@[\]+=&;{}!$*-]/g, ' ').slice(0, 255);
    for (const port of ports.flatMap((each) => each.ports ?? ['1:65535'])) {
      const [from, to = from] = String(port).split(':').map(Number);
      if (Number.isInteger(from)) allowFromControlPlane(this.parts.groups, { from, to }, description);
    }
    this._decided.remember(...rules.node.children.filter((rule) => !before.has(rule)));
  }
}
