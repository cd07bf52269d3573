import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import { healthy, Healthy } from './fixture';
import { NetworkPeer, NetworkPort } from '../../src';
import { errorsOf, fileOf } from '../fixture';

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
  expect(warnings).toEqual([expect.stringMatching(/lets nothing out to it on 5432.*\[cdk-secure-eks:nodeEgressClosed\]$/)]);
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

test('what nobody of the app is at is not called fine', () => {
  const made = healthy();
  const shop = made.cluster.addNamespace('shop');
  made.cluster.allowTraffic('Mainframe', { source: shop.serviceAccount('orders'), destination: NetworkPeer.cidr('10.80.0.0/24'), ports: [NetworkPort.tcp(5432)] });
  expect(errorsOf(made)).toEqual([]);
  expect(carriedIn(fileOf(made.app.synth(), 'Platform.network-report.md')))
    .toBe('- **not in view**: to 10.80.0.0/24, TCP 5432 (Platform/Cluster/TrafficRules/Mainframe): nothing of this app is known to be there');
});
