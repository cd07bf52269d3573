import * as fc from 'fast-check';
import { GATEWAY_TABLE, INGRESS_ANNOTATIONS, SERVICE_ANNOTATIONS } from '../../../src/core/load-balancer/dialects';
import { KubernetesObject } from '../../../src/kubernetes/manifests/objects';

/** Objects that a load balancer may be made of: every combination of what decides, and random ones. */

const S = SERVICE_ANNOTATIONS;
const I = INGRESS_ANNOTATIONS;
const NARROW = ['52.94.76.0/24', '203.0.113.0/24'];
const annotations = (entries: Record<string, string | undefined>) => Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as Record<string, string>;

/** How sources are said, for the product. */
const SOURCES: Record<string, { ranges?: string[]; annotation?: string; prefixLists?: string }> = {
  nobody: {},
  narrow: { ranges: NARROW },
  broad: { ranges: ['8.0.0.0/7'] },
  hostBits: { ranges: ['52.94.76.1/24'] },
  byAnnotation: { annotation: NARROW.join(',') },
  prefixList: { prefixLists: 'pl-1' },
};
const GATEWAYS_IN = 'ipv6.deny_all_igw_traffic=false';
const VOIDS: Record<string, string | undefined>[] = [{}, { [S.securityGroups]: 'sg-1' }, { [S.disableSecurityGroup]: 'true' }];
const GATEWAYS = ['ipv6.deny_all_igw_traffic=true', GATEWAYS_IN, 'deletion_protection.enabled=true'];
const attribute = (value: string) => [{ key: 'deletion_protection.enabled', value: 'true' }, { key: 'ipv6.deny_all_igw_traffic', value }];

function service(spec: object, of: Record<string, string | undefined>): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'default', annotations: annotations(of) }, spec: { selector: { app: 'web' }, ports: [{ port: 443 }], ...spec } };
}

function ingress(of: Record<string, string | undefined>): KubernetesObject {
  return {
    apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'web', namespace: 'default', annotations: annotations(of) },
    spec: { ingressClassName: 'alb', defaultBackend: { service: { name: 'web', port: { number: 443 } } } },
  };
}

const classParameters = (apiVersion: string, spec: Record<string, unknown>): KubernetesObject => ({ apiVersion, kind: 'IngressClassParams', metadata: { name: 'web' }, spec });
const gatewayConfiguration = (spec: Record<string, unknown>): KubernetesObject => ({ apiVersion: 'gateway.k8s.aws/v1beta1', kind: 'LoadBalancerConfiguration', metadata: { name: 'web', namespace: 'default' }, spec });

/** What the table of gateways reads is what is generated. */
const GATEWAY_FIELDS = [...GATEWAY_TABLE.scheme, ...GATEWAY_TABLE.sources, ...GATEWAY_TABLE.prefixLists, ...GATEWAY_TABLE.voids].map(({ name }) => name.split('.').pop()!);

const product = <T extends readonly unknown[][]>(...lists: T): unknown[][] => lists.reduce<unknown[][]>((all, each) => all.flatMap((row) => each.map((item) => [...row, item])), [[]]);

/** Each by itself: most say something that somebody refuses. */
export const EVERY_SERVICE: KubernetesObject[] = product(
  [undefined, 'nlb', 'external', 'odd'], [undefined, 'service.k8s.aws/nlb', 'eks.amazonaws.com/nlb', 'example.com/other'], [undefined, 'true', 'false'],
  [undefined, 'internal', 'internet-facing', 'odd'], Object.values(SOURCES), VOIDS,
).map(([type, loadBalancerClass, internal, scheme, { ranges, annotation, prefixLists }, voids]: any[]) => service(
  { type: 'LoadBalancer', ...loadBalancerClass && { loadBalancerClass }, ...ranges && { loadBalancerSourceRanges: ranges } },
  { [S.type]: type, [S.internal]: internal, [S.scheme]: scheme, [S.sourceRanges]: annotation, [S.prefixLists]: prefixLists, ...voids },
));

/** Attributes matter whatever else is said. */
export const EVERY_SERVICE_WITH_ATTRIBUTES: KubernetesObject[] = product([undefined, 'service.k8s.aws/nlb'], [undefined, 'internal', 'internet-facing'], [undefined, NARROW], GATEWAYS)
  .map(([loadBalancerClass, scheme, loadBalancerSourceRanges, attributes]: any[]) => service(
    { type: 'LoadBalancer', ...loadBalancerClass && { loadBalancerClass }, ...loadBalancerSourceRanges && { loadBalancerSourceRanges } }, { [S.internal]: scheme === 'internal' ? 'true' : undefined, [S.scheme]: scheme, [S.attributes]: attributes },
  ));

/** Every Service that has no load balancer: what it may take is addresses. */
export const EVERY_OTHER_SERVICE: KubernetesObject[] = product(['ClusterIP', 'NodePort'], [undefined, ['192.0.2.1']], [undefined, 'true'], [undefined, 'internet-facing'])
  .map(([type, externalIPs, internal, scheme]: any[]) => service({ type, ...externalIPs && { externalIPs } }, { [S.internal]: internal, [S.scheme]: scheme }));

export const EVERY_INGRESS: KubernetesObject[] = product(
  [undefined, 'internal', 'internet-facing', 'odd'], [undefined, ...NARROW, '8.0.0.0/7', '52.94.76.1/24'], [undefined, 'pl-1'], [undefined, 'sg-1'], [undefined, 'shared'],
  [undefined, 'internal', 'internet-facing'], [{}, { [I.frontendNlb]: 'true' }],
).map(([scheme, inboundCidrs, prefixLists, securityGroups, group, frontendNlbScheme, more]: any[]) => ingress({
  [I.scheme]: scheme, [I.inboundCidrs]: inboundCidrs, [I.prefixLists]: prefixLists, [I.securityGroups]: securityGroups, [I.group]: group,
  [I.frontendNlbScheme]: frontendNlbScheme, ...more,
})).concat(product([I.attributes, I.frontendNlbAttributes], [undefined, 'internal', 'internet-facing'], [undefined, NARROW[0]], GATEWAYS)
  .map(([annotation, scheme, inboundCidrs, attributes]: any[]) => ingress({ [I.scheme]: scheme, [I.inboundCidrs]: inboundCidrs, [annotation]: attributes })));

export const EVERY_CLASS_PARAMETERS: KubernetesObject[] = product(
  ['elbv2.k8s.aws/v1beta1', 'eks.amazonaws.com/v1'], [undefined, 'internal', 'internet-facing', 'odd'], [undefined, [], NARROW, ['8.0.0.0/7'], ['52.94.76.1/24']], [undefined, ['pl-1']], [undefined, ['pl-1']],
  [undefined, { name: 'shared' }],
).map(([version, ...spec]: any[]) => classParameters(version, fields(['scheme', 'inboundCIDRs', 'prefixListsIDs', 'PrefixListsIDs', 'group'], spec)))
  .concat(product([undefined, 'internal', 'internet-facing'], [undefined, NARROW], [attribute('true'), attribute('false'), []])
    .map((spec) => classParameters('elbv2.k8s.aws/v1beta1', fields(['scheme', 'inboundCIDRs', 'loadBalancerAttributes'], spec))));

export const EVERY_GATEWAY_CONFIGURATION: KubernetesObject[] = product(
  [undefined, 'internal', 'internet-facing', 'odd'], [undefined, [], NARROW, ['8.0.0.0/7'], ['52.94.76.1/24']], [undefined, ['pl-1']], [undefined, [], ['sg-1']], [undefined, true, false],
).map((spec) => gatewayConfiguration(fields(GATEWAY_FIELDS, spec)))
  .concat(product([undefined, 'internal', 'internet-facing'], [undefined, NARROW], [attribute('true'), attribute('false'), []])
    .map((spec) => gatewayConfiguration(fields(['scheme', 'sourceRanges', 'loadBalancerAttributes'], spec))));

/** Names with their values, where there is one. */
function fields(names: readonly string[], values: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name, index) => [name, values[index]] as const).filter(([, value]) => value !== undefined));
}

const some = <T>(...values: T[]) => fc.constantFrom(...values);
/** Mostly absent, so that each matters. */
const maybe = (...values: string[]) => fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 2, arbitrary: some(...values) });

const range = fc.oneof(
  { weight: 12, arbitrary: some(...NARROW, '52.0.0.0/9', '52.128.0.0/9', '52.0.0.0/8', '10.0.0.0/8', '10.1.0.0/16', '2001:db8::/32', '2001:DB8::/32', '2600::/17', '2600:8000::/17', '2600::/16', '1.2.3.4/32') },
  { weight: 1, arbitrary: some('0.0.0.0/0', '::/0', '0.0.0.0/1', '128.0.0.0/1', '8.0.0.0/7', '2000::/3', '10.0.0.1/8', '2001:db8::1/32', '1.2.3.4', 'anyone', '1.2.3.4/33', '01.2.3.4/32', '300.1.1.1/8', '::ffff:10.0.0.0/104') },
);
const ranges = fc.array(range, { minLength: 1, maxLength: 4 });
const SCHEMES = ['internal', 'internet-facing', 'Internal', ''];
const ATTRIBUTES = ['deletion_protection.enabled=true', 'ipv6.deny_all_igw_traffic=true', ' ipv6.deny_all_igw_traffic=true , a=b', GATEWAYS_IN, 'ipv6.deny_all_igw_traffic=true,ipv6.deny_all_igw_traffic=false', 'ipv6.deny_all\\_igw_traffic=false', 'ipv6.deny_all_igw_traffic = true', ''];
const rarely = <T = unknown>(...values: T[]) => fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: some(...values) });
const SWITCHES = ['true', 'false', '1', 'T', 'yes', ''];

export const anyService: fc.Arbitrary<KubernetesObject> = fc.record({
  type: fc.oneof({ weight: 8, arbitrary: fc.constant('LoadBalancer') }, { weight: 1, arbitrary: some('ClusterIP', 'NodePort') }),
  loadBalancerClass: fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 4, arbitrary: fc.constant('service.k8s.aws/nlb') }, { weight: 1, arbitrary: some('eks.amazonaws.com/nlb', 'example.com/other') }),
  spec: fc.option(ranges), annotation: fc.option(ranges), externalIPs: fc.oneof({ weight: 12, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constant(['192.0.2.1']) }),
  of: fc.record({
    [S.type]: fc.oneof({ weight: 9, arbitrary: some(undefined, undefined, 'nlb', 'elb', '') }, { weight: 2, arbitrary: some('external', 'nlb-ip') }, { weight: 1, arbitrary: fc.constant('odd') }), [S.internal]: maybe('true', 'true', 'true', ...SWITCHES), [S.scheme]: fc.oneof({ weight: 5, arbitrary: some('internal', 'internet-facing', undefined) }, { weight: 1, arbitrary: some(...SCHEMES) }), [S.prefixLists]: maybe('pl-1', 'pl-1, pl-2', ''),
    [S.securityGroups]: fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: some('sg-1', ' , ', '') }),
    [S.extraSecurityGroups]: fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: some('sg-1', '') }),
    [S.disableSecurityGroup]: rarely(...SWITCHES),
    [S.attributes]: rarely(...ATTRIBUTES),
  }),
}).map(({ type, loadBalancerClass, spec, annotation, externalIPs, of }) => {
  // The API server refuses these of other types, whatever a guard says.
  const balanced = type === 'LoadBalancer';
  return service(
    { type, ...externalIPs && { externalIPs }, ...balanced && loadBalancerClass && { loadBalancerClass }, ...balanced && spec && { loadBalancerSourceRanges: spec } },
    { ...of, ...balanced && annotation && { [S.sourceRanges]: annotation.join(', ') } });
});

export const anyIngress: fc.Arbitrary<KubernetesObject> = fc.record({
  cidrs: fc.option(ranges),
  of: fc.record({
    [I.scheme]: fc.oneof({ weight: 9, arbitrary: some(undefined, 'internal', 'internet-facing') }, { weight: 1, arbitrary: some(...SCHEMES) }), [I.prefixLists]: maybe('pl-1', ''), [I.group]: maybe('shared', ''),
    [I.securityGroups]: fc.oneof({ weight: 12, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: some('sg-1', '') }),
    [I.frontendNlb]: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: some(...SWITCHES) }),
    [I.frontendNlbScheme]: fc.oneof({ weight: 12, arbitrary: some(undefined, undefined, 'internal') }, { weight: 1, arbitrary: some(...SCHEMES) }),
    [I.frontendNlbGroups]: rarely('sg-1', ''),
    [I.attributes]: rarely(...ATTRIBUTES),
    [I.frontendNlbAttributes]: rarely(...ATTRIBUTES),
  }),
}).map(({ cidrs, of }) => ingress({ ...of, ...cidrs && { [I.inboundCidrs]: cidrs.join(',') } }));

const scheme = fc.option(fc.oneof({ weight: 9, arbitrary: some('internal', 'internet-facing') }, { weight: 1, arbitrary: fc.constant('odd') }), { nil: undefined });
const given = (spec: Record<string, unknown>) => Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined && value !== null));

export const anyClassParameters: fc.Arbitrary<KubernetesObject> = fc.record({
  version: some('elbv2.k8s.aws/v1beta1', 'eks.amazonaws.com/v1'), scheme, inboundCIDRs: fc.option(fc.oneof({ weight: 9, arbitrary: ranges }, { weight: 1, arbitrary: fc.constant<string[]>([]) })), prefixListsIDs: fc.option(some<string[]>([], ['pl-1'])),
  group: fc.option(fc.constant({ name: 'shared' }), { freq: 3 }), loadBalancerAttributes: rarely<object[]>(attribute('true'), attribute('false'), [], [{ key: 'a' }]),
}).map(({ version, ...spec }) => classParameters(version, given(spec)));

export const anyGatewayConfiguration: fc.Arbitrary<KubernetesObject> = fc.record({
  scheme, sourceRanges: fc.option(fc.oneof({ weight: 9, arbitrary: ranges }, { weight: 1, arbitrary: fc.constant<string[]>([]) })), securityGroupPrefixes: fc.option(some<string[]>([], ['pl-1'])), securityGroups: fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: some<string[]>([], ['sg-1']) }),
  disableSecurityGroup: fc.oneof({ weight: 9, arbitrary: some(undefined, false) }, { weight: 1, arbitrary: fc.constant(true) }),
  loadBalancerAttributes: rarely<object[]>(attribute('true'), attribute('false'), [], [{ key: 'ipv6.deny_all_igw_traffic' }]),
}).map((spec) => gatewayConfiguration(given(spec)));
