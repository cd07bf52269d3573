import { App, CfnParameter, Fn, Lazy, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { clusterIn, errorsOf, fileOf, TestCluster, testCluster } from './fixture';
import { ClusterEndpointAccess, SecureEksClusterProps } from '../src';

type Props = Partial<SecureEksClusterProps>;

/** Where the properties hold tokens, they are made in the cluster's stack. */
function built(props: Props | ((stack: Stack) => Props)): TestCluster {
  const app = new App();
  const stack = new Stack(app, 'Platform');
  return { app, stack, cluster: clusterIn(stack, { cluster: typeof props === 'function' ? props(stack) : props }) };
}

function endpointSection({ app }: TestCluster): string[] {
  const lines = fileOf(app.synth(), 'Platform.network-report.md').split('\n');
  const start = lines.indexOf('## Who reaches the API endpoint');
  return lines.slice(start + 2, lines.indexOf('', start + 2));
}

test('the report of a private endpoint', () => {
  expect(endpointSection(built({}))).toEqual([
    '- from the internet nobody: there is no public endpoint',
    '- by the private endpoint, which is always on: the nodes, and what was added to `apiConnections`',
    '- pods of the system namespaces, and those exempted below',
  ]);
});

test('the report names each source, and says what our own NAT leaves undetermined', () => {
  expect(endpointSection(built({
    endpointAccess: ClusterEndpointAccess.publicFrom('52.94.76.0/24').withPrivateSources(ec2.Peer.ipv4('10.8.0.0/16'), ec2.Peer.prefixList('pl-1')),
  })).slice(0, 4)).toEqual([
    '- from the internet, by the public endpoint: 52.94.76.0/24',
    '- **undetermined**: whether pods that may reach the internet reach the public endpoint: by which addresses the traffic of this VPC leaves is known only at deployment',
    '- by the private endpoint: range 10.8.0.0/16',
    '- by the private endpoint: prefix list pl-1, whose ranges are not in view',
  ]);
});

test('the address of a NAT gateway among the public ranges, as a literal and as the same token', () => {
  const endpointAccess = ClusterEndpointAccess.publicFrom('52.94.76.0/24');
  const literal = built({ endpointAccess, egressAddresses: ['52.94.76.9/32'] });
  expect(endpointSection(literal)[1]).toBe('- pods that may reach the internet reach the public endpoint as well: the public ranges hold 52.94.76.9/32, by which traffic of this VPC leaves');
  Annotations.fromStack(literal.stack).hasWarning('/Platform/Cluster', Match.stringLikeRegexp('endpointOpenToPods'));

  const token = built((stack) => {
    const eip = new ec2.CfnEIP(stack, 'Eip');
    return { endpointAccess: ClusterEndpointAccess.publicFrom(`${eip.attrPublicIp}/32`), egressAddresses: [`${eip.attrPublicIp}/32`] };
  });
  expect(endpointSection(token)[1]).toBe('- pods that may reach the internet reach the public endpoint as well: the public ranges hold egressAddresses\\[0\\], by which traffic of this VPC leaves');
});

test('addresses that only the deployment knows are undetermined, also as a list', () => {
  const section = endpointSection(built((stack) => ({
    endpointAccess: ClusterEndpointAccess.publicFrom('52.94.76.0/24'), egressAddresses: new CfnParameter(stack, 'Ways', { type: 'CommaDelimitedList' }).valueAsList,
  })));
  expect(section[1]).toBe('- **undetermined**: whether pods that may reach the internet reach the public endpoint: the value of egressAddresses\\[0\\] is known only at deployment');
});

test('a broad range is an error until it is acknowledged by name, and no other with it', () => {
  const access = ClusterEndpointAccess.publicFrom('17.0.0.0/8', '52.0.0.0/15');
  const message = (cidr: string) => `endpointAccess ${cidr}: publicFrom() got '${cidr}', which is broader than a /16; name the ranges of those who need the endpoint, or acknowledge it where all of it is yours [cdk-secure-eks:endpointCidrBroad]`;
  expect(errorsOf(built({ endpointAccess: access }))).toEqual([message('17.0.0.0/8'), message('52.0.0.0/15')]);
  const one = built({ endpointAccess: access });
  one.cluster.acknowledge('cdk-secure-eks:endpointCidrBroad', { subject: 'endpointAccess 17.0.0.0/8', reason: 'all of it is ours' });
  expect(errorsOf(one)).toEqual([message('52.0.0.0/15')]);
});

test('the internet cannot be acknowledged', () => {
  const open = built({ endpointAccess: ClusterEndpointAccess.publicFrom('0.0.0.0/0') });
  open.cluster.acknowledge('endpointOpenToWorld', { subject: 'endpointAccess', reason: 'we like it' });
  expect(errorsOf(open)).toEqual([
    "endpointAccess: publicFrom() got '0.0.0.0/0', which is every address of IPv4; name the CIDRs that need the endpoint, or use ClusterEndpointAccess.PRIVATE [cdk-secure-eks:endpointOpenToWorld]",
    "acknowledge: 'endpointOpenToWorld' of endpointAccess cannot be acknowledged; mend its cause [cdk-secure-eks:notAcknowledgeable]",
  ]);
});

test('every token is warned of by its place', () => {
  const tokens = built((stack) => {
    const [office, home] = ['Office', 'Home'].map((id) => new CfnParameter(stack, id).valueAsString);
    return { endpointAccess: ClusterEndpointAccess.publicFrom(office, '54.0.0.0/24', home).withPrivateSources(ec2.Peer.ipv4(office)) };
  });
  tokens.app.synth();
  const said = Annotations.fromStack(tokens.stack).findWarning('*', Match.anyValue()).map(({ entry }) => String(entry.data)).filter((text) => text.startsWith('endpointAccess'));
  expect(said.map((text) => text.split(',')[0])).toEqual([
    'endpointAccess: publicFrom() got a token in place 1', 'endpointAccess: publicFrom() got a token in place 3', 'endpointAccess: withPrivateSources() got a token in place 1',
  ]);
});

describe('a token that synthesis itself resolves', () => {
  const judged = (...cidrs: string[]) => errorsOf(testCluster({ cluster: { endpointAccess: ClusterEndpointAccess.publicFrom(...cidrs) } }));
  const OPEN = 'endpointAccess: publicFrom() got \'0.0.0.0/0\', which is every address of IPv4; name the CIDRs that need the endpoint, or use ClusterEndpointAccess.PRIVATE [cdk-secure-eks:endpointOpenToWorld]';

  test('is judged by its value', () => {
    expect(judged('52.94.76.0/24', Lazy.string({ produce: () => '0.0.0.0/0' }))).toEqual([OPEN]);
    expect(judged(...Lazy.list({ produce: () => ['52.94.76.0/24', '0.0.0.0/0'] }))).toEqual([OPEN]);
    expect(judged(...Lazy.list({ produce: () => ['52.94.76.0/24'] }))).toEqual([]);
  });

  test.each([[[]], [undefined]])('and open to everybody where it is %j', (list) => {
    expect(judged(...Lazy.list({ produce: () => list }))).toEqual([
      'endpointAccess: publicFrom() got no CIDR, and EKS reads an empty list as 0.0.0.0/0; name the CIDRs that may reach the endpoint, or use ClusterEndpointAccess.PRIVATE [cdk-secure-eks:endpointCidrMissing]',
    ]);
  });

  test('what only the deployment knows is no error', () => {
    const found = testCluster({ cluster: { endpointAccess: ClusterEndpointAccess.publicFrom('52.94.76.0/24', Fn.importValue('office')) } });
    expect(errorsOf(found)).toEqual([]);
  });
});
