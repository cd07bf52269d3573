import { CONTROLLER, EDGE, guardedServer, held, NARROW } from './exposure-fixture';
import { ADMINISTRATOR, Case, DEVELOPER, GuardedServer, testCases } from './guarded-server';
import { INGRESS_ANNOTATIONS } from '../../../src/core/load-balancer/dialects';
import { KubernetesObject } from '../../../src/kubernetes/manifests/objects';
import { START_TIMEOUT_MS, STOP_TIMEOUT_MS } from '../../kube-apiserver/api-server';
import { describeWithApiServer } from '../../kube-apiserver/available';

const { scheme, inboundCidrs, prefixLists, securityGroups, group, frontendNlb, frontendNlbScheme, frontendNlbGroups, legacyClass } = INGRESS_ANNOTATIONS;
const ingress = (annotations: Record<string, string> = {}, name = 'web', namespace = 'shop', spec: object = { ingressClassName: 'alb' }): KubernetesObject => ({
  apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name, namespace, annotations }, spec: { ...spec, defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
});
const FACING = { [scheme]: 'internet-facing' };
const FEW = { ...FACING, [inboundCidrs]: NARROW[0] };

const OPEN = /^secure-eks-ingresses: its load balancer would be open to the internet/;
const UNSAID = /^secure-eks-ingresses: nothing that its controller understands says its scheme/;
const VOID = /^secure-eks-ingresses: alb\.ingress\.kubernetes\.io\/.*: groups of its own, or none/;
const UNUSABLE = /^secure-eks-ingresses: alb.ingress.kubernetes.io\/inbound-cidrs: a range is no CIDR/;
const IN_FRONT = 'secure-eks-ingresses: annotation alb.ingress.kubernetes.io/frontend-nlb-scheme: whom the load balancer in front admits this Ingress does not decide; '
  + 'set it to internal, or have the platform set label secure-eks.io/allow-internet-facing=true on its namespace';
const admitted = undefined;

describeWithApiServer('the guard of Ingresses', () => {
  let guarded: GuardedServer;
  const there = {
    open: ingress(FACING, 'open'), plain: ingress({}, 'plain'), few: ingress(FEW, 'few'), grouped: ingress({ [scheme]: 'internal', [group]: 'shared' }, 'grouped'),
    leaving: held(ingress(FACING, 'leaving')), fronted: ingress({ [frontendNlbScheme]: 'internet-facing' }, 'fronted'),
  };
  const create = (annotations: Record<string, string>, ...more: [string?, string?, object?]) => () => guarded.create(ingress(annotations, ...more));
  const update = (which: keyof typeof there, change: object, subresource?: string, as?: string) => () => guarded.update(there[which], change, as, subresource);
  const annotated = (annotations: Record<string, string | null>) => ({ metadata: { annotations } });

  beforeAll(async () => {
    guarded = await guardedServer(Object.values(there), ingress(FACING, 'canary'), ['Ingress shop/accepted']);
    await guarded.startRemoval(there.leaving);
  }, START_TIMEOUT_MS);
  afterAll(() => guarded?.stop(), STOP_TIMEOUT_MS);

  testCases([
    ['nothing said', create({}), admitted],
    ['of another class', create({}, 'web', 'shop', { ingressClassName: 'nginx' }), admitted],
    ['internet-facing in the words of a class that is not looked at', create(FACING, 'web', 'shop', { ingressClassName: 'nginx' }), OPEN],
    ['of the default class', create(FACING, 'web', 'shop', {}), OPEN],
    ['of the class in the words of old', create({ [legacyClass]: 'alb', ...FACING }, 'web', 'shop', {}), OPEN],
    ['internal', create({ [scheme]: 'internal' }), admitted],
    ['internal for everybody', create({ [scheme]: 'internal', [inboundCidrs]: '0.0.0.0/0' }), admitted],
    ['internet-facing', create(FACING), OPEN],
    ['internet-facing for few', create(FEW), admitted],
    ['internet-facing for a prefix list', create({ ...FACING, [prefixLists]: 'pl-1' }), admitted],
    ['internet-facing for an empty list', create({ ...FACING, [inboundCidrs]: ' , ' }), OPEN],
    ['internet-facing for everybody', create({ ...FACING, [inboundCidrs]: '0.0.0.0/0' }), OPEN],
    ['internet-facing for everybody by halves', create({ ...FACING, [inboundCidrs]: '0.0.0.0/1, 128.0.0.0/1' }), OPEN],
    ['internet-facing for few and a /8', create({ ...FACING, [inboundCidrs]: '52.94.76.0/24,10.0.0.0/8' }), OPEN],
    ['internet-facing for everybody by IPv6', create({ ...FACING, [inboundCidrs]: `${NARROW[0]},::/0` }), OPEN],
    ['a word that is none', create({ [scheme]: 'public' }), UNSAID],
    ['an empty word', create({ [scheme]: '' }), UNSAID],
    ['bits behind the mask', create({ ...FACING, [inboundCidrs]: '52.94.76.1/24' }), UNUSABLE],
    ['no ranges', create({ [scheme]: 'internal', [inboundCidrs]: 'anyone' }), UNUSABLE],
    ['own groups', create({ ...FEW, [securityGroups]: 'sg-1' }), VOID],
    ['own groups of an internal one', create({ [scheme]: 'internal', [securityGroups]: 'sg-1' }), VOID],
    ['no groups of its own', create({ ...FEW, [securityGroups]: '' }), admitted],
    ['in a group without a scheme', create({ [group]: 'shared' }), UNSAID],
    ['in a group, for few, without a scheme', create({ [group]: 'shared', [inboundCidrs]: NARROW[0] }), UNSAID],
    ['in a group, internal', create({ [group]: 'shared', [scheme]: 'internal' }), admitted],
    ['in a group, internet-facing', create({ [group]: 'shared', ...FACING }), OPEN],
    ['in a group, internet-facing for few', create({ [group]: 'shared', ...FEW }), admitted],
    ['a load balancer in front', create({ [frontendNlb]: 'true' }), admitted],
    ['an internal load balancer in front', create({ [frontendNlb]: 'true', [frontendNlbScheme]: 'internal' }), admitted],
    ['an internet-facing load balancer in front', create({ [frontendNlb]: 'true', [frontendNlbScheme]: 'internet-facing' }), IN_FRONT],
    ['an internet-facing load balancer in front, for few', create({ ...FEW, [frontendNlb]: 'true', [frontendNlbScheme]: 'internet-facing' }), IN_FRONT],
    ['an internet-facing load balancer in front that another member switches on', create({ [group]: 'shared', [scheme]: 'internal', [frontendNlbScheme]: 'internet-facing' }), IN_FRONT],
    ['a load balancer in front in a word that is none', create({ [frontendNlbScheme]: 'public' }), IN_FRONT],
    ['own groups of the load balancer in front', create({ [frontendNlb]: 'true', [frontendNlbGroups]: 'sg-1' }), VOID],
    ['in a namespace that the platform opened', create(FACING, 'web', EDGE), admitted],
    ['in front, in a namespace that the platform opened', create({ [frontendNlbScheme]: 'internet-facing' }, 'web', EDGE), admitted],
    ['accepted by name', create(FACING, 'accepted'), admitted],
    ['of the name that was accepted elsewhere', create(FACING, 'accepted', 'default'), OPEN],
    ['in kube-system', create(FACING, 'web', 'kube-system'), OPEN],
    ['by an administrator', () => guarded.create(ingress(FACING), ADMINISTRATOR), OPEN],
    ['by the controller', () => guarded.create(ingress(FACING), CONTROLLER), OPEN],
    ['what is open is labelled and gets a finalizer', update('open', { metadata: { labels: { a: 'b' }, finalizers: ['ingress.k8s.aws/resources'] } }), admitted],
    ['what is open gets its status', update('open', { status: { loadBalancer: { ingress: [{ hostname: 'a.elb.amazonaws.com' }] } } }, '/status'), admitted],
    ['what is open is internal from now on', update('open', annotated({ [scheme]: 'internal' })), admitted],
    ['what is open is limited', update('open', annotated({ [inboundCidrs]: NARROW[0] })), admitted],
    ['what is open joins a group', update('open', annotated({ [group]: 'shared' })), OPEN],
    ['what is open gets own groups', update('open', annotated({ [securityGroups]: 'sg-1' })), VOID],
    ['what is open is removed', () => guarded.remove(there.open), admitted],
    ['all are removed', () => guarded.removeAll(there.open), admitted],
    ['what is on its way out loses its finalizer', update('leaving', { metadata: { finalizers: [] } }), admitted],
    ['what says nothing is opened', update('plain', annotated(FACING)), OPEN],
    ['what says nothing joins a group', update('plain', annotated({ [group]: 'shared' })), UNSAID],
    ['what says nothing is opened with its status', update('plain', annotated(FACING), '/status'), OPEN],
    ['what says nothing is opened by a patch of its status', () => guarded.patch(there.plain, 'merge-patch', annotated(FACING), DEVELOPER, '/status'), OPEN],
    ['what says nothing is opened by apply', () => guarded.patch(there.plain, 'apply-patch', ingress(FACING, 'plain')), OPEN],
    ['what says nothing gets a path', update('plain', { spec: { rules: [{ host: 'a.example.com' }] } }), admitted],
    ['what few reach loses its ranges', update('few', annotated({ [inboundCidrs]: null })), OPEN],
    ['what few reach is widened', update('few', annotated({ [inboundCidrs]: '0.0.0.0/0' })), OPEN],
    ['a member of a group loses its scheme', update('grouped', annotated({ [scheme]: null })), UNSAID],
    ['a member of a group leaves it', update('grouped', annotated({ [scheme]: null, [group]: null })), admitted],
    ['the load balancer in front is switched on', update('fronted', annotated({ [frontendNlb]: 'true' })), IN_FRONT],
    ['the load balancer in front stays off', update('fronted', { metadata: { labels: { a: 'b' } } }), admitted],
  ] satisfies Case[]);

  test('the longest annotation stays within what an expression may cost', async () => {
    const ranges = Array.from({ length: 14_000 }, (_, index) => `52.${Math.floor(index / 256)}.${index % 256}.0/24`).join(',').slice(0, 250_000).replace(/,[^,]*$/, '');
    expect(await guarded.create(ingress({ ...FACING, [inboundCidrs]: ranges }))).toBeUndefined();
  }, 60_000);
});
