import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { CfnCacheCluster, CfnSubnetGroup } from 'aws-cdk-lib/aws-elasticache';
import * as rds from 'aws-cdk-lib/aws-rds';
import { healthy, Healthy } from './fixture';
import { NetworkPeer, NetworkPort, PolicyEnforcement } from '../../src';
import { errorsOf, fileOf, TestClusterOptions } from '../fixture';

/** A database in the endpoint subnets, and a service that is to use it. */
function withDatabase(apply: (database: rds.DatabaseInstance, app: Healthy, allow: () => void) => void): { warnings: string[]; report: string } {
  const made = healthy();
  const vpcSubnets = made.cluster.vpc.selectSubnets({ subnetGroupName: 'endpoint' });
  const database = new rds.DatabaseInstance(made.stack, 'Orders', {
    vpc: made.cluster.vpc, vpcSubnets: { subnets: vpcSubnets.subnets }, engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16 }), port: 5432,
  });
  const shop = made.cluster.addNamespace('shop');
  apply(database, made, () => {
    made.cluster.allowTraffic('Orders', {
      source: shop.pods({ app: 'orders' }), destination: NetworkPeer.cidr(...vpcSubnets.subnets.map(({ ipv4CidrBlock }) => ipv4CidrBlock)), ports: [NetworkPort.tcp(5432)],
    });
  });
  expect(errorsOf(made)).toEqual([]);
  const warnings = Annotations.fromStack(made.stack).findWarning('*', Match.anyValue()).map(({ entry }) => String(entry.data));
  return { warnings: warnings.map((line) => line.replace(/ \[ack: .*\]$/, '')), report: fileOf(made.app.synth(), 'Platform.network-report.md') };
}

const carriedIn = (report: string): string => /## Carried by[^\n]*\n\n([^]*?)\n\n## /.exec(report)?.[1] ?? '';

test('a database opened by its group and by policy is carried', () => {
  const { warnings, report } = withDatabase((database, { cluster }, allow) => {
    database.connections.allowDefaultPortFrom(cluster);
    allow();
  });
  expect(warnings.filter((line) => /Closed/.test(line))).toEqual([]);
  expect(carriedIn(report)).toBe('- carried: to RDS::DBInstance Platform/Orders, TCP 5432 (Platform/Cluster/TrafficRules/Orders)');
});

test('opened in policy, closed by its group', () => {
  const { warnings, report } = withDatabase((_database, _app, allow) => allow());
  expect(warnings).toEqual([
    'Platform/Cluster/TrafficRules/Orders: it allows TCP 5432 to RDS::DBInstance Platform/Orders, and its security group does not admit nodes and pods on 5432: no such connection is carried; open it, for example by connections.allowDefaultPortFrom(cluster) of it, where cluster is the SecureEksCluster: the group of eksCluster is not that of nodes [cdk-secure-eks:groupClosed]',
  ]);
  expect(carriedIn(report)).toBe('- **closed**: to RDS::DBInstance Platform/Orders, TCP 5432 (Platform/Cluster/TrafficRules/Orders): its security group does not admit nodes and pods on 5432');
});

test('opened to the group of eksCluster, which nodes do not have', () => {
  const { warnings } = withDatabase((database, { cluster }, allow) => {
    database.connections.allowDefaultPortFrom(cluster.eksCluster.clusterSecurityGroup);
    allow();
  });
  expect(warnings).toEqual([expect.stringMatching(/\[cdk-secure-eks:groupClosed\]$/)]);
});

test('opened by its group, closed by policy', () => {
  const { warnings } = withDatabase((database, { cluster }) => database.connections.allowDefaultPortFrom(cluster));
  expect(warnings).toEqual([
    'Platform/Orders: its security group admits nodes and pods, and no rule of the cluster lets any pod reach 10.0.240.0/23: no connection is carried; say by allowTraffic() whose pods reach its subnets, or close the group again [cdk-secure-eks:policyClosed]',
  ]);
});

test('the group of nodes lets nothing out', () => {
  const { warnings } = withDatabase((database, { cluster, at }, allow) => {
    database.connections.allowDefaultPortFrom(cluster);
    at('NodeSecurityGroup').addPropertyOverride('SecurityGroupEgress', [{ CidrIp: '52.94.76.0/24', IpProtocol: '-1' }]);
    allow();
  });
  expect(warnings).toEqual([expect.stringMatching(/nodeEgressNarrowed\]$/), expect.stringMatching(/lets nothing out to it on 5432.*\[cdk-secure-eks:nodeEgressClosed\]$/)]);
});

test.each([
  ['the connection', 5432, 5432, 'lets no connection in'],
  ['the answers', 1024, 65535, 'lets no answer out'],
])('a network ACL that denies %s', (_, from, to, words) => {
  const { warnings } = withDatabase((database, { cluster, stack }, allow) => {
    database.connections.allowDefaultPortFrom(cluster);
    const acl = new ec2.NetworkAcl(stack, 'Acl', { vpc: cluster.vpc, subnetSelection: { subnetGroupName: 'endpoint' } });
    for (const direction of [ec2.TrafficDirection.INGRESS, ec2.TrafficDirection.EGRESS]) {
      acl.addEntry(`All${direction}`, { cidr: ec2.AclCidr.anyIpv4(), traffic: ec2.AclTraffic.allTraffic(), ruleNumber: 200, direction });
    }
    acl.addEntry('Deny', {
      cidr: ec2.AclCidr.ipv4('10.0.0.0/8'), traffic: ec2.AclTraffic.tcpPortRange(from, to), ruleNumber: 100, ruleAction: ec2.Action.DENY,
      direction: from === to ? ec2.TrafficDirection.INGRESS : ec2.TrafficDirection.EGRESS,
    });
    allow();
  });
  expect(warnings).toEqual([expect.stringMatching(new RegExp(`${words} on 5432.*\\[cdk-secure-eks:aclClosed\\]$`))]);
});

/** Rules of a service in `shop`, and what is said of them. */
function saidOf(
  destination: (app: Healthy) => NetworkPeer, ports: NetworkPort[], apply: (app: Healthy) => void = () => undefined, options: TestClusterOptions = {},
): { warnings: string[]; lines: string } {
  const made = healthy(options);
  made.cluster.allowTraffic('Rule', { source: made.cluster.addNamespace('shop').addServiceAccount('orders'), destination: destination(made), ports });
  apply(made);
  expect(errorsOf(made)).toEqual([]);
  const warnings = Annotations.fromStack(made.stack).findWarning('*', Match.stringLikeRegexp('Closed|routeMissing')).map(({ entry }) => String(entry.data).replace(/ \[ack: .*\]$/, ''));
  return { warnings, lines: carriedIn(fileOf(made.app.synth(), 'Platform.network-report.md')) };
}

/** A database with rules of its own, on any of whose ports pods of `shop` may call. */
function withRules(ports: NetworkPort[], ...rules: [ec2.IPeer, ec2.Port][]): string {
  return saidOf(({ cluster, stack }) => {
    const { subnets } = cluster.vpc.selectSubnets({ subnetGroupName: 'endpoint' });
    const group = new ec2.SecurityGroup(stack, 'Group', { vpc: cluster.vpc });
    for (const [peer, port] of rules) group.addIngressRule(peer, port);
    new CfnCacheCluster(stack, 'Cache', {
      cacheNodeType: 'cache.t4g.small', engine: 'redis', numCacheNodes: 1, vpcSecurityGroupIds: [group.securityGroupId],
      cacheSubnetGroupName: new CfnSubnetGroup(stack, 'Subnets', { description: 'cache', subnetIds: subnets.map(({ subnetId }) => subnetId) }).ref,
    });
    return NetworkPeer.subnets(...subnets);
  }, ports).lines.replace(/^- (\S+) to .*?Rule\)(: its security group does not admit nodes and pods)?/, '$1');
}

const nodes = ec2.Peer.ipv4('10.0.0.0/16');

test.each<[string, NetworkPort, [ec2.IPeer, ec2.Port][], string]>([
  ['a range, of which the group opens both ends alone', NetworkPort.tcpRange(7000, 7003), [[nodes, ec2.Port.tcp(7000)], [nodes, ec2.Port.tcp(7003)]], '**closed**: on 7001-7002'],
  ['a range that several rules open together', NetworkPort.tcpRange(7000, 7003), [[nodes, ec2.Port.tcpRange(7000, 7001)], [nodes, ec2.Port.tcpRange(7002, 7010)]], 'carried:'],
  ['a port of TCP that is open for UDP', NetworkPort.tcp(7000), [[nodes, ec2.Port.udp(7000)]], '**closed**: on 7000'],
  ['a port of UDP', NetworkPort.udp(7000), [[nodes, ec2.Port.udp(7000)]], 'carried:'],
  ['subnets of nodes, each by a rule of its own', NetworkPort.tcp(7000), ['10.0.0.0/17', '10.0.128.0/17'].map((cidr) => [ec2.Peer.ipv4(cidr), ec2.Port.tcp(7000)]), 'carried:'],
  ['some of the nodes', NetworkPort.tcp(7000), [[ec2.Peer.ipv4('10.0.64.0/20'), ec2.Port.tcp(7000)]], '**closed**: on 7000'],
  ['a prefix list that nobody can read', NetworkPort.tcp(7000), [[ec2.Peer.prefixList('pl-1'), ec2.Port.tcp(7000)]], '**undetermined**:'],
])('%s', (_, port, rules, expected) => {
  expect(withRules([port], ...rules).replace(/^(\*?\*?\w+\*?\*?:).*?( on .*)?$/, '$1$2')).toBe(expected);
});

test('the internet is reached through NAT, and not without a route', () => {
  expect(saidOf(() => NetworkPeer.internet(), [NetworkPort.tcp(443)])).toEqual({
    warnings: [], lines: '- carried: to the internet, TCP 443 (Platform/Cluster/TrafficRules/Rule): out of the VPC; what answers there is not',
  });
  const { warnings } = saidOf(() => NetworkPeer.internet(), [NetworkPort.tcp(443)], ({ at }) => {
    at('Vpc/nodeSubnet1/DefaultRoute').addPropertyOverride('DestinationCidrBlock', '52.0.0.0/8');
  });
  expect(warnings).toContain('Platform/Cluster/TrafficRules/Rule: it allows TCP 443 to the internet, and Platform/Cluster/Vpc/nodeSubnet1 has no route there: no such connection is carried; add a route, or acknowledge that it is made elsewhere [cdk-secure-eks:routeMissing]');
});

test('an AWS service is its own endpoint, not that of another', () => {
  const apply = ({ cluster, stack }: Healthy, open: boolean) => {
    const queue = new ec2.SecurityGroup(stack, 'Sqs', { vpc: cluster.vpc });
    if (open) queue.connections.allowFrom(cluster, ec2.Port.tcp(443));
    for (const [id, service, group] of [['Queue', ec2.InterfaceVpcEndpointAwsService.SQS, queue], ['Sessions', ec2.InterfaceVpcEndpointAwsService.SSM, new ec2.SecurityGroup(stack, 'Ssm', { vpc: cluster.vpc })]] as const) {
      new ec2.InterfaceVpcEndpoint(stack, id, { vpc: cluster.vpc, service, open: false, securityGroups: [group], subnets: { subnetGroupName: 'endpoint' } });
    }
  };
  const queue = () => NetworkPeer.awsService('sqs');
  expect(saidOf(queue, [NetworkPort.tcp(443)], (made) => apply(made, true))).toEqual({ warnings: [], lines: '- carried: to EC2::VPCEndpoint Platform/Queue, TCP 443 (Platform/Cluster/TrafficRules/Rule)' });
  expect(saidOf(queue, [NetworkPort.tcp(443)], (made) => apply(made, false)).warnings).toEqual([expect.stringMatching(/^Platform\/Cluster\/TrafficRules\/Rule: it allows TCP 443 to EC2::VPCEndpoint Platform\/Queue, .*\[cdk-secure-eks:groupClosed\]$/)]);
});

test('the whole VPC: what is closed there is listed, and no fault', () => {
  const { warnings, lines } = saidOf(() => NetworkPeer.vpc(), [NetworkPort.tcp(443)], ({ cluster, stack }) => {
    new ec2.InterfaceVpcEndpoint(stack, 'Sessions', { vpc: cluster.vpc, service: ec2.InterfaceVpcEndpointAwsService.SSM, open: false, subnets: { subnetGroupName: 'endpoint' } });
  });
  expect(warnings).toEqual([]);
  expect(lines).toMatch(/^- \*\*closed\*\*: to EC2::VPCEndpoint Platform\/Sessions, TCP 443 /);
});

test('a group that a policy of the team leads to is not called closed by policy', () => {
  const { warnings } = withDatabase((database, { cluster }) => {
    database.connections.allowDefaultPortFrom(cluster);
    cluster.addManifest('Policy', {
      apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'orders', namespace: 'shop' },
      spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{ to: [{ ipBlock: { cidr: '10.0.240.0/22' } }], ports: [{ protocol: 'TCP', port: 5432 }] }] },
    });
  });
  expect(warnings.filter((line) => line.includes('policyClosed'))).toEqual([]);
});

test('a network that is staged closes nothing by policy', () => {
  const made = healthy({ cluster: { enforcement: PolicyEnforcement.STAGED } });
  const database = new rds.DatabaseInstance(made.stack, 'Orders', { vpc: made.cluster.vpc, vpcSubnets: { subnetGroupName: 'endpoint' }, engine: rds.DatabaseInstanceEngine.POSTGRES });
  database.connections.allowDefaultPortFrom(made.cluster);
  expect(errorsOf(made)).toEqual([]);
  Annotations.fromStack(made.stack).hasNoWarning('*', Match.stringLikeRegexp('policyClosed'));
});

test('private addresses behind no route', () => {
  const { warnings, lines } = saidOf(() => NetworkPeer.cidr('10.80.0.0/24'), [NetworkPort.tcp(5432)]);
  expect(warnings).toEqual([expect.stringMatching(/nodeSubnet1, .* have no route there.*\[cdk-secure-eks:routeMissing\]$/)]);
  expect(lines).toMatch(/^- \*\*closed\*\*: to 10.80.0.0\/24/);
});

test('what nobody of the app is at is not called fine, where a route leads there', () => {
  const { warnings, lines } = saidOf(() => NetworkPeer.cidr('10.80.0.0/24'), [NetworkPort.tcp(5432)], ({ other, at }) => {
    for (const zone of [1, 2]) new ec2.CfnRoute(other, `Route${zone}`, { routeTableId: at(`Vpc/nodeSubnet${zone}/RouteTable`).ref, destinationCidrBlock: '10.80.0.0/16', transitGatewayId: 'tgw-1' });
  });
  expect(warnings).toEqual([]);
  expect(lines).toBe('- **not in view**: to 10.80.0.0/24, TCP 5432 (Platform/Cluster/TrafficRules/Rule): nothing of this app is known to be there');
});
