import { App, CfnParameter, Fn, Stack, Tags } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { clusterIn, errorsOf, fileOf, objectsOf, releasesOf, resourcesOf, synthErrors, TestCluster, waitsFor } from './fixture';
import { InternetAccess, NetworkPeer, NetworkPort, SecureEksClusterProps } from '../src';

const ZONES = ['eu-west-1a', 'eu-west-1b'];
const ENV = { env: { account: '111122223333', region: 'eu-west-1' } };
const CONTEXT = { 'availability-zones:account=111122223333:region=eu-west-1': ZONES };

interface Own {
  readonly vpc: ec2.Vpc;
  readonly pods: ec2.Subnet[];
  readonly props: Partial<SecureEksClusterProps>;
}

/** A VPC as a network team would make it, with a range for pods. */
function own(stack: Stack): Own {
  const vpc = new ec2.Vpc(stack, 'Own', {
    restrictDefaultSecurityGroup: false,
    subnetConfiguration: [
      { name: 'edge', subnetType: ec2.SubnetType.PUBLIC },
      { name: 'nodes', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 24 },
      { name: 'internal', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 26 },
      { name: 'apart', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 28 },
    ],
  });
  const range = new ec2.CfnVPCCidrBlock(stack, 'PodRange', { vpcId: vpc.vpcId, cidrBlock: '100.64.0.0/16' });
  const pods = vpc.availabilityZones.map((availabilityZone, index) => {
    const subnet = new ec2.PrivateSubnet(stack, `Pods${index}`, { vpcId: vpc.vpcId, availabilityZone, cidrBlock: `100.64.${index * 64}.0/18` });
    subnet.node.addDependency(range);
    return subnet;
  });
  vpc.selectSubnets({ subnetGroupName: 'internal' }).subnets.forEach((subnet) => Tags.of(subnet).add('kubernetes.io/role/internal-elb', '1'));
  return {
    vpc, pods,
    props: {
      vpc,
      subnets: {
        controlPlane: { subnetGroupName: 'apart' }, nodes: { subnetGroupName: 'nodes' }, loadBalancers: { subnetGroupName: 'internal' }, pods: { subnets: pods },
      },
    },
  };
}

function built(options: { env?: boolean; props?: (own: Own, stack: Stack) => Partial<SecureEksClusterProps> } = {}): TestCluster & Own {
  const app = new App({ context: CONTEXT });
  const stack = new Stack(app, 'Platform', options.env ? ENV : {});
  const given = own(stack);
  const cluster = clusterIn(stack, { cluster: { ...given.props, ...options.props?.(given, stack) } });
  return { app, stack, cluster, ...given };
}

const warningsOf = (stack: Stack) => Annotations.fromStack(stack).findWarning('*', Match.anyValue()).map(({ entry }) => /\[cdk-secure-eks:(\w+)\]/.exec(String(entry.data))?.[1] ?? String(entry.data));

describe('pods in subnets of their own', () => {
  test('with zones by name: one configuration for each, in the group of the nodes', () => {
    const { app, stack } = built({ env: true });
    const resources = resourcesOf(app.synth(), stack);
    expect(objectsOf(releasesOf(resources)['eks-eni-configs'])).toEqual(ZONES.map((name, index) => ({
      apiVersion: 'crd.k8s.amazonaws.com/v1alpha1',
      kind: 'ENIConfig',
      metadata: { name },
      spec: { subnet: expect.stringMatching(`^{'Ref':'Pods${index}Subnet`), securityGroups: [expect.stringMatching("^{'Fn::GetAtt':\\['ClusterNodeSecurityGroup")] },
    })));
  });

  test('with zones that only the deployment names', () => {
    const { app, stack } = built();
    const [first] = objectsOf(releasesOf(resourcesOf(app.synth(), stack))['eks-eni-configs']);
    expect(first.metadata.name).toBe("{'Fn::Select':[0,{'Fn::GetAZs':''}]}");
    expect(warningsOf(stack)).toEqual([]);
  });

  test('the VPC CNI looks for them, by zone, and takes prefixes', () => {
    const { stack } = built();
    Template.fromStack(stack).hasResourceProperties('AWS::EKS::Addon', {
      AddonName: 'vpc-cni',
      ConfigurationValues: '{"env":{"ANNOTATE_POD_IP":"true","AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG":"true","ENI_CONFIG_LABEL_DEF":"topology.kubernetes.io/zone","ENABLE_PREFIX_DELEGATION":"true"},"enableNetworkPolicy":"false"}',
    });
  });

  test('nodes wait for them, and they for the VPC CNI, which defines their kind', () => {
    const { app, stack } = built();
    const resources = resourcesOf(app.synth(), stack);
    const idOf = (is: (each: { Type: string; Properties: any }) => boolean) => Object.keys(resources).find((id) => is(resources[id]))!;
    const configs = idOf(({ Properties }) => Properties?.Release === 'eks-eni-configs');
    expect(waitsFor(resources, idOf(({ Type }) => Type === 'AWS::EKS::Nodegroup'), configs)).toBe(true);
    expect(waitsFor(resources, configs, idOf(({ Properties }) => Properties?.AddonName === 'vpc-cni'))).toBe(true);
  });

  test('policies mean the right addresses', () => {
    const { app, stack, cluster } = built({ env: true });
    const shop = cluster.addNamespace('shop');
    const web = shop.serviceAccount('web');
    cluster.allowTraffic('ToVpc', { source: web, destination: NetworkPeer.vpc(), ports: [NetworkPort.tcp(443)] });
    cluster.allowTraffic('FromNodes', { source: NetworkPeer.nodes(), destination: web, ports: [NetworkPort.tcp(8080)] });
    cluster.allowTraffic('FromPodRange', { source: NetworkPeer.cidr('100.64.0.0/10'), destination: web, ports: [NetworkPort.tcp(9090)] });
    cluster.expectAllowed('WebReachesEndpoints', { source: web, destination: NetworkPeer.loadBalancers(), ports: [NetworkPort.tcp(443)] });
    cluster.expectAllowed('NodesReachWeb', { source: NetworkPeer.nodes(), destination: web, ports: [NetworkPort.tcp(8080)] });
    cluster.expectDenied('PodsNeverReachWeb', { source: shop.serviceAccount('other'), destination: web });
    const policies = Object.values(releasesOf(resourcesOf(app.synth(), stack))).flatMap((each) => each.Properties.Release.startsWith('eks-') ? objectsOf(each) : []);
    const spec = (name: string) => policies.find(({ metadata }) => metadata.name === name).spec;
    const notPods = 'has(projectcalico.org/orchestrator)';
    expect(spec('eks-allow.to-vpc-egress').egress).toEqual([
      { action: 'Allow', protocol: 'TCP', destination: { nets: ['10.0.0.0/16', '100.64.0.0/16'], notSelector: notPods, ports: [443] } },
    ]);
    expect(spec('eks-allow.from-nodes-ingress').ingress[0].source).toEqual({ nets: ['10.0.0.0/24', '10.0.1.0/24'], notSelector: notPods });
    // An address never means a pod, also where pods have ranges of their own.
    expect(spec('eks-allow.from-pod-range-ingress').ingress[0].source).toEqual({ nets: ['100.64.0.0/10'], notSelector: notPods });
    const guardrail = spec('eks-guardrails.internet-deny').egress[0].destination.notNets;
    expect(guardrail.slice(0, 2)).toEqual(['10.0.0.0/16', '100.64.0.0/16']);
  });

  test('of unknown range make a verdict about their addresses undetermined', () => {
    const { app, cluster } = built({
      props: ({ vpc, props, pods }, stack) => {
        const ids = ec2.Subnet.fromSubnetAttributes(stack, 'Imported', { subnetId: 'subnet-9', availabilityZone: vpc.availabilityZones[1] });
        return { subnets: { ...props.subnets, pods: { subnets: [pods[0], ids] } } };
      },
    });
    cluster.addNamespace('shop');
    cluster.addManifest('OfTheTeam', {
      apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'from-half-of-the-pods', namespace: 'shop' },
      spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ from: [{ ipBlock: { cidr: '100.64.0.0/18' } }] }] },
    });
    cluster.expectDenied('NobodyElse', { source: NetworkPeer.namespace('kube-system'), destination: NetworkPeer.namespace('shop') });
    expect(errorsOf({ app, cluster }).join()).toContain('undetermined');
  });

  test('all that is wrong is said at once', () => {
    const { app, cluster } = built({ env: true, props: ({ props, vpc }) => ({ subnets: { ...props.subnets, pods: { subnets: [vpc.publicSubnets[0]] } } }) });
    expect(errorsOf({ app, cluster })).toEqual([
      'subnets.pods: Platform/Own/edgeSubnet1 are public subnets; select private subnets, which have no route from the internet [cdk-secure-eks:subnetsPublic]',
      'subnets.pods: there is none in the zone of Platform/Own/nodesSubnet2, where nodes could start no pod; select one subnet in each zone of the nodes [cdk-secure-eks:podSubnetZones]',
    ]);
  });
});

describe('a VPC of the app', () => {
  test('has the same resources with the cluster and without', () => {
    const { app, stack } = built();
    const alone = new App({ context: CONTEXT });
    const before = new Stack(alone, 'Platform');
    own(before);
    const isNetwork = (id: string) => /^(Own|Pod)/.test(id);
    const [withCluster, without] = [resourcesOf(app.synth(), stack), resourcesOf(alone.synth(), before)].map((all) => Object.entries(all).filter(([id]) => isNetwork(id)));
    expect(withCluster).toEqual(without);
    expect(without.length).toBeGreaterThan(40);
  });

  test('is right, and its range for pods is known', () => {
    const { app, stack, cluster } = built();
    cluster.expectDenied('PodsNeverReachTheInternet', { source: NetworkPeer.namespace('default'), destination: NetworkPeer.internet() });
    const report = fileOf(app.synth(), 'Platform.network-report.md');
    expect(warningsOf(stack)).toEqual([]);
    expect(report).toContain('\n  - the way out: the routes of the given VPC; pods leave the VPC with the address of their node\n');
  });

  test.each<[string, string, (given: TestCluster & Own) => void]>([
    ['error', 'subnets.nodes: Platform/Own/nodesSubnet1 give each node a public address; set mapPublicIpOnLaunch of the subnets to false, or select others [cdk-secure-eks:subnetsPublicAddresses]',
      ({ vpc }) => { (vpc.privateSubnets[0].node.findChild('Subnet') as ec2.CfnSubnet).mapPublicIpOnLaunch = true; }],
    ['error', 'subnets.nodes: Platform/Own/nodesSubnet2 are public subnets; select private subnets, which have no route from the internet [cdk-secure-eks:subnetsPublic]',
      ({ stack, vpc }) => { new ec2.CfnRoute(stack, 'Out', { routeTableId: vpc.privateSubnets[1].routeTable.routeTableId, gatewayId: vpc.internetGatewayId, destinationCidrBlock: '8.8.8.0/24' }); }],
    ['error', 'subnets.pods: Platform/Pods0 are public subnets; select private subnets, which have no route from the internet [cdk-secure-eks:subnetsPublic]',
      ({ pods }) => { pods[0].addRoute('Out', { routerType: ec2.RouterType.GATEWAY, routerId: 'igw-1' }); }],
    ['warning', "subnets.loadBalancers: Platform/Own/internalSubnet1 have no tag kubernetes.io/role/internal-elb, by which Kubernetes finds subnets for internal load balancers; add Tags.of(subnet).add('kubernetes.io/role/internal-elb', '1'), or acknowledge that there is no load balancer [cdk-secure-eks:loadBalancerTagMissing]",
      ({ vpc }) => { Tags.of(vpc.isolatedSubnets[0]).remove('kubernetes.io/role/internal-elb', { priority: 300 }); }],
    ['warning', 'subnets.loadBalancers: Platform/Own/apartSubnet1, Platform/Own/apartSubnet2 have a tag by which Kubernetes places load balancers there, and are not among these subnets; remove kubernetes.io/role/internal-elb and kubernetes.io/role/elb from them, or select them in subnets.loadBalancers [cdk-secure-eks:loadBalancerTagMisplaced]',
      ({ vpc }) => { vpc.selectSubnets({ subnetGroupName: 'apart' }).subnets.forEach((each) => Tags.of(each).add('kubernetes.io/role/elb', '1')); }],
  ])('%s: %s', (severity, message, change) => {
    const made = built();
    change(made);
    const said = severity === 'error' ? errorsOf(made) : Annotations.fromStack(made.stack).findWarning('*', Match.anyValue()).map(({ entry }) => String(entry.data).replace(/ \[ack: .*\]$/, ''));
    expect(said).toContainEqual(message);
  });
});

describe('InternetAccess.external()', () => {
  test('lets nodes be in isolated subnets, and the report gives the reason', () => {
    const isolated = (internetAccess?: InternetAccess) => built({
      props: ({ props }) => ({ internetAccess, subnets: { ...props.subnets, nodes: { subnetGroupName: 'internal' } } }),
    });
    expect(errorsOf(isolated())).toEqual([
      'subnets.nodes: Platform/Own/internalSubnet1, Platform/Own/internalSubnet2 are isolated subnets, from which nodes and the functions that deploy objects reach neither images nor AWS APIs; select subnets with a way out, or write InternetAccess.external({ reason }) where their routes lead through a transit gateway or a firewall [cdk-secure-eks:nodesWithoutWayOut]',
    ]);
    const { app } = isolated(InternetAccess.external({ reason: 'the transit gateway of the network team' }));
    expect(fileOf(app.synth(), 'Platform.network-report.md')).toContain('  - the way out: the routes of the given VPC: the transit gateway of the network team; pods leave');
  });

  test('needs a given VPC', () => {
    const app = new App();
    const stack = new Stack(app, 'Platform');
    const cluster = clusterIn(stack, { cluster: { internetAccess: InternetAccess.external({ reason: 'a firewall' }) } });
    expect(errorsOf({ app, cluster })).toEqual([
      'internetAccess: external() is about the routes of a given VPC, but none is given and the one that is made has NAT gateways only; give the VPC that has these routes, or leave out internetAccess for NAT [cdk-secure-eks:externalWithoutVpc]',
    ]);
  });
});

describe('a VPC that is not looked up yet', () => {
  /** As an app would be written that knows its VPC. */
  function lookedUp(context: Record<string, unknown>): TestCluster {
    const app = new App({ context });
    const stack = new Stack(app, 'Platform', ENV);
    const vpc = ec2.Vpc.fromLookup(stack, 'Looked', { vpcId: 'vpc-1' });
    const cluster = clusterIn(stack, {
      cluster: { vpc, subnets: { controlPlane: { subnetGroupName: 'apart' }, nodes: { subnetGroupName: 'nodes' }, pods: { subnetGroupName: 'pods' } }, internetAccess: InternetAccess.external({ reason: '' }) },
    });
    const shop = cluster.addNamespace('shop');
    cluster.allowTraffic('ToVpc', { source: shop.pods({ app: 'web' }), destination: NetworkPeer.vpc(), ports: [NetworkPort.tcp(443)] });
    cluster.allowFromControlPlane('Webhook', { destination: shop.pods({ app: 'web' }), ports: [NetworkPort.tcp(8443)] });
    cluster.allowKubeletAccess('Metrics', { namespace: 'kube-system', serviceAccounts: ['metrics-server'], reason: 'metrics' });
    cluster.expectDenied('NeverReachesVpc', { source: shop.pods({ app: 'web' }), destination: NetworkPeer.vpc() });
    return { app, stack, cluster };
  }

  test('lets the first synthesis succeed without a word, so that the CDK command can look up', () => {
    const { app, stack } = lookedUp({});
    const assembly = app.synth();
    expect(assembly.manifest.missing?.map(({ provider }) => provider)).toContain('vpc-provider');
    expect(warningsOf(stack)).toEqual([]);
  });

  test('and judges all of it afterwards', () => {
    const { missing } = lookedUp({}).app.synth().manifest;
    const subnets = (...cidrs: string[]) => cidrs.map((cidr, index) => ({ subnetId: `subnet-${cidr}`, cidr, availabilityZone: ZONES[index], routeTableId: `rtb-${cidr}` }));
    const found = {
      vpcId: 'vpc-1', vpcCidrBlock: '10.1.0.0/16', availabilityZones: [],
      subnetGroups: [
        { name: 'nodes', type: 'Private', subnets: subnets('10.1.0.0/24', '10.1.1.0/24') },
        { name: 'apart', type: 'Isolated', subnets: subnets('10.1.2.0/28', '10.1.2.16/28') },
        { name: 'pods', type: 'Isolated', subnets: subnets('100.64.0.0/18', '100.64.64.0/18') },
      ],
    };
    const { app } = lookedUp({ ...CONTEXT, [missing!.find(({ provider }) => provider === 'vpc-provider')!.key]: found });
    const codes = synthErrors(app).map((line) => /\[cdk-secure-eks:(\w+)\]/.exec(line)?.[1]);
    expect(codes).toEqual(['reasonMissing', 'expectationUnmet']);
  });
});

describe('what is not known', () => {
  test('of some subnets of nodes, is not taken for all', () => {
    const { app, cluster } = built({
      props: ({ vpc, props }, stack) => ({
        subnets: { ...props.subnets, pods: undefined, nodes: { subnets: [vpc.privateSubnets[0], ec2.Subnet.fromSubnetAttributes(stack, 'Other', { subnetId: 'subnet-8', availabilityZone: 'eu-west-1b' })] } },
      }),
    });
    const shop = cluster.addNamespace('shop');
    cluster.allowTraffic('FromNodes', { source: NetworkPeer.nodes(), destination: shop.pods({ app: 'web' }), ports: [NetworkPort.tcp(8080)] });
    expect(errorsOf({ app, cluster })).toContainEqual(
      'Platform/Cluster/TrafficRules/FromNodes: where the nodes are is not known, so the rule would open nothing; give subnets that know their ranges, or name the ranges with NetworkPeer.cidr() [cdk-secure-eks:addressesUnknown]',
    );
  });

  test('of a VPC by tokens: synthesis succeeds, and says it', () => {
    const app = new App();
    const stack = new Stack(app, 'Platform');
    const list = (name: string) => Fn.split(',', Fn.importValue(name), 2);
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Imported', {
      vpcId: Fn.importValue('Vpc'), vpcCidrBlock: new CfnParameter(stack, 'Range').valueAsString, availabilityZones: list('Zones'),
      privateSubnetIds: list('Nodes'), privateSubnetIpv4CidrBlocks: list('NodeRanges'), isolatedSubnetIds: list('Pods'), isolatedSubnetIpv4CidrBlocks: list('PodRanges'),
    });
    clusterIn(stack, { cluster: { vpc, subnets: { nodes: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS }, pods: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED } } } });
    const assembly = app.synth();
    const resources = resourcesOf(assembly, stack);
    expect(objectsOf(releasesOf(resources)['eks-eni-configs'])).toHaveLength(2);
    expect(warningsOf(stack)).toEqual(expect.arrayContaining(['controlPlaneSubnetsShared', 'vpcUnseen']));
    expect(fileOf(assembly, 'Platform.network-report.md')).toContain('**the control plane shares its subnets: denied are the addresses that its Service has, not the subnets.**');
  });
});

test('a cluster is an ec2.IConnectable: databases admit its nodes and pods', () => {
  const { stack, vpc, cluster } = built();
  const database = new ec2.SecurityGroup(stack, 'Database', { vpc });
  new ec2.Connections({ securityGroups: [database], defaultPort: ec2.Port.tcp(5432) }).allowDefaultPortFrom(cluster);
  Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
    GroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Database'), 'GroupId'] }, FromPort: 5432, SourceSecurityGroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ClusterNodeSecurityGroup'), 'GroupId'] },
  });
});
