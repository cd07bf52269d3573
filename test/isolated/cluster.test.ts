import { App, CfnParameter, DefaultStackSynthesizer, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { AwsService, InternetAccess, SecureEksCluster, SecureEksClusterProps } from '../../src';
import { clusterIn, errorsOf, fileOf, Resource, resourcesOf, TestCluster, testCluster, TestClusterOptions } from '../fixture';

const { EC2, ECR, SQS } = ec2.InterfaceVpcEndpointAwsService;
const MIRROR = '111122223333.dkr.ecr.eu-west-1.amazonaws.com/mirror';
const PRIVATE: Partial<SecureEksClusterProps> = { internetAccess: InternetAccess.NONE, imageRegistry: MIRROR, calico: { chartRepository: `oci://${MIRROR}/charts` } };
const isolated = (options: TestClusterOptions = {}) => testCluster({ ...options, cluster: { ...PRIVATE, ...options.cluster } });

type Resources = Record<string, Resource>;
const endpointsOf = (resources: Resources) => Object.values(resources).filter(({ Type }) => Type === 'AWS::EC2::VPCEndpoint');
const nameOf = ({ Properties: { ServiceName } }: Resource): string => typeof ServiceName === 'string' ? ServiceName : ServiceName['Fn::Join'][1].map((part: any) => typeof part === 'string' ? part : 'REGION').join('');
const synthesized = ({ app, stack }: TestCluster) => resourcesOf(app.synth(), stack);
const namesOf = (made: TestCluster) => endpointsOf(synthesized(made)).map(nameOf).sort();
const services = (made: TestCluster) => namesOf(made).map((name) => name.replace('com.amazonaws.REGION.', ''));
const BASE = ['ec2', 'ecr.api', 'ecr.dkr', 'eks', 'eks-auth', 'lambda', 's3', 'sts'];
const pod = (image: string) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'web', labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image }] } });

describe('a VPC that is made', () => {
  const made = isolated();
  const assembly = made.app.synth();
  const resources = resourcesOf(assembly, made.stack);
  const types = Object.values(resources).map(({ Type }) => Type);

  test('has no way out and no public subnet', () => {
    for (const type of ['InternetGateway', 'NatGateway', 'EIP', 'VPCGatewayAttachment', 'Route']) expect(types).not.toContain(`AWS::EC2::${type}`);
    const ids = Object.keys(resources).filter((id) => resources[id].Type === 'AWS::EC2::Subnet');
    expect(ids.map((id) => id.replace(/^ClusterVpc(.*)Subnet\dSubnet.*$/, '$1')).sort()).toEqual(['control-plane', 'endpoint', 'load-balancer', 'node'].flatMap((tier) => [tier.replace('-', ''), tier.replace('-', '')]).sort());
  });

  test('has isolated subnets that Kubernetes finds for internal load balancers', () => {
    const tagged = Object.keys(resources).filter((id) => resources[id].Properties.Tags?.some(({ Key }: any) => Key === 'kubernetes.io/role/internal-elb'));
    expect(tagged).toEqual([expect.stringMatching(/loadbalancerSubnet1/), expect.stringMatching(/loadbalancerSubnet2/)]);
  });

  test('has the endpoints that every cluster needs, each with a reason', () => {
    expect(services(made)).toEqual(BASE);
    const report = fileOf(assembly, 'Platform.network-report.md');
    expect(report).toContain('the way out: none; AWS services are reached by endpoints inside the VPC');
    for (const service of BASE) expect(report).toMatch(new RegExp(`^- ${service.replace('.', '\\.')}: .*; for: .+$`, 'm'));
  });

  test('moves no subnet: those that it has lie where they lie with NAT', () => {
    const ranges = (all: Resources) => Object.fromEntries(Object.entries(all).filter(([, { Type }]) => Type === 'AWS::EC2::Subnet').map(([id, { Properties }]) => [id, Properties.CidrBlock]));
    expect(ranges(synthesized(testCluster()))).toMatchObject(ranges(resources));
  });
});

test('an endpoint that somebody adds to the VPC that is made is adopted too', () => {
  const made = isolated();
  (made.cluster.vpc as ec2.Vpc).addInterfaceEndpoint('Images', { service: ECR, open: false });
  expect(errorsOf(made)).toEqual([]);
  expect(services(made)).toEqual(BASE);
});

describe('what is used decides', () => {
  const addon = (cluster: SecureEksCluster, addonName: string) => new eks.Addon(cluster, addonName, { cluster: cluster.eksCluster, addonName });

  test.each<[string, (cluster: SecureEksCluster) => void, string[]]>([
    ['a bastion', (cluster) => { cluster.addBastion('Ops'); }, ['ssm', 'ssmmessages']],
    ['the load balancer controller', (cluster) => { cluster.addLoadBalancerController({ chartRepository: `oci://${MIRROR}/charts` }); }, ['elasticloadbalancing']],
    ['an EKS add-on', (cluster) => { addon(cluster, 'aws-efs-csi-driver'); }, ['elasticfilesystem']],
    ['a chart', (cluster) => { cluster.addHelmChart('Autoscaler', { chart: 'cluster-autoscaler', repository: `oci://${MIRROR}/charts/cluster-autoscaler` }); }, ['autoscaling']],
    ['an image', (cluster) => { cluster.addNamespace('web'); cluster.addManifest('Web', pod(`${MIRROR}/aws-for-fluent-bit:2.32`)); }, ['logs']],
  ])('%s', (_, add, more) => {
    const made = isolated();
    add(made.cluster);
    expect(services(made)).toEqual([...BASE, ...more].sort());
  });

  test('a certificate', () => {
    const made = isolated();
    made.cluster.addLoadBalancerController({ chartRepository: `oci://${MIRROR}/charts` });
    made.cluster.addNamespace('web');
    made.cluster.addManifest('Web', {
      apiVersion: 'v1', kind: 'Service', spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
      metadata: { name: 'web', namespace: 'web', annotations: { 'service.beta.kubernetes.io/aws-load-balancer-ssl-cert': 'arn:aws:acm:eu-west-1:111122223333:certificate/1' } },
    });
    expect(services(made)).toEqual([...BASE, 'acm', 'elasticloadbalancing'].sort());
  });

  test('charts that are files need no registry for the functions', () => {
    const admitted = (made: TestCluster) => Object.keys(synthesized(made)).filter((id) => /^ClusterIsolatedEndpointsEcr(Api|Dkr)SecurityGroupfrom.*ClusterClusterSecurityGroup/.test(id));
    expect(admitted(isolated())).toHaveLength(2);
  });
});

/** Names as the documents of each partition give them, with one region. https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html, and docs.amazonaws.cn for China. */
test.each([
  ['eu-west-1', 'com.amazonaws.eu-west-1', 'com.amazonaws.eu-west-1'],
  ['us-gov-west-1', 'com.amazonaws.us-gov-west-1', 'com.amazonaws.us-gov-west-1'],
  ['cn-north-1', 'cn.com.amazonaws.cn-north-1', 'com.amazonaws.cn-north-1'],
])('in %s', (region, inChina, others) => {
  const registry = `111122223333.dkr.ecr.${region}.amazonaws.com${region.startsWith('cn') ? '.cn' : ''}/mirror`;
  const made = isolated({
    stack: { env: { account: '111122223333', region } }, app: { context: { [`availability-zones:account=111122223333:region=${region}`]: [`${region}a`, `${region}b`] } },
    cluster: { imageRegistry: registry, calico: { chartRepository: `oci://${registry}/charts` } },
  });
  made.cluster.addBastion('Ops');
  const resources = synthesized(made);
  const prefixed = ['ec2', 'ecr.api', 'ecr.dkr', 'eks', 'lambda', 'sts'].map((service) => `${inChina}.${service}`);
  const plain = ['eks-auth', 'ssm', 'ssmmessages'].map((service) => `${others}.${service}`);
  expect(endpointsOf(resources).map(nameOf).map((name) => name.replace('REGION', region)).sort()).toEqual([...prefixed, ...plain, `com.amazonaws.${region}.s3`].sort());
  const [gateway] = endpointsOf(resources).filter(({ Properties }) => Properties.VpcEndpointType === 'Gateway');
  const partition = { Ref: 'AWS::Partition' };
  expect(gateway.Properties.PolicyDocument.Statement).toEqual([
    { Sid: 'EcrLayers', Effect: 'Allow', Principal: { AWS: '*' }, Action: 's3:GetObject', Resource: { 'Fn::Join': ['', ['arn:', partition, `:s3:::prod-${region}-starport-layer-bucket/*`]] } },
    { Sid: 'CloudFormationResponses', Effect: 'Allow', Principal: { AWS: '*' }, Action: 's3:PutObject', Resource: { 'Fn::Join': ['', ['arn:', partition, `:s3:::cloudformation-custom-resource-response-${region.replace(/-/g, '')}/*`]] } },
    { Sid: 'CdkAssets', Effect: 'Allow', Principal: { AWS: '*' }, Action: 's3:GetObject', Resource: { 'Fn::Join': ['', ['arn:', partition, `:s3:::cdk-hnb659fds-assets-111122223333-${region}/*`]] } },
  ]);
});

describe('S3', () => {
  const statements = (made: TestCluster, type = 'Gateway') => endpointsOf(synthesized(made)).filter(({ Properties }) => Properties.VpcEndpointType === type && nameOf({ Type: '', Properties }).endsWith('.s3'))
    .map(({ Properties }) => Properties.PolicyDocument?.Statement.map((each: any) => each.Sid ?? each.Resource));

  test('the bucket of assets has the qualifier of the stack, or the name that its synthesizer gives', () => {
    const buckets = (synthesizer: DefaultStackSynthesizer) => endpointsOf(synthesized(isolated({ stack: { synthesizer } }))).map(({ Properties }) => JSON.stringify(Properties.PolicyDocument ?? '')).join('');
    expect(buckets(new DefaultStackSynthesizer({ qualifier: 'team' }))).toContain(':s3:::cdk-team-assets-');
    expect(buckets(new DefaultStackSynthesizer({ fileAssetsBucketName: 'our-assets' }))).toContain(':s3:::our-assets/*');
    expect(buckets(new DefaultStackSynthesizer({ qualifier: 'team' }))).not.toContain('hnb659fds');
  });

  test('more is let through where it is said', () => {
    const made = isolated();
    made.cluster.addAwsServiceEndpoint('Packages', {
      service: AwsService.byGateway(ec2.GatewayVpcEndpointAwsService.S3),
      policyStatements: [new iam.PolicyStatement({ principals: [new iam.AnyPrincipal()], actions: ['s3:GetObject'], resources: ['arn:aws:s3:::al2023-repos-eu-west-1-de612dc2/*'] })],
    });
    expect(errorsOf(made)).toEqual([]);
    expect(statements(made)).toEqual([['arn:aws:s3:::al2023-repos-eu-west-1-de612dc2/*', 'EcrLayers', 'CloudFormationResponses', 'CdkAssets']]);
  });

  test.each([['without a way out', true], ['with one', false]])('an interface endpoint with a policy answers the cluster too, %s', (_, none) => {
    const made = none ? isolated() : testCluster();
    made.cluster.addAwsServiceEndpoint('Buckets', {
      service: AwsService.byInterface(ec2.InterfaceVpcEndpointAwsService.S3),
      policyStatements: [new iam.PolicyStatement({ principals: [new iam.AnyPrincipal()], actions: ['s3:GetObject'], resources: ['arn:aws:s3:::mine/*'] })],
    });
    expect(statements(made, 'Interface')).toEqual([['arn:aws:s3:::mine/*', 'EcrLayers', 'CloudFormationResponses', 'CdkAssets']]);
    const report = fileOf(made.app.synth(), 'Platform.network-report.md');
    expect(report).not.toContain('(resourceChanged)');
  });
});

describe('a VPC that is given', () => {
  function given(more: (vpc: ec2.Vpc) => void): TestCluster & { readonly network: Stack } {
    const app = new App();
    const network = new Stack(app, 'Network');
    const vpc = new ec2.Vpc(network, 'Vpc', { maxAzs: 2, natGateways: 0, subnetConfiguration: [{ name: 'nodes', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }] });
    more(vpc);
    const stack = new Stack(app, 'Platform');
    return { app, network, stack, cluster: clusterIn(stack, { cluster: { ...PRIVATE, vpc } }) };
  }

  test('is used as it is: its isolated subnets hold nodes, its endpoints are adopted, and rules of this stack admit', () => {
    const made = given((vpc) => {
      vpc.addGatewayEndpoint('Buckets', { service: ec2.GatewayVpcEndpointAwsService.S3 });
      vpc.addInterfaceEndpoint('Images', { service: ECR, open: false });
    });
    expect(errorsOf(made)).toEqual([]);
    const assembly = made.app.synth();
    const own = resourcesOf(assembly, made.stack);
    expect(endpointsOf(own).map(nameOf).map((name) => name.replace('com.amazonaws.REGION.', '')).sort()).toEqual(BASE.filter((service) => !['s3', 'ecr.api'].includes(service)));
    const rules = Object.entries(own).filter(([id, { Type }]) => Type === 'AWS::EC2::SecurityGroupIngress' && /IsolatedEndpointsEcrApi/.test(id));
    expect(rules.map(([, { Properties }]) => [Properties.FromPort, Properties.Description]).sort()).toEqual([[443, 'Functions that deploy Kubernetes objects'], [443, 'Nodes and pods']]);
    expect(JSON.stringify(rules)).toContain('Fn::ImportValue');
    const barrier = Object.values(own).find(({ Type }) => Type === 'AWS::SSM::Parameter')!;
    for (const [id] of rules) expect(barrier.DependsOn).toContain(id);
    expect(made.stack.dependencies).toContain(made.network);
  });

  test('an adopted endpoint without a private name is an error', () => {
    const made = given((vpc) => { vpc.addInterfaceEndpoint('Machines', { service: EC2, privateDnsEnabled: false }); });
    expect(errorsOf(made)).toEqual([
      'Network/Vpc/Machines: it has no private DNS name, so that nobody who asks the usual name finds it, and it is needed: nodes learn their names, the VPC CNI gives addresses to pods; set privateDnsEnabled of it [cdk-secure-eks:isolatedEndpointUnfit]',
    ]);
  });

  test('a gateway endpoint that is no route of the nodes is an error, and a policy of somebody else\'s a warning', () => {
    const made = given((vpc) => {
      new ec2.CfnVPCEndpoint(vpc, 'Buckets', {
        vpcId: vpc.vpcId, serviceName: `com.amazonaws.${Stack.of(vpc).region}.s3`, vpcEndpointType: 'Gateway', routeTableIds: [vpc.isolatedSubnets[0].routeTable.routeTableId],
        policyDocument: { Version: '2012-10-17', Statement: [] },
      });
    });
    expect(errorsOf(made)).toEqual([
      'Network/Vpc/Buckets: it is no route of Network/Vpc/nodesSubnet2/Subnet, and it is needed: ECR keeps the layers of images in S3, CloudFormation takes answers of functions, and charts lie, in S3; add their route tables to it [cdk-secure-eks:isolatedEndpointUnfit]',
    ]);
  });

  test('what is out of view is told', () => {
    const made = given(() => {});
    const existing = ec2.InterfaceVpcEndpoint.fromInterfaceVpcEndpointAttributes(made.stack, 'Existing', {
      vpcEndpointId: 'vpce-1', port: 443, securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(made.stack, 'Group', 'sg-1')],
    });
    made.cluster.addAwsServiceEndpoint('Machines', { service: AwsService.byInterface(EC2), existing });
    expect(errorsOf(made)).toEqual([]);
    const assembly = made.app.synth();
    const own = resourcesOf(assembly, made.stack);
    expect(endpointsOf(own).map(nameOf)).not.toContain('com.amazonaws.REGION.ec2');
    expect(Object.values(own).filter(({ Type, Properties }) => Type === 'AWS::EC2::SecurityGroupIngress' && Properties.GroupId === 'sg-1')).toHaveLength(1);
    expect(fileOf(assembly, 'Platform.network-report.md')).toContain('- ec2: interface endpoint vpce-1, which the VPC has already and which is not in view; for: nodes learn their names');
  });

  test('what cannot be said of an endpoint that exists is an error, and what is not known a warning', () => {
    const made = isolated();
    made.cluster.addAwsServiceEndpoint('Queues', {
      service: AwsService.byInterface(SQS), existing: ec2.InterfaceVpcEndpoint.fromInterfaceVpcEndpointAttributes(made.stack, 'Existing', { vpcEndpointId: 'vpce-1', port: 443 }),
      policyStatements: [new iam.PolicyStatement({ principals: [new iam.AnyPrincipal()], actions: ['sqs:*'], resources: ['*'] })],
    });
    expect(errorsOf(made)).toEqual([
      'Platform/Cluster/AwsServiceEndpoints/Queues: policyStatements are given for an endpoint that exists, and its policy is not made here; leave them out, and write them where the endpoint is made [cdk-secure-eks:existingEndpointPolicy]',
    ]);
  });
});

describe('what would need the internet is named', () => {
  test('without a mirror: each image and chart of the library', () => {
    const errors = errorsOf(testCluster({ cluster: { internetAccess: InternetAccess.NONE } }));
    expect(errors.filter((each) => each.includes('isolatedImagePublic'))).toHaveLength(5);
    expect(errors).toContain('the operator of Calico: image quay.io/tigera/operator:v1.42.3: quay.io is on the internet; copy it into an ECR registry of this region and name it there [cdk-secure-eks:isolatedImagePublic]');
    expect(errors.filter((each) => each.includes('isolatedChartPublic'))).toEqual(['CalicoCrds: chart crd.projectcalico.org.v1', 'Calico: chart tigera-operator'].map((chart) =>
      `Platform/Cluster/Network/${chart} comes from https://docs.tigera.io/calico/charts: it is a repository on the internet, as far as its name tells; give it as chartAsset, or copy it into an ECR registry of this region and name that as oci:// [cdk-secure-eks:isolatedChartPublic]`));
  });

  test.each([
    ['a public image', 'nginx:1.29', 'image nginx:1.29: docker.io is on the internet', 'isolatedImagePublic'],
    ['one of another registry', 'ghcr.io/org/app:1', 'image ghcr.io/org/app:1: ghcr.io is on the internet', 'isolatedImagePublic'],
    ['one of another region', '111122223333.dkr.ecr.us-east-1.amazonaws.com/app:1', 'ECR of us-east-1 is not reached by endpoints of eu-west-1', 'isolatedImagePublic'],
  ])('%s in a manifest', (_, image, message, code) => {
    const made = isolated({ stack: { env: { account: '111122223333', region: 'eu-west-1' } }, app: { context: { 'availability-zones:account=111122223333:region=eu-west-1': ['eu-west-1a', 'eu-west-1b'] } } });
    made.cluster.addNamespace('web');
    made.cluster.addManifest('Web', pod(image));
    expect(errorsOf(made)).toEqual([expect.stringMatching(new RegExp(`^Pod web/web \\(Platform/Cluster/Manifests/Web\\): .*${message}; .*\\[cdk-secure-eks:${code}\\]$`))]);
  });

  test('a chart of a public repository, also past the methods of the cluster', () => {
    const made = isolated();
    made.cluster.addHelmChart('Mine', { chart: 'mine', repository: 'https://charts.example.com' });
    made.cluster.eksCluster.addHelmChart('Theirs', { chart: 'theirs', repository: 'oci://ghcr.io/org/theirs' });
    expect(errorsOf(made)).toEqual([
      expect.stringMatching(/^Platform\/Cluster\/Cluster\/chart-Theirs: chart theirs comes from oci:\/\/ghcr\.io\/org\/theirs: ghcr\.io is on the internet; .*isolatedChartPublic\]$/),
      expect.stringMatching(/^Platform\/Cluster\/HelmCharts\/Mine: chart mine comes from https:\/\/charts\.example\.com: it is a repository on the internet, .*isolatedChartPublic\]$/),
    ]);
  });

  test('a program that calls what has no endpoint, and a controller that was told to', () => {
    const made = isolated();
    made.cluster.addHelmChart('Names', { chart: 'external-dns', repository: `oci://${MIRROR}/charts/external-dns` });
    made.cluster.addLoadBalancerController({ chartRepository: `oci://${MIRROR}/charts`, throughEndpointsOnly: false });
    expect(errorsOf(made)).toEqual(expect.arrayContaining([
      'Platform/Cluster/LoadBalancerController: throughEndpointsOnly is false, and InternetAccess.NONE leaves no other way to AWS; leave it out [cdk-secure-eks:controllerThroughInternet]',
      expect.stringMatching(/^Platform\/Cluster\/HelmCharts\/Names: chart external-dns calls Route 53, .*isolatedApiUnreachable\]$/),
    ]));
  });

  test('places and add-ons that nobody knows are warnings, a token among them', () => {
    const made = isolated();
    const parameter = new CfnParameter(made.stack, 'Image');
    made.cluster.addNamespace('web');
    made.cluster.addManifest('Web', pod(parameter.valueAsString));
    made.cluster.addManifest('Other', { ...pod('registry.corp.internal/web:1'), metadata: { name: 'other', namespace: 'web' } });
    new eks.Addon(made.stack, 'Odd', { cluster: made.cluster.eksCluster, addonName: 'odd' });
    expect(errorsOf(made)).toEqual([]);
    const report = fileOf(made.app.synth(), 'Platform.network-report.md');
    expect(report.match(/\(isolatedImageUnknown\)/g)).toHaveLength(2);
    expect(report).toContain('image &lt;known at deployment&gt;: whether');
    expect(report).not.toContain('Token[');
    expect(report).toContain('Platform/Odd: it is not known which AWS APIs the EKS add-on odd calls');
  });

  test('a registry that is a parameter is not known, one with a token in it is', () => {
    const whole = isolated({ cluster: { imageRegistry: undefined, calico: undefined } });
    expect(errorsOf(whole).length).toBeGreaterThan(0);
    const app = new App();
    const stack = new Stack(app, 'Platform');
    const registry = `${stack.account}.dkr.ecr.${stack.region}.${stack.urlSuffix}/mirror`;
    const cluster = clusterIn(stack, { cluster: { internetAccess: InternetAccess.NONE, imageRegistry: registry, calico: { chartRepository: `oci://${registry}/charts` } } });
    expect(errorsOf({ app, cluster })).toEqual([]);
    expect(fileOf(app.synth(), 'Platform.network-report.md')).not.toMatch(/isolated(Image|Chart)/);
  });
});
