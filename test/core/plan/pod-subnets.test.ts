import { formatDiagnostic } from '../../../src/core/diagnostic';
import { GivenSubnet, GivenVpc } from '../../../src/core/plan/given-vpc';
import { checkPodSubnets } from '../../../src/core/plan/pod-subnets';

const at = (name: string, zone?: string, isZoneToken?: boolean) => ({ name, zone, isZoneToken }) as GivenSubnet;
const check = (pods: GivenSubnet[] | undefined, nodes: GivenSubnet[], unselected: GivenVpc['unselected'] = []) => checkPodSubnets({ pods, nodes, unselected } as unknown as GivenVpc);
const said = (...args: Parameters<typeof check>) => check(...args).map(formatDiagnostic);
const NODES = [at('n1', 'a'), at('n2', 'b')];

test('one in each zone of the nodes', () => {
  expect(check([at('p1', 'a'), at('p2', 'b'), at('p3', 'c')], NODES)).toEqual([]);
  expect(check(undefined, NODES)).toEqual([]);
});

test('a zone without one, and a zone with two', () => {
  expect(said([at('p1', 'a')], [...NODES, at('n3', 'c')])).toEqual(['subnets.pods: there is none in the zone of n2, n3, where nodes could start no pod; select one subnet in each zone of the nodes [cdk-secure-eks:podSubnetZones]']);
  expect(said([at('p1', 'a'), at('p2', 'b'), at('p3', 'b')], NODES)).toEqual(['subnets.pods: p2, p3 lie in one zone, and a zone has one subnet of pods; select one subnet in each zone of the nodes [cdk-secure-eks:podSubnetZones]']);
  expect(check([at('p1', 'a')], NODES)).toMatchObject([{ severity: 'error' }]);
});

test('a zone that is not known', () => {
  expect(said([at('p1'), at('p2')], NODES)).toEqual([
    'subnets.pods: the zone of p1, p2 is not known, and nodes find the subnet of their pods by the zone; give subnets that know their zone: Subnet.fromSubnetAttributes({ subnetId, availabilityZone }) [cdk-secure-eks:podSubnetZones]',
  ]);
  const unknown = (name: string) => [`subnets.pods: whether there is one in the zone of ${name} is not known, and where there is none nodes could start no pod; give subnets whose zones are known, or check it by hand and acknowledge it [cdk-secure-eks:podSubnetZonesUnknown]`];
  expect(said([at('p1', 'a')], [at('n1', 'a'), at('n2')])).toEqual(unknown('n2'));
  expect(said([at('p1', '${Zone}', true)], [at('n1', 'a')])).toEqual(unknown('n1'));
  expect(said([at('p1', 'a', false)], [at('n1', '${Zone}', true)])).toEqual(unknown('n1'));
  expect(said([at('p1', '${Zone}', true)], [at('n1', '${Zone}', true)])).toEqual([]);
  expect(check([at('p1', 'a')], [at('n1')])).toMatchObject([{ severity: 'warning', acknowledgeable: true }]);
});

test('what selected nothing was reported by itself', () => {
  for (const member of ['pods', 'nodes']) expect(check([at('p1')], NODES, [{ member }] as unknown as GivenVpc['unselected'])).toEqual([]);
  expect(check([at('p1')], NODES, [{ member: 'endpoints' }] as unknown as GivenVpc['unselected'])).toHaveLength(1);
});
