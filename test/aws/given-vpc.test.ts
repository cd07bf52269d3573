import { App, CfnParameter, Fn, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { build, codes, ENV, only, resources } from './fixture';
import { readGivenVpc } from '../../src/aws/given-vpc';

const TIERS: ec2.SubnetConfiguration[] = [
  { name: 'edge', subnetType: ec2.SubnetType.PUBLIC },
  { name: 'nodes', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
  { name: 'apart', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 28 },
];
const APART = { controlPlane: { subnetGroupName: 'apart' } };
/** Of a VPC that the app does not make. */
const UNSEEN = 'ranges besides its first and those of the subnets given; DNS support and hostnames; '
  + 'free addresses and public ones given at launch of all subnets given; the tag kubernetes.io/role/internal-elb of those of load balancers';
const own = (props: ec2.VpcProps = {}) => (stack: Stack) => new ec2.Vpc(stack, 'Own', { subnetConfiguration: TIERS, restrictDefaultSecurityGroup: false, ...props });

describe('a VPC of the same stack', () => {
  test('carries the cluster and is left as it is', () => {
    const { stack, diagnostics, plan } = build({ vpc: own(), subnets: APART });
    const alone = new Stack(new App(), 'Demo');
    own()(alone);
    const ofVpc = (all: Record<string, unknown>) => Object.entries(all).filter(([id]) => id.startsWith('Own'));
    expect(ofVpc(resources(Template.fromStack(stack)))).toEqual(ofVpc(resources(Template.fromStack(alone))));
    expect(diagnostics).toEqual([]);
    expect(plan).toMatchObject({
      controlPlaneApart: true,
      vpcCidrs: ['10.0.0.0/16'],
      ranges: { 'node': ['10.0.96.0/19', '10.0.128.0/19'], 'control-plane': ['10.0.0.0/28', '10.0.0.16/28'], 'load-balancer': ['10.0.96.0/19', '10.0.128.0/19'] },
    });
  });

  test('control plane, nodes and functions are where they were put', () => {
    const { stack } = build({ vpc: own(), subnets: APART });
    const template = Template.fromStack(stack);
    const nodes = [{ Ref: expect.stringMatching(/^OwnnodesSubnet1/) }, { Ref: expect.stringMatching(/^OwnnodesSubnet2/) }];
    expect(only(template, 'AWS::EKS::Cluster').Properties.ResourcesVpcConfig.SubnetIds)
      .toEqual([{ Ref: expect.stringMatching(/^OwnapartSubnet1/) }, { Ref: expect.stringMatching(/^OwnapartSubnet2/) }]);
    expect(only(template, 'AWS::EKS::Nodegroup').Properties.Subnets).toEqual(nodes);
    for (const { Properties } of Object.values(template.findResources('AWS::Lambda::Function'))) expect(Properties.VpcConfig.SubnetIds).toEqual(nodes);
    expect(only(template, 'AWS::EKS::Cluster').DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/^OwnnodesSubnet1DefaultRoute/)]));
  });

  test('control plane in the subnets of nodes: said, and no policy names it', () => {
    const { diagnostics, plan } = build({ vpc: own() });
    expect(codes(diagnostics)).toEqual(['controlPlaneSubnetsShared']);
    expect(plan.controlPlaneApart).toBe(false);
  });

  test('all that is wrong is said at once', () => {
    const { diagnostics } = build({
      vpc: own({ maxAzs: 1, enableDnsHostnames: false, ipAddresses: ec2.IpAddresses.cidr('172.20.0.0/16') }),
      subnets: { nodes: { subnetGroupName: 'edge' }, controlPlane: { subnetGroupName: 'none' } },
      request: { vpcCidr: '10.0.0.0/16', internet: { kind: 'nat' } },
    });
    expect(codes(diagnostics)).toEqual([
      'vpcOptionUnused', 'vpcOptionUnused', 'subnetsNotFound', 'vpcDnsOff', 'subnetZones', 'subnetsPublic', 'controlPlaneSubnetsShared', 'serviceCidrOverlap',
    ]);
  });

  test('without any subnet for nodes, the cluster still stands for the report', () => {
    const { diagnostics } = build({ vpc: own({ subnetConfiguration: [TIERS[0]], natGateways: 0 }) });
    expect(diagnostics.find(({ code }) => code === 'subnetsNotFound')).toMatchObject({ subject: 'subnets.nodes', message: expect.stringContaining("There are no 'Private' subnet groups in this VPC") });
  });
});

describe('a VPC of another stack', () => {
  test('is referred to, and left as it is', () => {
    const app = new App();
    const network = new Stack(app, 'Network');
    const vpc = own()(network);
    const stack = new Stack(app, 'Reader');
    readGivenVpc(stack, vpc, APART);
    const alone = new Stack(new App(), 'Network');
    own()(alone);
    expect(Template.fromStack(network).toJSON()).toEqual(Template.fromStack(alone).toJSON());
  });
});

describe('an imported VPC', () => {
  const imported = (attributes: Partial<ec2.VpcAttributes> = {}) => (stack: Stack) => ec2.Vpc.fromVpcAttributes(stack, 'Imported', {
    vpcId: 'vpc-1',
    vpcCidrBlock: '10.1.0.0/16',
    availabilityZones: ['eu-west-1a', 'eu-west-1b'],
    privateSubnetIds: ['subnet-1', 'subnet-2'],
    privateSubnetIpv4CidrBlocks: ['10.1.0.0/24', '10.1.1.0/24'],
    privateSubnetRouteTableIds: ['rtb-1', 'rtb-2'],
    isolatedSubnetIds: ['subnet-3', 'subnet-4'],
    isolatedSubnetIpv4CidrBlocks: ['10.1.2.0/28', '10.1.2.16/28'],
    isolatedSubnetRouteTableIds: ['rtb-3', 'rtb-4'],
    ...attributes,
  });
  const subnets = { controlPlane: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED } };

  test('is checked as far as it is seen', () => {
    const { diagnostics, plan } = build({ vpc: imported(), subnets });
    expect(diagnostics).toEqual([{
      code: 'vpcUnseen',
      severity: 'warning',
      subject: 'vpc vpc-1',
      message: `not visible at synthesis and so not checked: ${UNSEEN}`,
      fix: 'check these by hand and acknowledge it, or give what is missing: Vpc.fromLookup finds ranges, zones and routes',
      acknowledgeable: true,
    }]);
    expect(plan).toMatchObject({ controlPlaneApart: true, ranges: { 'control-plane': ['10.1.2.0/28', '10.1.2.16/28'] } });
  });

  test('of tokens: what is not seen is said by name', () => {
    const { stack, diagnostics, plan } = build({
      vpc: imported({ vpcId: Fn.importValue('Vpc'), vpcCidrBlock: undefined, privateSubnetIds: Fn.split(',', Fn.importValue('Nodes'), 2), privateSubnetIpv4CidrBlocks: undefined }),
      subnets,
    });
    expect(diagnostics.map(({ message }) => message)).toEqual([
      'not visible at synthesis and so not checked: its range; ranges besides its first and those of the subnets given; DNS support and hostnames; '
      + 'the range of Demo/Imported/PrivateSubnet1, Demo/Imported/PrivateSubnet2; '
      + 'free addresses and public ones given at launch of all subnets given; the tag kubernetes.io/role/internal-elb of those of load balancers',
    ]);
    expect(plan.vpcCidrs).toEqual([]);
    expect(only(Template.fromStack(stack), 'AWS::EKS::Nodegroup').Properties.Subnets)
      .toEqual([0, 1].map((index) => ({ 'Fn::Select': [index, { 'Fn::Split': [',', { 'Fn::ImportValue': 'Nodes' }] }] })));
  });

  test('a range that only the deployment knows is a peer of unknown extent', () => {
    const { plan } = build({ vpc: (stack) => imported({ vpcCidrBlock: new CfnParameter(stack, 'Range').valueAsString })(stack), subnets });
    expect(plan.vpcCidrs).toEqual([{ opaque: 'the range of vpc-1', token: expect.stringContaining('Token') }]);
  });

  test('with nodes in one zone', () => {
    const { diagnostics } = build({ vpc: imported(), subnets: { ...subnets, nodes: { subnetFilters: [ec2.SubnetFilter.byIds(['subnet-1'])] } } });
    expect(codes(diagnostics)).toEqual(['subnetZones', 'vpcUnseen']);
  });

  test('with subnets that are known by id only', () => {
    const stack = new Stack(new App(), 'Demo');
    const byId = ['subnet-8', 'subnet-9'].map((id) => ec2.Subnet.fromSubnetId(stack, id, id));
    const { facts, network } = readGivenVpc(stack, imported()(stack), { nodes: { subnets: byId } });
    expect(facts.nodes).toEqual([
      { name: 'subnet-8', zone: undefined, isZoneToken: false, cidr: undefined, kind: undefined, isOwn: false },
      { name: 'subnet-9', zone: undefined, isZoneToken: false, cidr: undefined, kind: undefined, isOwn: false },
    ]);
    expect(network.nodes).toEqual(byId);
  });
});

describe('a VPC that is looked up', () => {
  test('before the look-up all is silent, so that it can happen', () => {
    const { stack, diagnostics } = build({
      stack: ENV,
      vpc: (scope) => ec2.Vpc.fromLookup(scope, 'Looked', { vpcId: 'vpc-1' }),
      subnets: { controlPlane: { subnetGroupName: 'apart' }, nodes: { subnetGroupName: 'nodes' } },
      request: { serviceIpv4Cidr: '172.20.0.0/16' },
    });
    expect(diagnostics).toEqual([]);
    const { missing } = (stack.node.root as App).synth().manifest;
    expect(missing?.map(({ provider }) => provider)).toContain('vpc-provider');
  });

  test('after it zones, ranges and routes are seen', () => {
    const vpc = (scope: Stack) => ec2.Vpc.fromLookup(scope, 'Looked', { vpcId: 'vpc-1' });
    const { missing } = (build({ stack: ENV, vpc }).stack.node.root as App).synth().manifest;
    const subnets = (...cidrs: string[]) => cidrs.map((cidr, index) => (
      { subnetId: `subnet-${cidr}`, cidr, availabilityZone: `eu-west-1${'ab'[index]}`, routeTableId: `rtb-${cidr}` }
    ));
    const found = {
      vpcId: 'vpc-1',
      vpcCidrBlock: '10.1.0.0/16',
      availabilityZones: [],
      subnetGroups: [
        { name: 'nodes', type: 'Private', subnets: subnets('10.1.0.0/24', '10.1.1.0/24') },
        { name: 'apart', type: 'Isolated', subnets: subnets('10.1.2.0/28', '10.1.2.16/28') },
      ],
    };
    const { diagnostics, plan } = build({
      stack: ENV,
      app: { context: { [missing!.find(({ provider }) => provider === 'vpc-provider')!.key]: found } },
      vpc,
      subnets: { controlPlane: { subnetGroupName: 'apart' } },
    });
    expect(diagnostics.map(({ message }) => message)).toEqual([`not visible at synthesis and so not checked: ${UNSEEN}`]);
    expect(plan).toMatchObject({ controlPlaneApart: true, vpcCidrs: ['10.1.0.0/16'], ranges: { 'control-plane': ['10.1.2.0/28', '10.1.2.16/28'] } });
  });
});
