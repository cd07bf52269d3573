import { formatDiagnostic } from '../../../src/core/diagnostic';
import { exposureOf } from '../../../src/core/load-balancer/exposure';
import { deepFreeze } from '../../fixture';

const PREFIX = 'service.beta.kubernetes.io/';
const INTERNAL = `${PREFIX}aws-load-balancer-internal`;
const token = '${Token[TOKEN.1]}';
const resolvable: any = { resolve: () => 'x', toString: () => token };

function service(spec: any = {}, annotations: any = {}) {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop', annotations }, spec: { type: 'LoadBalancer', ...spec } };
}

const judged = (object: any) => {
  const { exposure, diagnostics } = exposureOf(object);
  return { exposure, messages: diagnostics.map(formatDiagnostic), codes: diagnostics.map(({ code, severity, acknowledgeable }) => `${severity} ${code}${acknowledgeable ? '' : '!'}`) };
};

describe('what exposes nothing', () => {
  test.each([
    [service({ type: 'ClusterIP' })], [service({ type: undefined })], [service({ type: 'NodePort' })],
    [{ ...service(), apiVersion: 'serving.knative.dev/v1' }],
    [{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } }],
    [{ apiVersion: 'example.com/v1', kind: 'Ingress', metadata: { name: 'web' } }],
  ])('%#', (object) => expect(exposureOf(object)).toEqual({ diagnostics: [] }));
});

describe('internal load balancers', () => {
  test.each(['true', 'True', '0.0.0.0/0', 'yes'])("the controller reads '%s' as internal", (value) => {
    expect(judged(service({}, { [INTERNAL]: value }))).toEqual({ exposure: { subject: 'Service shop/web', scheme: 'internal' }, messages: [], codes: [] });
  });

  test("'false', nothing, and other controllers' word are not internal", () => {
    for (const annotations of [{ [INTERNAL]: 'false' }, { [INTERNAL]: '' }, {}, { [`${PREFIX}aws-load-balancer-scheme`]: 'internal' }]) {
      expect(judged(service({}, annotations)).codes).toEqual(['error loadBalancerOpen']);
    }
  });

  test('its ranges may be broad, and are shown', () => {
    expect(judged(service({ loadBalancerSourceRanges: ['0.0.0.0/0'] }, { [INTERNAL]: 'true' }))).toMatchObject({ exposure: { scheme: 'internal', sources: ['0.0.0.0/0'] }, codes: [] });
  });

  test('a value known at deployment decides nothing', () => {
    expect(judged(service({}, { [INTERNAL]: token }))).toEqual({
      exposure: { subject: 'Service shop/web', scheme: 'unknown' }, codes: ['error exposureUnknown'],
      messages: [`Service shop/web: annotation ${INTERNAL} is known only at deployment, and it decides who reaches the Service; write the value itself [cdk-secure-eks:exposureUnknown]`],
    });
  });
});

describe('internet-facing load balancers', () => {
  test('open to the internet', () => {
    expect(judged(service()).messages).toEqual([
      `Service shop/web: it is of type LoadBalancer without annotation ${INTERNAL} and without spec.loadBalancerSourceRanges: its load balancer is open to the internet; `
      + 'use InternalLoadBalancer.apply(), or name the clients in spec.loadBalancerSourceRanges [cdk-secure-eks:loadBalancerOpen]',
    ]);
    expect(judged(service({ loadBalancerSourceRanges: [] })).codes).toEqual(['error loadBalancerOpen']);
  });

  test('limited by the field or the annotation, the field first', () => {
    expect(judged(service({ loadBalancerSourceRanges: ['192.0.2.0/24'] }))).toMatchObject({ exposure: { scheme: 'internet-facing', sources: ['192.0.2.0/24'] }, codes: [] });
    const annotated = { [`${PREFIX}load-balancer-source-ranges`]: '192.0.2.0/24, 198.51.100.0/24' };
    expect(judged(service({}, annotated))).toMatchObject({ exposure: { sources: ['192.0.2.0/24', '198.51.100.0/24'] }, codes: [] });
    expect(judged(service({ loadBalancerSourceRanges: ['0.0.0.0/0'] }, annotated)).codes).toEqual(['error loadBalancerOpen']);
  });

  const every = (step: number) => Array.from({ length: 256 / step }, (_, index) => `${index * step}.0.0.0/8`);
  test.each<[string, string[], boolean]>([
    ['a /8', ['20.0.0.0/8'], false],
    ['a /7', ['20.0.0.0/7'], true],
    ['everything', ['0.0.0.0/0'], true],
    ['two halves of the internet', ['0.0.0.0/1', '128.0.0.0/1'], true],
    ['a /8 and one address', ['20.0.0.0/8', '192.0.2.1/32'], true],
    ['every second /8, of which no two touch', every(2), true],
    ['a /8 said twice', ['20.0.0.0/8', '20.0.0.0/9'], false],
    ['an IPv6 /16', ['2001::/16'], false],
    ['an IPv6 /15', ['2000::/15'], true],
    ['both families at their limits', ['20.0.0.0/8', '2001::/16'], false],
  ])('%s', (_, loadBalancerSourceRanges, open) => expect(judged(service({ loadBalancerSourceRanges })).codes).toEqual(open ? ['error loadBalancerOpen'] : []));

  test('too broad, in words', () => {
    expect(judged(service({ loadBalancerSourceRanges: ['0.0.0.0/1', '128.0.0.0/1'] })).messages).toEqual([
      'Service shop/web: spec.loadBalancerSourceRanges is 0.0.0.0/1, 128.0.0.0/1, together broader than a /8: that is no named source; name the ranges of the clients [cdk-secure-eks:loadBalancerOpen]',
    ]);
    expect(judged(service({ loadBalancerSourceRanges: ['::/0'] })).messages).toEqual([
      'Service shop/web: spec.loadBalancerSourceRanges is ::/0, together broader than a /8 (IPv6: a /16): that is no named source; name the ranges of the clients [cdk-secure-eks:loadBalancerOpen]',
    ]);
  });

  test.each(['office', '192.0.2.1/24', '192.0.2.0'])("a range that is no CIDR cannot be acknowledged: '%s'", (range) => {
    const { codes, messages } = judged(service({ loadBalancerSourceRanges: [range] }));
    expect(codes).toEqual(['error loadBalancerSource!']);
    expect(messages).toEqual([`Service shop/web: source range '${range}' is no CIDR; name the ranges of the clients [cdk-secure-eks:loadBalancerSource]`]);
  });

  test('a range known at deployment is accepted, and said', () => {
    const expected = {
      exposure: { subject: 'Service shop/web', scheme: 'internet-facing', sources: ['192.0.2.0/24', 'a range known at deployment'] }, codes: ['warning loadBalancerSourceUnknown'],
      messages: ['Service shop/web: a source range is known only at deployment, so how broad it is cannot be checked; write the range itself, or acknowledge what it will be [cdk-secure-eks:loadBalancerSourceUnknown]'],
    };
    expect(judged(service({ loadBalancerSourceRanges: ['192.0.2.0/24', token] }))).toEqual(expected);
    expect(judged(service({ loadBalancerSourceRanges: ['#{Token[TOKEN.1]}'] })).codes).toEqual(expected.codes);
    expect(judged(service({ loadBalancerSourceRanges: resolvable })).codes).toEqual(expected.codes);
  });
});

describe('what cannot be read is not taken for harmless', () => {
  test.each<[string, any]>([
    ['spec.type', service({ type: token })],
    ['spec.loadBalancerClass', service({ loadBalancerClass: token }, { [INTERNAL]: 'true' })],
    ['spec.externalIPs', service({ type: 'ClusterIP', externalIPs: [token] })],
    ['spec', { ...service(), spec: resolvable }],
    ['metadata.annotations', service({}, resolvable)],
    [`annotation ${PREFIX}aws-load-balancer-type`, service({}, { [INTERNAL]: 'true', [`${PREFIX}aws-load-balancer-type`]: token })],
    ['the key of an annotation', service({}, { [INTERNAL]: 'true', [token]: 'false' })],
  ])('%s', (field, object) => {
    expect(judged(object).messages).toEqual([
      `Service shop/web: ${field} is known only at deployment, and it decides who reaches the Service; write the value itself [cdk-secure-eks:exposureUnknown]`,
    ]);
  });

  test('other annotations may be known at deployment', () => {
    expect(judged(service({}, { [INTERNAL]: 'true', 'example.com/bucket': token })).codes).toEqual([]);
  });

  test('controllers that this cluster does not know', () => {
    expect(judged(service({ loadBalancerClass: 'service.k8s.aws/nlb' }, { [INTERNAL]: 'true' }))).toEqual({
      exposure: { subject: 'Service shop/web', scheme: 'unknown' }, codes: ['error exposureUnknown'],
      messages: ["Service shop/web: spec.loadBalancerClass is 'service.k8s.aws/nlb', which leaves it to a controller that this cluster does not know; remove it [cdk-secure-eks:exposureUnknown]"],
    });
    for (const type of ['external', 'nlb-ip', 'NLB']) {
      expect(judged(service({}, { [INTERNAL]: 'true', [`${PREFIX}aws-load-balancer-type`]: type })).messages).toEqual([
        `Service shop/web: annotation ${PREFIX}aws-load-balancer-type is '${type}', which leaves it to a controller that this cluster does not know; remove it [cdk-secure-eks:exposureUnknown]`,
      ]);
    }
    for (const type of ['nlb', 'elb']) {
      expect(judged(service({}, { [INTERNAL]: 'true', [`${PREFIX}aws-load-balancer-type`]: type })).codes).toEqual([]);
    }
  });

  test.each(['aws-load-balancer-security-groups', 'aws-load-balancer-extra-security-groups'])('own groups by %s', (key) => {
    expect(judged(service({ loadBalancerSourceRanges: ['192.0.2.0/24'] }, { [PREFIX + key]: 'sg-1' })).messages).toEqual([
      `Service shop/web: annotation ${PREFIX}${key} is 'sg-1': groups of your own decide who is let in, not source ranges; remove it, and name the sources [cdk-secure-eks:exposureUnknown]`,
    ]);
  });

  test.each([
    ['networking.k8s.io/v1', 'Ingress'], ['gateway.networking.k8s.io/v1', 'Gateway'], ['elbv2.k8s.aws/v1beta1', 'TargetGroupBinding'], ['eks.amazonaws.com/v1', 'TargetGroupBinding'],
  ])('%s %s', (apiVersion, kind) => {
    expect(judged({ apiVersion, kind, metadata: { name: 'web', namespace: 'shop' } })).toEqual({
      exposure: { subject: `${kind} shop/web`, scheme: 'unknown' }, codes: ['error exposureUnknown'],
      messages: [`${kind} shop/web: who reaches it is decided by a controller that this cluster does not know (${apiVersion} ${kind}); `
        + 'use a Service of type LoadBalancer with InternalLoadBalancer.apply(), or acknowledge what you know of it [cdk-secure-eks:exposureUnknown]'],
    });
  });

  test('external addresses', () => {
    expect(judged(service({ type: 'ClusterIP', externalIPs: ['8.8.8.8'] }))).toEqual({
      exposure: undefined, codes: ['error serviceExternalIps'],
      messages: ['Service shop/web: spec.externalIPs is ["8.8.8.8"]: it takes over addresses for every pod of the cluster (CVE-2020-8554); remove it [cdk-secure-eks:serviceExternalIps]'],
    });
  });
});

test('several mistakes are all said, and the object is not changed', () => {
  const object = deepFreeze(service({ externalIPs: ['8.8.8.8'], loadBalancerSourceRanges: ['office', '0.0.0.0/0'] }, { [`${PREFIX}aws-load-balancer-security-groups`]: 'sg-1' }));
  expect(judged(object).codes).toEqual(['error serviceExternalIps', 'error exposureUnknown', 'error loadBalancerSource!', 'error loadBalancerOpen']);
});
