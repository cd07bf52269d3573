import { App, CfnParameter, Fn, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { ClusterEndpointAccess } from '../src/endpoint-access';
import { InternetAccess } from '../src/internet-access';

const RANGE = { id: '10.8.0.0/16', name: 'range 10.8.0.0/16', cidr: '10.8.0.0/16' };

const stack = () => new Stack(new App(), 'Demo');

describe('ClusterEndpointAccess', () => {
  test('PRIVATE asks for no public endpoint', () => {
    expect(ClusterEndpointAccess.PRIVATE._toRequest()).toEqual({ publicCidrs: undefined, privateSources: [] });
  });

  test('publicFrom() keeps what it got, in its order', () => {
    expect(ClusterEndpointAccess.publicFrom('54.239.1.1/32', '52.94.76.0/24')._toRequest().publicCidrs).toEqual(['54.239.1.1/32', '52.94.76.0/24']);
    expect(ClusterEndpointAccess.publicFrom()._toRequest().publicCidrs).toEqual([]);
  });

  test('publicFrom() marks what only the deployment knows', () => {
    const cidr = new CfnParameter(stack(), 'Office').valueAsString;
    const list = new CfnParameter(stack(), 'Offices', { type: 'CommaDelimitedList' }).valueAsList;
    expect(ClusterEndpointAccess.publicFrom('52.94.76.0/24', cidr)._toRequest().publicCidrs).toEqual(['52.94.76.0/24', { opaque: 'a token in place 2', token: cidr }]);
    expect(ClusterEndpointAccess.publicFrom(...list)._toRequest().publicCidrs).toEqual([{ opaque: 'a list', token: list[0] }]);
  });

  test.each(['52.94.76/24', '052.94.76.0/24', '52.94.76.0/33', '52.94.76.0/024', '0x34.1.1.0/24', 'office', '', ' 52.94.76.0/24', '52.94.76.0/24 '])(
    "publicFrom('%s') throws", (cidr) => {
      expect(() => ClusterEndpointAccess.publicFrom('52.94.76.0/24', cidr)).toThrow(
        new Error(`ClusterEndpointAccess.publicFrom() got '${cidr}', which is no CIDR; write an address and a prefix length, such as 52.94.76.0/24`));
    });

  test('publicFrom() throws where an address has no prefix length', () => {
    expect(() => ClusterEndpointAccess.publicFrom('52.94.76.9'))
      .toThrow(new Error("ClusterEndpointAccess.publicFrom() got '52.94.76.9', which has no prefix length; write '52.94.76.9/32' for the one address"));
  });

  test('publicFrom() leaves to the plan what is no question of syntax', () => {
    expect(() => ClusterEndpointAccess.publicFrom('0.0.0.0/0', '10.0.0.0/8', '52.94.76.1/24', '::/0', '2600::/16')).not.toThrow();
  });

  test('a token of a list stands alone', () => {
    expect(() => ClusterEndpointAccess.publicFrom(...Fn.split(',', Fn.importValue('Offices')), '52.94.76.0/24'))
      .toThrow('ClusterEndpointAccess.publicFrom(): a token of a whole list stands beside other CIDRs, and CloudFormation cannot join them; put all into the list');
  });

  test('withPrivateSources() adds, on either, and changes nothing that exists', () => {
    const peers = [ec2.Peer.ipv4('10.8.0.0/16'), ec2.Peer.prefixList('pl-1')];
    const access = ClusterEndpointAccess.PRIVATE.withPrivateSources(peers[0]).withPrivateSources(peers[1]);
    expect(access._privateSources).toEqual(peers);
    expect(access._toRequest()).toEqual({ publicCidrs: undefined, privateSources: [RANGE, { id: 'pl-1', name: 'prefix list pl-1, whose ranges are not in view' }] });
    expect(ClusterEndpointAccess.PRIVATE._privateSources).toEqual([]);
    expect(ClusterEndpointAccess.publicFrom('52.94.76.0/24').withPrivateSources(peers[0])._toRequest())
      .toEqual({ publicCidrs: ['52.94.76.0/24'], privateSources: [RANGE] });
  });

  test('withPrivateSources() takes ranges that only the deployment knows', () => {
    const vpn = new CfnParameter(stack(), 'Vpn').valueAsString;
    expect(ClusterEndpointAccess.PRIVATE.withPrivateSources(ec2.Peer.ipv4(vpn))._toRequest().privateSources).toEqual([
      { id: vpn, name: 'a token in place 1', cidr: { opaque: 'a token in place 1', token: vpn } },
    ]);
  });

  test('withPrivateSources() names groups by their id, or by where they are made', () => {
    const own = new Stack(new App(), 'Demo');
    const made = new ec2.SecurityGroup(own, 'Runner', { vpc: new ec2.Vpc(own, 'Vpc') });
    const access = ClusterEndpointAccess.PRIVATE.withPrivateSources(made, ec2.SecurityGroup.fromSecurityGroupId(own, 'Known', 'sg-1'), ec2.Peer.securityGroupId(Fn.importValue('Group')),
      ec2.Peer.prefixList(Fn.importValue('List')));
    expect(access._toRequest().privateSources!.map(({ name }) => name)).toEqual([
      'security group Demo/Runner', 'security group sg-1', 'security group known at deployment', 'prefix list known at deployment, whose ranges are not in view',
    ]);
  });

  test('a list that is changed afterwards changes nothing', () => {
    const cidrs = ['52.94.76.0/24'];
    const access = ClusterEndpointAccess.publicFrom(...cidrs);
    cidrs.push('0.0.0.0/0');
    expect(access._toRequest().publicCidrs).toEqual(['52.94.76.0/24']);
  });

  test.each([
    [ClusterEndpointAccess.PRIVATE, 'private'],
    [ClusterEndpointAccess.PRIVATE.withPrivateSources(ec2.Peer.ipv4('10.8.0.0/16'), ec2.Peer.prefixList('pl-1')), 'private with 10.8.0.0/16, pl-1'],
    [ClusterEndpointAccess.publicFrom('52.94.76.0/24', Fn.importValue('Office')), 'private, and public from 52.94.76.0/24, a value known at deployment'],
    [ClusterEndpointAccess.publicFrom(), 'private, and public from nowhere'],
  ])('%s', (access, text) => {
    expect(`${access}`).toBe(text);
  });
});

describe('InternetAccess', () => {
  test.each([
    [InternetAccess.nat(), undefined, 'NAT, one gateway in each zone'],
    [InternetAccess.nat({ gateways: 1 }), 1, 'NAT, 1 gateway'],
    [InternetAccess.nat({ gateways: 2 }), 2, 'NAT, 2 gateways'],
  ])('%s', (access, gateways, text) => {
    expect(access._toRequest()).toEqual({ kind: 'nat', gateways });
    expect(`${access}`).toBe(text);
  });

  test('nat() with a token throws', () => {
    const gateways = new CfnParameter(stack(), 'Gateways', { type: 'Number' }).valueAsNumber;
    expect(() => InternetAccess.nat({ gateways }))
      .toThrow('InternetAccess.nat(): gateways is a token, and how many gateways are made is decided at synthesis; write the number itself');
  });
});
