import { Match, Template } from 'aws-cdk-lib/assertions';
import { BuildOptions, ENV, Resource, resources, templateOf, zones } from './fixture';

/** Tier and zone slot -> range, read from the template. */
function ranges(template: Template): Record<string, string> {
  const subnets = Object.entries(resources(template)).filter(([, { Type }]) => Type === 'AWS::EC2::Subnet');
  return Object.fromEntries(subnets.map(([, { Properties }]) => {
    const slot = /Subnet(\d)$/.exec(tagsOf(Properties).Name)![1];
    return [`${tagsOf(Properties)['aws-cdk:subnet-name']} ${slot}`, Properties.CidrBlock];
  }));
}

function tagsOf(properties: Resource['Properties']): Record<string, string> {
  return Object.fromEntries(properties.Tags.map(({ Key, Value }: { Key: string; Value: string }) => [Key, Value]));
}

const TWO_ZONES = {
  'public 1': '10.0.224.0/23',
  'public 2': '10.0.226.0/23',
  'node 1': '10.0.0.0/18',
  'node 2': '10.0.64.0/18',
  'load-balancer 1': '10.0.232.0/23',
  'load-balancer 2': '10.0.234.0/23',
  'control-plane 1': '10.0.248.0/27',
  'control-plane 2': '10.0.248.32/27',
  'endpoint 1': '10.0.240.0/24',
  'endpoint 2': '10.0.241.0/24',
};
const THREE_ZONES = {
  ...TWO_ZONES,
  'public 3': '10.0.228.0/23',
  'node 3': '10.0.128.0/18',
  'load-balancer 3': '10.0.236.0/23',
  'control-plane 3': '10.0.248.64/27',
  'endpoint 3': '10.0.242.0/24',
};

describe('ranges', () => {
  test.each<[string, BuildOptions, Record<string, string>]>([
    ['without env', {}, TWO_ZONES],
    ['with env, before zones are looked up', { stack: ENV }, THREE_ZONES],
    ['with env and two zones', { stack: ENV, app: zones('eu-west-1a', 'eu-west-1b') }, TWO_ZONES],
    ['with env and three zones', { stack: ENV, app: zones('eu-west-1a', 'eu-west-1b', 'eu-west-1c') }, THREE_ZONES],
    ['with env and four zones', { stack: ENV, app: zones('eu-west-1a', 'eu-west-1b', 'eu-west-1c', 'eu-west-1d') }, THREE_ZONES],
  ])('%s', (_, options, expected) => {
    expect(ranges(templateOf(options))).toEqual(expected);
  });

  test('logical ids of subnets are the same with a zone more', () => {
    const subnets = (options: BuildOptions) => Object.entries(resources(templateOf(options))).filter(([, { Type }]) => Type === 'AWS::EC2::Subnet').map(([id]) => id);
    const three = subnets({ stack: ENV, app: zones('eu-west-1a', 'eu-west-1b', 'eu-west-1c') });
    expect(three).toEqual(expect.arrayContaining(subnets({})));
  });

  test('follow vpcCidr', () => {
    const found = ranges(templateOf({ request: { vpcCidr: '100.64.16.0/20' } }));
    expect(found).toMatchObject({ 'node 1': '100.64.16.0/22', 'public 1': '100.64.30.0/27', 'endpoint 1': '100.64.31.0/28', 'control-plane 2': '100.64.31.144/28' });
  });
});

describe('a VPC that is made', () => {
  const template = templateOf();

  test('has DNS, which the private endpoint needs', () => {
    template.hasResourceProperties('AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16', EnableDnsSupport: true, EnableDnsHostnames: true });
  });

  test('marks load-balancer and public subnets for load balancers, and no other', () => {
    const roles = Object.values(template.findResources('AWS::EC2::Subnet')).map(({ Properties }) => {
      const tags = tagsOf(Properties);
      return [tags['aws-cdk:subnet-name'], Object.keys(tags).filter((key) => key.startsWith('kubernetes.io/'))];
    });
    expect(new Set(roles.map((role) => JSON.stringify(role)))).toEqual(new Set([
      JSON.stringify(['public', ['kubernetes.io/role/elb']]),
      JSON.stringify(['node', []]),
      JSON.stringify(['load-balancer', ['kubernetes.io/role/internal-elb']]),
      JSON.stringify(['control-plane', []]),
      JSON.stringify(['endpoint', []]),
    ]));
  });

  test('gives no instance a public address', () => {
    for (const { Properties } of Object.values(template.findResources('AWS::EC2::Subnet'))) expect(Properties.MapPublicIpOnLaunch).toBe(false);
  });

  test('routes only node subnets out, through NAT, and public ones to the internet gateway', () => {
    const routes = Object.values(template.findResources('AWS::EC2::Route')).map(({ Properties }) => [Properties.RouteTableId.Ref.replace(/RouteTable.*/, ''), Object.keys(Properties).find((key) => /Gateway/.test(key))]);
    expect(routes).toEqual([
      ['VpcpublicSubnet1', 'GatewayId'],
      ['VpcpublicSubnet2', 'GatewayId'],
      ['VpcnodeSubnet1', 'NatGatewayId'],
      ['VpcnodeSubnet2', 'NatGatewayId'],
    ]);
  });

  test('keeps flow logs of all traffic for a year', () => {
    template.hasResourceProperties('AWS::EC2::FlowLog', { TrafficType: 'ALL', ResourceType: 'VPC', LogDestinationType: 'cloud-watch-logs' });
    template.hasResource('AWS::Logs::LogGroup', {
      Properties: { LogGroupName: Match.absent(), RetentionInDays: 365 },
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
  });

  test('has an S3 gateway endpoint on the routes of nodes only', () => {
    template.hasResourceProperties('AWS::EC2::VPCEndpoint', {
      VpcEndpointType: 'Gateway',
      RouteTableIds: [{ Ref: Match.stringLikeRegexp('^VpcnodeSubnet1RouteTable') }, { Ref: Match.stringLikeRegexp('^VpcnodeSubnet2RouteTable') }],
    });
  });

  test('adds no function for the default security group, whatever the flag says', () => {
    const flagged = templateOf({ app: { context: { '@aws-cdk/aws-ec2:restrictDefaultSecurityGroup': true } } });
    flagged.resourceCountIs('AWS::Lambda::Function', 2);
    flagged.resourceCountIs('Custom::VpcRestrictDefaultSG', 0);
  });

  test.each([[undefined, 3], [1, 1], [2, 2], [3, 3]])('%s NAT gateways in three zones make %s', (gateways, expected) => {
    templateOf({ request: { internet: { kind: 'nat', gateways } }, stack: ENV, app: zones('eu-west-1a', 'eu-west-1b', 'eu-west-1c') }).resourceCountIs('AWS::EC2::NatGateway', expected);
  });
});
