import { formatDiagnostic } from '../../../src/core/diagnostic';
import { NodegroupRequest, checkNodes, planNodegroup, volumesOf } from '../../../src/core/plan/nodegroup';

const request = (given: Partial<NodegroupRequest> = {}): NodegroupRequest => ({ subject: 'nodegroup a', unresolved: [], ...given });
const found = (given: Partial<NodegroupRequest>) => planNodegroup(request(given)).diagnostics.map(formatDiagnostic);
/** How the CDK writes a number that only the deployment knows. */
const TOKEN = -1.8881545897087503e+289;
const arm = { name: 'm7g.large', architecture: 'arm64' } as const;
const intel = { name: 'm6i.large', architecture: 'x86_64' } as const;

test('the defaults', () => {
  expect(planNodegroup(request())).toEqual({
    plan: {
      instanceTypes: ['m6i.large'],
      amiType: 'AL2023_x86_64_STANDARD',
      minSize: 2,
      desiredSize: 2,
      maxSize: 3,
      metadataHopLimit: 1,
      takesSystemPods: true,
      volumes: [{ device: '/dev/xvda', sizeGiB: 20 }],
    },
    diagnostics: [],
  });
});

test.each<[string, Partial<NodegroupRequest>]>([
  ['nodegroup a: instanceTypes is an empty list; name at least one instance type, or leave it out for m6i.large [cdk-secure-eks:instanceTypesMissing]', { instanceTypes: [] }],
  ['nodegroup a: instanceTypes m7g.large, m6i.large are of several architectures, and one image runs on one; make a node group for each architecture [cdk-secure-eks:instanceTypesMixed]', { instanceTypes: [arm, intel] }],
  ['nodegroup a: an instance type is a token or no type, so that its architecture is not known; set amiType [cdk-secure-eks:amiTypeUnknown]', { instanceTypes: [{ name: '${Type}' }] }],
  ["nodegroup a: amiType is 'WINDOWS_CORE_2022_x86_64', and a Linux node group is AL2023 or Bottlerocket; leave it out, or choose one of those two families [cdk-secure-eks:amiTypeUnsupported]", { amiType: 'WINDOWS_CORE_2022_x86_64' }],
  ["nodegroup a: amiType is 'AL2_x86_64', and a Linux node group is AL2023 or Bottlerocket; leave it out, or choose one of those two families [cdk-secure-eks:amiTypeUnsupported]", { amiType: 'AL2_x86_64' }],
  ["nodegroup a: amiType 'AL2023_x86_64_STANDARD' does not run on m7g.large; leave it out, or match the architecture [cdk-secure-eks:amiTypeArchitecture]", { amiType: 'AL2023_x86_64_STANDARD', instanceTypes: [arm] }],
  ["nodegroup a: amiType 'BOTTLEROCKET_ARM_64' does not run on m6i.large; leave it out, or match the architecture [cdk-secure-eks:amiTypeArchitecture]", { amiType: 'BOTTLEROCKET_ARM_64' }],
  ["nodegroup a: g5.xlarge have accelerators, for which the image 'AL2023_x86_64_STANDARD' has no driver; set amiType to the NVIDIA or NEURON one of the family [cdk-secure-eks:amiTypeWithoutDriver]", { instanceTypes: [{ name: 'g5.xlarge', architecture: 'x86_64' }] }],
  ['nodegroup a: metadataHopLimit is 0, and must be a whole number from 1 to 64; write a number in that range [cdk-secure-eks:nodegroupNumber]', { metadataHopLimit: 0 }],
  ['nodegroup a: metadataHopLimit is 65, and must be a whole number from 1 to 64; write a number in that range [cdk-secure-eks:nodegroupNumber]', { metadataHopLimit: 65 }],
  ['nodegroup a: diskSize is 19, and must be a whole number from 20 to 16384; write a number in that range [cdk-secure-eks:nodegroupNumber]', { diskSize: 19 }],
  ['nodegroup a: maxSize is 451, and must be a whole number from 1 to 450; write a number in that range [cdk-secure-eks:nodegroupNumber]', { maxSize: 451 }],
  ['nodegroup a: desiredSize is 4 and maxSize is 3; write minSize <= desiredSize <= maxSize [cdk-secure-eks:nodegroupSizes]', { minSize: 4, maxSize: 3 }],
  ['nodegroup a: minSize is 4 and desiredSize is 2; write minSize <= desiredSize <= maxSize [cdk-secure-eks:nodegroupSizes]', { minSize: 4, desiredSize: 2, maxSize: TOKEN, unresolved: ['maxSize'] }],
])('%s', (message, given) => {
  expect(found(given)).toEqual([message]);
});

test.each<Partial<NodegroupRequest>>([
  { instanceTypes: [{ name: 'g5.xlarge', architecture: 'x86_64' }], amiType: 'AL2023_x86_64_NVIDIA' },
  { instanceTypes: [arm] }, { instanceTypes: [{ name: '${Type}' }], amiType: 'BOTTLEROCKET_ARM_64' }, { minSize: 0 }, { minSize: 450 }, { metadataHopLimit: 64 }, { diskSize: 20 },
  { minSize: TOKEN, unresolved: ['minSize'] }, { desiredSize: TOKEN, unresolved: ['desiredSize'] }, { maxSize: TOKEN, unresolved: ['maxSize'] },
])('%j passes', (given) => {
  expect(found(given)).toEqual([]);
});

test('wrong numbers are replaced by the defaults', () => {
  expect(planNodegroup(request({ minSize: 9, maxSize: 2, metadataHopLimit: 99, diskSize: 1 })).plan)
    .toMatchObject({ minSize: 2, desiredSize: 2, maxSize: 3, metadataHopLimit: 1, volumes: [{ sizeGiB: 20 }] });
});

describe('a cluster whose DNS finds no node', () => {
  const missing = (...groups: Partial<NodegroupRequest>[]) => checkNodes('Platform/Cluster', groups.map((each) => planNodegroup(request(each)).plan)).map(formatDiagnostic);
  const message = (what: string) => `Platform/Cluster: ${what}: CoreDNS and Calico find no node to run on, and the deployment waits for them in vain; `
    + 'add a group with addNodegroup() that has a node from the start and no taint, name its taints in toleratedTaints, or acknowledge where such nodes come from [cdk-secure-eks:nodesMissing]';
  const none = { minSize: 0 };
  const taint = (effect?: string) => ({ key: `team-${effect}`, effect });
  const tainted = { taints: [taint('PREFER_NO_SCHEDULE'), taint('NO_SCHEDULE')] };

  test.each([
    [[{ ...tainted, toleratedTaints: [taint('NO_SCHEDULE')] }]], [[{ taints: [{ key: 'a', value: 'b', effect: 'NO_SCHEDULE' }], toleratedTaints: [{ key: 'a', effect: 'NO_SCHEDULE' }] }]],
    [[{ taints: [{ key: 'a', value: 'b', effect: 'NO_SCHEDULE' }], toleratedTaints: [{ key: 'a', value: 'b', effect: 'NO_SCHEDULE' }] }]],
  ])('has a taint that both tolerate: %j', (groups) => expect(missing(...groups)).toEqual([]));

  test.each([
    { key: 'other', effect: 'NO_SCHEDULE' }, { key: 'a', effect: 'NO_EXECUTE' }, { key: 'a', value: 'c', effect: 'NO_SCHEDULE' },
  ])('tolerates another taint: %j', (tolerated) => {
    expect(missing({ taints: [{ key: 'a', value: 'b', effect: 'NO_SCHEDULE' }], toleratedTaints: [tolerated] })).toHaveLength(1);
  });

  test('has no group', () => expect(missing()).toEqual([message('it has no node group')]));

  test.each([[[none]], [[tainted]], [[{ taints: [taint('NO_EXECUTE')] }]], [[{ taints: [taint()] }]], [[none, tainted]]])('has groups that take no pod: %j', (groups) => {
    expect(missing(...groups)).toEqual([message('each of its node groups starts without a node or has a taint that they do not tolerate')]);
  });

  test.each([
    [[{}]], [[none, tainted, {}]], [[{ minSize: 0, desiredSize: 1 }]], [[{ taints: [taint('PREFER_NO_SCHEDULE')] }]], [[{ minSize: TOKEN, unresolved: ['minSize'] }]],
  ])('is none of these: %j', (groups) => expect(missing(...groups)).toEqual([]));
});

// Where Bottlerocket keeps what: https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html
test.each([
  ['BOTTLEROCKET_ARM_64', [{ device: '/dev/xvda', sizeGiB: 4 }, { device: '/dev/xvdb', sizeGiB: 40 }]],
  ['AL2023_x86_64_STANDARD', [{ device: '/dev/xvda', sizeGiB: 40 }]],
])('the volumes of %s', (amiType, volumes) => expect(volumesOf(amiType, 40)).toEqual(volumes));

test('no more nodes are unavailable than there may be', () => {
  const said = (more: Partial<NodegroupRequest>) => planNodegroup(request(more)).diagnostics.map(({ code, severity, message }) => `${severity} ${code}: ${message}`);
  expect(said({ maxSize: 3, maxUnavailable: 3 })).toEqual([]);
  expect(said({ maxSize: 3, maxUnavailable: 4 })).toEqual(['error nodegroupUpdate: maxUnavailable is 4 and maxSize is 3']);
  expect(said({ maxSize: 3, maxUnavailable: 4, unresolved: ['maxSize'] })).toEqual([]);
  expect(said({ maxSize: 3, maxUnavailable: 4, unresolved: ['maxUnavailable'] })).toEqual([]);
  expect(said({ maxSize: 3, maxUnavailable: 101 })).toEqual(['error nodegroupUpdate: maxUnavailable is 101, and must be a whole number from 1 to 100']);
  expect(said({ maxUnavailable: 1, maxUnavailablePercentage: 1 })).toEqual(['error nodegroupUpdate: maxUnavailable and maxUnavailablePercentage are both set, and EKS takes one of them']);
  expect(checkNodes('Cluster', [])).toMatchObject([{ severity: 'error', acknowledgeable: true }]);
});
