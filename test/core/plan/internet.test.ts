import { formatDiagnostic } from '../../../src/core/diagnostic';
import { planInternet } from '../../../src/core/plan/internet';

const said = (...args: Parameters<typeof planInternet>) => planInternet(...args).diagnostics.map(formatDiagnostic);

test.each([[undefined, 3, 'NAT, a gateway in each zone'], [1, 1, 'NAT, 1 gateway for all zones'], [2, 2, 'NAT, 2 gateways for all zones'], [3, 3, 'NAT, a gateway in each zone']])(
  '%s gateways: %s, %s', (gateways, natGateways, wayOut) => expect(planInternet({ kind: 'nat', gateways }, 'made')).toEqual({ plan: { natGateways, wayOut, isolated: false }, diagnostics: [] }));

test.each(['made', 'given'] as const)('none makes nothing in a VPC that is %s', (vpc) => {
  expect(planInternet({ kind: 'none' }, vpc)).toEqual({ plan: { natGateways: 0, wayOut: 'none; AWS services are reached by endpoints inside the VPC', isolated: true }, diagnostics: [] });
});

test.each([0, 4, 1.5, -1, NaN])('%s gateways are refused, and one is planned meanwhile', (gateways) => {
  expect(said({ kind: 'nat', gateways }, 'made')).toEqual([
    `internetAccess: nat() got ${gateways} gateways, and a VPC has 1 to 3, at most one for each zone; write a number from 1 to 3, or leave it out for one in each zone [cdk-secure-eks:natGatewaysOutOfRange]`,
  ]);
  expect(planInternet({ kind: 'nat', gateways }, 'made').plan.natGateways).toBe(1);
});

test('nothing said is NAT where the VPC is made, and its own routes where it is given', () => {
  expect(planInternet(undefined, 'made')).toEqual({ plan: { natGateways: 3, wayOut: 'NAT, a gateway in each zone', isolated: false }, diagnostics: [] });
  expect(planInternet(undefined, 'given')).toEqual({ plan: { natGateways: 0, wayOut: 'the routes of the given VPC', isolated: false }, diagnostics: [] });
});

test('a given VPC has its own routes, with a reason', () => {
  expect(planInternet({ kind: 'external', reason: 'transit gateway' }, 'given')).toEqual({ plan: { natGateways: 0, wayOut: 'the routes of the given VPC: transit gateway', isolated: false }, diagnostics: [] });
  expect(said({ kind: 'external', reason: ' ' }, 'given')).toEqual(['internetAccess: the reason of external() is empty, which the report is to give; say where the routes of the VPC lead [cdk-secure-eks:reasonMissing]']);
  expect(said({ kind: 'nat' }, 'given')).toEqual(['internetAccess: it is about a VPC that is made, but a VPC is given and nothing of it is changed; leave out internetAccess, or write InternetAccess.external({ reason }) where its routes lead out through a transit gateway or a firewall [cdk-secure-eks:vpcOptionUnused]']);
  expect(said({ kind: 'external', reason: 'x' }, 'made')).toEqual(['internetAccess: external() is about the routes of a given VPC, but none is given and the one that is made has NAT gateways only; give the VPC that has these routes, or leave out internetAccess for NAT [cdk-secure-eks:externalWithoutVpc]']);
  expect(planInternet({ kind: 'nat' }, 'given').diagnostics).toMatchObject([{ severity: 'error' }]);
});
