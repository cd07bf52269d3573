import { CONTROLLER, EDGE, guardedServer, held, NAMESAKE, NARROW } from './exposure-fixture';
import { ADMINISTRATOR, Case, DEVELOPER, GuardedServer, testCases } from './guarded-server';
import { KubernetesObject } from '../../../src/kubernetes/manifests/objects';
import { START_TIMEOUT_MS, STOP_TIMEOUT_MS } from '../../kube-apiserver/api-server';
import { describeWithApiServer } from '../../kube-apiserver/available';

const params = (spec: object, name = 'web', apiVersion = 'elbv2.k8s.aws/v1beta1'): KubernetesObject => ({ apiVersion, kind: 'IngressClassParams', metadata: { name }, spec });
const configuration = (spec: object, name = 'web', namespace = 'shop', apiVersion = 'gateway.k8s.aws/v1'): KubernetesObject => ({ apiVersion, kind: 'LoadBalancerConfiguration', metadata: { name, namespace }, spec });
const binding = (apiVersion: string, name: string, namespace = 'shop', spec: object = { targetGroupARN: 'arn' }): KubernetesObject => ({
  apiVersion, kind: apiVersion.startsWith('aga') ? 'GlobalAccelerator' : 'TargetGroupBinding', metadata: { name, namespace }, spec,
});
const BINDINGS = ['elbv2.k8s.aws/v1alpha1', 'eks.amazonaws.com/v1', 'aga.k8s.aws/v1beta1'];
const FACING = { scheme: 'internet-facing' };
const admitted = undefined;

describeWithApiServer('the guards of what load balancers are configured by', () => {
  let guarded: GuardedServer;
  const classes = { open: params(FACING, 'open'), closed: params({ scheme: 'internal' }, 'closed'), silent: params({}, 'silent'), shared: params({ group: { name: 'shared' }, scheme: 'internal' }, 'shared'), leaving: held(params({ scheme: 'internal' }, 'leaving')) };
  const gateways = {
    open: configuration(FACING, 'open'), closed: configuration({ scheme: 'internal' }, 'closed'), silent: configuration({}, 'silent'), few: configuration({ ...FACING, sourceRanges: NARROW }, 'few'),
    leaving: held(configuration({ scheme: 'internal' }, 'leaving')),
  };
  const bound = BINDINGS.map((apiVersion) => binding(apiVersion, 'old'));
  const create = (object: KubernetesObject, as?: string) => () => guarded.create(object, as);
  const update = (object: KubernetesObject, change: object, subresource?: string, as?: string) => () => guarded.update(object, change, as, subresource);

  beforeAll(async () => {
    guarded = await guardedServer([...Object.values(classes), ...Object.values(gateways), ...bound], configuration(FACING, 'canary'), ['IngressClassParams accepted', 'LoadBalancerConfiguration shop/accepted', 'TargetGroupBinding shop/accepted']);
    await guarded.untilRefused(params(FACING, 'canary'));
    await guarded.untilRefused(binding(BINDINGS[1], 'canary'));
    await guarded.startRemoval(classes.leaving);
    await guarded.startRemoval(gateways.leaving);
  }, START_TIMEOUT_MS);
  afterAll(() => guarded?.stop(), STOP_TIMEOUT_MS);

  describe('parameters of classes:', () => {
    const OPEN = /^secure-eks-ingress-class-parameters: its load balancer would be open to the internet/;
    const UNSAID = /^secure-eks-ingress-class-parameters: nothing that its controller understands says its scheme/;
    const UNUSABLE = /^secure-eks-ingress-class-parameters: spec.inboundCIDRs: a range is no CIDR/;
    const SHARED = /^secure-eks-ingress-class-parameters: spec.group.name without spec.scheme/;
    testCases([
      ...['elbv2.k8s.aws/v1beta1', 'eks.amazonaws.com/v1'].flatMap((version): Case[] => ([
        ['nothing said', {}, admitted],
        ['internal', { scheme: 'internal' }, admitted],
        ['internal for everybody', { scheme: 'internal', inboundCIDRs: ['0.0.0.0/0'] }, admitted],
        ['internet-facing', FACING, OPEN],
        ['internet-facing for few', { ...FACING, inboundCIDRs: NARROW }, admitted],
        ['internet-facing for everybody', { ...FACING, inboundCIDRs: ['::/0'] }, OPEN],
        ['internet-facing for a prefix list, beside which each Ingress names ranges', { ...FACING, prefixListsIDs: ['pl-1'] }, OPEN],
        ['internet-facing for a prefix list in the words of old', { ...FACING, PrefixListsIDs: ['pl-1'] }, OPEN],
        ['internet-facing for few and a prefix list', { ...FACING, inboundCIDRs: NARROW, prefixListsIDs: ['pl-1'] }, admitted],
        ['few, for whatever scheme', { inboundCIDRs: NARROW }, admitted],
        ['everybody, for whatever scheme', { inboundCIDRs: ['0.0.0.0/0'] }, OPEN],
        ['an empty list', { ...FACING, inboundCIDRs: [] }, OPEN],
        ['a word that is none', { scheme: 'public' }, UNSAID],
        ['bits behind the mask', { scheme: 'internal', inboundCIDRs: ['10.0.0.1/8'] }, UNUSABLE],
        ['a group whose members say the scheme', { group: { name: 'shared' } }, SHARED],
        ['a group whose members say the scheme, for few', { group: { name: 'shared' }, inboundCIDRs: NARROW }, SHARED],
        ['an internal group', { group: { name: 'shared' }, scheme: 'internal' }, admitted],
        ['an internet-facing group for few', { group: { name: 'shared' }, ...FACING, inboundCIDRs: NARROW }, admitted],
      ] as const).map(([what, spec, answer]): Case => [`${version}: ${what}`, create(params(spec, 'web', version)), answer])),
      ['accepted by name', create(params(FACING, 'accepted')), admitted],
      ['of nearly the name that was accepted', create(params(FACING, 'accepted2')), OPEN],
      ['by an administrator', create(params(FACING), ADMINISTRATOR), OPEN],
      ['what is open is labelled', update(classes.open, { metadata: { labels: { a: 'b' }, finalizers: ['elbv2.k8s.aws/a'] } }), admitted],
      ['what is open gets a target type', update(classes.open, { spec: { targetType: 'ip' } }), admitted],
      ['what is open is limited', update(classes.open, { spec: { inboundCIDRs: NARROW } }), admitted],
      ['what is open gets a prefix list', update(classes.open, { spec: { prefixListsIDs: ['pl-1'] } }), OPEN],
      ['what is open is removed', () => guarded.remove(classes.open), admitted],
      ['all are removed', () => guarded.removeAll(classes.open), admitted],
      ['what is closed is opened', update(classes.closed, { spec: FACING }), OPEN],
      ['what is closed says nothing', update(classes.closed, { spec: { scheme: null } }), admitted],
      ['what says nothing is opened', update(classes.silent, { spec: FACING }), OPEN],
      ['what says nothing becomes a group', update(classes.silent, { spec: { group: { name: 'shared' } } }), SHARED],
      ['a group leaves the scheme to its members', update(classes.shared, { spec: { scheme: null } }), SHARED],
      ['what is on its way out, and still holds, is opened', update(classes.leaving, { spec: FACING }), OPEN],
      ['what is on its way out loses its finalizer', update(classes.leaving, { metadata: { finalizers: [] } }), admitted],
    ]);
  });

  describe('configurations of Gateways:', () => {
    const OPEN = /^secure-eks-gateways: its load balancer would be open to the internet/;
    const UNSAID = /^secure-eks-gateways: nothing that its controller understands says its scheme/;
    const VOID = /^secure-eks-gateways: spec\.(securityGroups|disableSecurityGroup): groups of its own, or none/;
    const UNUSABLE = /^secure-eks-gateways: spec.sourceRanges: a range is no CIDR/;
    testCases([
      ...([
        ['nothing said', {}, admitted],
        ['where it stands', { loadBalancerSubnets: [{ identifier: 'subnet-1' }] }, admitted],
        ['internal', { scheme: 'internal' }, admitted],
        ['internal for everybody', { scheme: 'internal', sourceRanges: ['0.0.0.0/0'] }, admitted],
        ['internal with own groups, which a class makes public', { scheme: 'internal', securityGroups: ['sg-1'] }, VOID],
        ['internal without a group, which a class makes public', { scheme: 'internal', disableSecurityGroup: true }, VOID],
        ['internal with a group', { scheme: 'internal', disableSecurityGroup: false }, admitted],
        ['internal with ranges that are none', { scheme: 'internal', sourceRanges: ['anyone'] }, UNUSABLE],
        ['internet-facing', FACING, OPEN],
        ['internet-facing for few', { ...FACING, sourceRanges: NARROW }, admitted],
        ['internet-facing for everybody', { ...FACING, sourceRanges: ['0.0.0.0/0'] }, OPEN],
        ['internet-facing for everybody by halves', { ...FACING, sourceRanges: ['0.0.0.0/1', '128.0.0.0/1'] }, OPEN],
        ['internet-facing for an empty list', { ...FACING, sourceRanges: [] }, OPEN],
        ['internet-facing for a prefix list, beside which others name ranges', { ...FACING, securityGroupPrefixes: ['pl-1'] }, OPEN],
        ['internet-facing for few and a prefix list', { ...FACING, sourceRanges: NARROW, securityGroupPrefixes: ['pl-1'] }, admitted],
        ['internet-facing with own groups', { ...FACING, sourceRanges: NARROW, securityGroups: ['sg-1'] }, VOID],
        ['internet-facing without a group', { ...FACING, sourceRanges: NARROW, disableSecurityGroup: true }, VOID],
        ['few, for whatever scheme', { sourceRanges: NARROW }, admitted],
        ['everybody, for whatever scheme', { sourceRanges: ['::/0'] }, OPEN],
        ['an empty list, which takes away that of a class', { sourceRanges: [] }, OPEN],
        ['own groups, for whatever scheme', { securityGroups: ['sg-1'] }, VOID],
        ['a prefix list, for whatever scheme', { securityGroupPrefixes: ['pl-1'] }, admitted],
        ['a word that is none', { scheme: 'public' }, UNSAID],
        ['bits behind the mask', { ...FACING, sourceRanges: ['52.94.76.1/24'] }, UNUSABLE],
      ] as const).map(([what, spec, answer]): Case => [what, create(configuration(spec)), answer]),
      ['in a namespace that the platform opened', create(configuration(FACING, 'web', EDGE)), admitted],
      ['accepted by name', create(configuration(FACING, 'accepted')), admitted],
      ['of the name that was accepted elsewhere', create(configuration(FACING, 'accepted', 'default')), OPEN],
      ['by an administrator', create(configuration(FACING), ADMINISTRATOR), OPEN],
      ['what is open is labelled', update(gateways.open, { metadata: { labels: { a: 'b' }, finalizers: ['gateway.k8s.aws/a'] } }), admitted],
      ['what is open gets its status', update(gateways.open, { status: { observedGatewayConfigurationGeneration: 2 } }, '/status'), admitted],
      ['what is open is limited', update(gateways.open, { spec: { sourceRanges: NARROW } }), admitted],
      ['what is open is removed', () => guarded.remove(gateways.open), admitted],
      ['all are removed', () => guarded.removeAll(gateways.open), admitted],
      ['what is closed is opened', update(gateways.closed, { spec: FACING }), OPEN],
      ['what is closed gets own groups', update(gateways.closed, { spec: { securityGroups: ['sg-1'] } }), VOID],
      ['what is closed says nothing', update(gateways.closed, { spec: { scheme: null } }), admitted],
      ['what says nothing is opened', update(gateways.silent, { spec: FACING }), OPEN],
      ['what few reach is widened', update(gateways.few, { spec: { sourceRanges: ['0.0.0.0/0'] } }), OPEN],
      ['what few reach loses its ranges', update(gateways.few, { spec: { sourceRanges: null } }), OPEN],
      ['what is on its way out, and still holds, is opened', update(gateways.leaving, { spec: FACING }), OPEN],
      ['what is on its way out loses its finalizer', update(gateways.leaving, { metadata: { finalizers: [] } }), admitted],
    ]);
  });

  describe('bindings to load balancers that somebody else made:', () => {
    const REFUSED = /^secure-eks-load-balancer-bindings: who reaches the load balancer in front of it no object says/;
    testCases(BINDINGS.flatMap((version, index): Case[] => [
      ...[DEVELOPER, ADMINISTRATOR, NAMESAKE].flatMap((as): Case[] => [
        [`${version}: ${as} makes one`, create(binding(version, 'new'), as), REFUSED],
        [`${version}: ${as} changes one`, update(bound[index], { spec: { targetGroupARN: 'another' } }, '', as), REFUSED],
      ]),
      [`${version}: its controller makes one`, create(binding(version, 'new'), CONTROLLER), admitted],
      [`${version}: its controller changes one`, update(bound[index], { spec: { targetGroupARN: 'another' } }, '', CONTROLLER), admitted],
      [`${version}: one is made in a namespace that the platform opened`, create(binding(version, 'new', EDGE)), admitted],
      [`${version}: one is made in kube-system`, create(binding(version, 'new', 'kube-system')), REFUSED],
      [`${version}: one is applied`, () => guarded.patch(binding(version, 'new'), 'apply-patch', binding(version, 'new')), REFUSED],
      [`${version}: one is labelled`, update(bound[index], { metadata: { labels: { a: 'b' }, finalizers: ['elbv2.k8s.aws/resources'] } }), admitted],
      [`${version}: one gets its status`, update(bound[index], { status: { observedGeneration: 1 } }, '/status'), admitted],
      [`${version}: one is removed`, () => guarded.remove(bound[index]), admitted],
      [`${version}: all are removed`, () => guarded.removeAll(bound[index]), admitted],
      [`${version}: accepted by name`, create(binding(version, 'accepted')), version.startsWith('aga') ? REFUSED : admitted],
    ]));
  });

  test('the largest lists stay within what an expression may cost', async () => {
    const ranges = Array.from({ length: 5000 }, (_, index) => `52.${Math.floor(index / 256)}.${index % 256}.0/24`);
    expect(await guarded.create(params({ ...FACING, inboundCIDRs: ranges }))).toBeUndefined();
    expect(await guarded.create(configuration({ ...FACING, sourceRanges: ranges }))).toBeUndefined();
    expect(await guarded.create(binding(BINDINGS[0], 'new', 'shop', { targets: ranges }))).toMatch(/^secure-eks-load-balancer-bindings/);
  }, 60_000);
});
