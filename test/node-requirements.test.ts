import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { clusterIn, errorsOf, Resource, resourcesOf, testCluster, TestClusterOptions, waitsFor } from './fixture';

const ofType = (resources: Record<string, Resource>, type: string) => Object.entries(resources).filter(([, { Type }]) => Type === type);
const nodeRole = (scope: ConstructorParameters<typeof iam.Role>[0], id = 'NodeRole') => new iam.Role(scope, id, { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });

function requirementsOf(options?: TestClusterOptions) {
  const { stack, cluster } = testCluster(options);
  return { stack, cluster, requirements: cluster.nodeRequirements };
}

test('are what a node group of the cluster has', () => {
  const { stack, requirements } = requirementsOf();
  const launchTemplate = new ec2.LaunchTemplate(stack, 'Elsewhere', {
    securityGroup: requirements.securityGroup,
    requireImdsv2: requirements.metadataOptions.httpTokens === 'required',
    httpEndpoint: requirements.metadataOptions.httpEndpoint === 'enabled',
    httpPutResponseHopLimit: requirements.metadataOptions.httpPutResponseHopLimit,
    instanceMetadataTags: requirements.metadataOptions.instanceMetadataTags === 'enabled',
    blockDevices: requirements.al2023BlockDevices,
  });
  const data = (id: string) => {
    const { TagSpecifications, ...rest } = stack.resolve((launchTemplate.stack.node.findAll().find(({ node }) => node.path.endsWith(`${id}/Resource`)) as ec2.CfnLaunchTemplate).launchTemplateData);
    return rest;
  };
  expect({ ...data('Elsewhere'), tagSpecifications: 0, userData: 0 }).toEqual({ ...data('Workers/LaunchTemplate'), tagSpecifications: 0, userData: 0 });
});

test('in plain values', () => {
  const { stack, cluster, requirements } = requirementsOf({ cluster: { clusterName: 'prod', serviceIpv4Cidr: '10.100.0.0/16' } });
  expect(requirements.metadataOptions).toEqual({ httpEndpoint: 'enabled', httpTokens: 'required', httpPutResponseHopLimit: 1, instanceMetadataTags: 'disabled' });
  expect(requirements.managedPolicyNames).toEqual(['AmazonEKSWorkerNodePolicy', 'AmazonEC2ContainerRegistryPullOnly', 'AmazonEKS_CNI_Policy']);
  expect(requirements.tags).toEqual([{ key: 'kubernetes.io/cluster/prod', value: 'owned' }]);
  expect(requirements.bottlerocketBlockDevices.map(({ deviceName, volume: { ebsDevice } }) => [deviceName, ebsDevice!.volumeSize, ebsDevice!.volumeType, 'encrypted' in ebsDevice! && ebsDevice.encrypted]))
    .toEqual([['/dev/xvda', 4, 'gp3', true], ['/dev/xvdb', 20, 'gp3', true]]);
  expect([requirements.version.version, requirements.serviceIpv4Cidr, requirements.clusterDnsIp]).toEqual(['1.35', '10.100.0.0/16', '10.100.0.10']);
  expect(requirements.subnets).toHaveLength(2);
  expect(stack.resolve([requirements.clusterName, requirements.apiServerEndpoint, requirements.certificateAuthorityData])).toEqual([
    stack.resolve(cluster.clusterName),
    { 'Fn::GetAtt': [expect.stringMatching(/^Cluster/), 'Endpoint'] },
    { 'Fn::GetAtt': [expect.stringMatching(/^Cluster/), 'CertificateAuthorityData'] },
  ]);
});

test('where name and range are tokens', () => {
  const stack = new Stack(new App(), 'Platform');
  const text = (id: string) => new CfnParameter(stack, id).valueAsString;
  const { nodeRequirements } = clusterIn(stack, { cluster: { clusterName: text('Name'), serviceIpv4Cidr: text('Services') } });
  expect(stack.resolve([nodeRequirements.tags, nodeRequirements.serviceIpv4Cidr])).toEqual([
    [{ key: { 'Fn::Join': ['', ['kubernetes.io/cluster/', { Ref: 'Name' }]] }, value: 'owned' }], { Ref: 'Services' },
  ]);
  expect(nodeRequirements.clusterDnsIp).toBeUndefined();
});

test('a role of other nodes may join, and nothing more', () => {
  const { app, stack, cluster } = testCluster();
  cluster.nodeRequirements.admitRole('Karpenter', nodeRole(stack));
  const entries = ofType(resourcesOf(app.synth(), stack), 'AWS::EKS::AccessEntry').filter(([, { Properties }]) => Properties.Type === 'EC2_LINUX');
  expect(entries.map(([, { Properties }]) => [Properties.PrincipalArn, Properties.AccessPolicies ?? []])).toEqual([[{ 'Fn::GetAtt': [expect.stringMatching(/^NodeRole/), 'Arn'] }, []]]);
});

describe('an Auto Scaling group', () => {
  function withGroup(order: boolean) {
    const made = testCluster({ nodes: false });
    const { stack, cluster: { vpc, nodeRequirements } } = made;
    const group = new autoscaling.AutoScalingGroup(stack, 'Nodes', {
      vpc,
      vpcSubnets: { subnets: nodeRequirements.subnets },
      launchTemplate: new ec2.LaunchTemplate(stack, 'NodeTemplate', {
        instanceType: new ec2.InstanceType('m6i.large'),
        machineImage: ec2.MachineImage.genericLinux({ 'eu-west-1': 'ami-1' }, { userData: ec2.UserData.forLinux() }),
        securityGroup: nodeRequirements.securityGroup,
        role: nodeRole(stack),
        requireImdsv2: true,
        httpPutResponseHopLimit: nodeRequirements.metadataOptions.httpPutResponseHopLimit,
        blockDevices: nodeRequirements.al2023BlockDevices,
      }),
    });
    if (order) nodeRequirements.order(group);
    return made;
  }

  test('waits for what nodes need, and CoreDNS for it', () => {
    const { app, stack } = withGroup(true);
    const resources = resourcesOf(app.synth(), stack);
    const [[group]] = ofType(resources, 'AWS::AutoScaling::AutoScalingGroup');
    const addon = (name: string) => ofType(resources, 'AWS::EKS::Addon').find(([, { Properties }]) => Properties.AddonName === name)![0];
    for (const earlier of [addon('vpc-cni'), addon('kube-proxy'), ...ofType(resources, 'AWS::EC2::SecurityGroupIngress').map(([id]) => id)]) {
      expect([earlier, waitsFor(resources, group, earlier)]).toEqual([earlier, true]);
    }
    expect(waitsFor(resources, addon('coredns'), group)).toBe(true);
  });

  test('counts as a place for CoreDNS only where it is ordered', () => {
    expect(errorsOf(withGroup(true))).toEqual([]);
    expect(errorsOf(withGroup(false))).toEqual([expect.stringContaining('[cdk-secure-eks:nodesMissing]')]);
  });

  test('nothing ordered is nothing there', () => {
    const made = testCluster({ nodes: false });
    made.cluster.nodeRequirements.order();
    expect(errorsOf(made)).toEqual([expect.stringContaining('[cdk-secure-eks:nodesMissing]')]);
  });
});
