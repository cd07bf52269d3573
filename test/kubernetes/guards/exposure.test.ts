import { DEVELOPER, GuardedServer, openDefinition } from './guarded-server';
import { SERVICE_ANNOTATIONS } from '../../../src/core/load-balancer/dialects';
import { exposureGuards } from '../../../src/kubernetes/manifests/guards/exposure';
import { guardObjects } from '../../../src/kubernetes/manifests/guards/guard';
import { KubernetesObject } from '../../../src/kubernetes/manifests/objects';
import { START_TIMEOUT_MS, STOP_TIMEOUT_MS } from '../../kube-apiserver/api-server';
import { describeWithApiServer } from '../../kube-apiserver/available';

const { internal, scheme, securityGroups } = SERVICE_ANNOTATIONS;
const CONTROLLER = 'system:serviceaccount:kube-system:aws-load-balancer-controller';
const NARROW = ['52.94.76.0/24'];
const service = (name: string, spec: object, annotations: Record<string, string> = {}, namespace = 'shop'): KubernetesObject => ({
  apiVersion: 'v1', kind: 'Service', metadata: { name, namespace, annotations }, spec: { type: 'LoadBalancer', ports: [{ port: 443 }], ...spec },
});
const ingress = (name: string, annotations: Record<string, string> = {}): KubernetesObject => ({
  apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name, namespace: 'shop', annotations }, spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
});
const binding = (name: string, spec: object = { targetGroupARN: 'arn' }, group = 'elbv2.k8s.aws/v1beta1'): KubernetesObject => ({ apiVersion: group, kind: 'TargetGroupBinding', metadata: { name, namespace: 'shop' }, spec });
const OPEN = 'secure-eks-services: its load balancer would be open to the internet, or to sources that are together broader than a /8 (IPv6: a /16); '
  + `set annotation ${internal}: "true" and ${scheme}: internal, or name the clients in spec.loadBalancerSourceRanges, or have the platform set label secure-eks.io/allow-internet-facing=true on its namespace`;

describeWithApiServer('the guards of load balancers', () => {
  let guarded: GuardedServer;
  const there = {
    open: service('open', {}),
    closed: service('closed', {}, { [internal]: 'true' }),
    ranged: service('ranged', { loadBalancerSourceRanges: NARROW }),
    plain: service('plain', { type: 'ClusterIP' }),
    leaving: service('leaving', {}),
    ingress: ingress('open', { 'alb.ingress.kubernetes.io/scheme': 'internet-facing' }),
    binding: binding('old'),
  };
  const install = (mode: 'deny' | 'warn') => guarded.apply(...exposureGuards({ dialects: ['inTree', 'awsController'], controllerAccounts: [CONTROLLER], accepted: ['Service shop/accepted'] })
    .flatMap((guard) => guardObjects(guard, mode)));

  beforeAll(async () => {
    guarded = await GuardedServer.start();
    guarded.apply(openDefinition('elbv2.k8s.aws', 'v1beta1', 'TargetGroupBinding', 'Namespaced'), openDefinition('eks.amazonaws.com', 'v1', 'TargetGroupBinding', 'Namespaced'));
    expect(guarded.server.kubectl(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all'])).toMatchObject({ status: 0 });
    guarded.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'edge', labels: { 'secure-eks.io/allow-internet-facing': 'true' } } },
      ...Object.values(there));
    guarded.apply({ ...there.leaving, metadata: { ...there.leaving.metadata, finalizers: ['service.k8s.aws/resources'] } });
    install('deny');
    await guarded.untilRefused(service('canary', {}));
    await guarded.untilRefused(binding('canary'));
  }, START_TIMEOUT_MS);
  afterAll(() => guarded?.stop(), STOP_TIMEOUT_MS);

  describe('a Service that was open before the guard came', () => {
    test('may be labelled, have its ports changed, get a finalizer and lose it', async () => {
      expect(await guarded.update(there.open, { metadata: { labels: { a: 'b' }, finalizers: ['service.k8s.aws/resources'] } })).toBeUndefined();
      expect(await guarded.update(there.open, { spec: { ports: [{ port: 8443 }], selector: { app: 'b' } } })).toBeUndefined();
    });
    test('has its status written', async () =>
      expect(await guarded.update(there.open, { status: { loadBalancer: { ingress: [{ hostname: 'a.elb.amazonaws.com' }] } } }, DEVELOPER, '/status')).toBeUndefined());
    test('may be closed, limited or removed', async () => {
      expect(await guarded.update(there.open, { metadata: { annotations: { [internal]: 'true' } } })).toBeUndefined();
      expect(await guarded.update(there.open, { spec: { loadBalancerSourceRanges: NARROW } })).toBeUndefined();
      expect(await guarded.update(there.open, { spec: { type: 'ClusterIP', allocateLoadBalancerNodePorts: null } })).toBeUndefined();
      expect(await guarded.remove(there.open)).toBeUndefined();
    });
    test('may not get another exposure that is open as well', async () =>
      expect(await guarded.update(there.open, { metadata: { annotations: { [internal]: 'false' } } })).toBe(OPEN));
    test('on its way out is let go', async () => {
      expect(guarded.server.kubectl(['delete', 'service', 'leaving', '-n', 'shop', '--wait=false'])).toMatchObject({ status: 0 });
      expect(await guarded.update(there.leaving, { metadata: { finalizers: ['service.k8s.aws/resources', 'b'].slice(0, 1), annotations: { [internal]: 'false' } } })).toBeUndefined();
      expect(await guarded.update(there.leaving, { metadata: { finalizers: [] } })).toBeUndefined();
    });
  });

  describe('a Service that is closed', () => {
    test.each<[string, keyof typeof there, object]>([
      ['loses its annotation', 'closed', { metadata: { annotations: { [internal]: null } } }],
      ['is said to be no longer internal', 'closed', { metadata: { annotations: { [internal]: 'false' } } }],
      ['loses its ranges', 'ranged', { spec: { loadBalancerSourceRanges: null } }],
      ['has its ranges widened', 'ranged', { spec: { loadBalancerSourceRanges: ['0.0.0.0/1', '128.0.0.0/1'] } }],
      ['gets a load balancer', 'plain', { spec: { type: 'LoadBalancer' } }],
    ])('may not be opened: it %s', async (_how, which, change) => expect(await guarded.update(there[which], change)).toBe(OPEN));
    test('may not have its ranges made void', async () => expect(await guarded.update(there.ranged, { metadata: { annotations: { [securityGroups]: 'sg-1' } } }))
      .toMatch(/^secure-eks-services: service.beta.kubernetes.io\/aws-load-balancer-security-groups: groups of its own/));
    test('may not take over addresses', async () => expect(await guarded.update(there.plain, { spec: { externalIPs: ['192.0.2.1'] } }))
      .toBe('secure-eks-services: spec.externalIPs takes over addresses for every pod of the cluster; remove it'));
    test('may be a port of every node', async () => expect(await guarded.update(there.plain, { spec: { type: 'NodePort' } })).toBeUndefined());
  });

  test.each<[string, KubernetesObject]>([
    ['in a namespace that the platform opened', service('web', {}, {}, 'edge')],
    ['that was accepted by name', service('accepted', {})],
  ])('an open Service is admitted %s', async (_where, object) => expect(await guarded.create(object)).toBeUndefined());
  test('an open Service of nearly the same name is not', async () => {
    expect(await guarded.create(service('accepted2', {}))).toBe(OPEN);
    expect(await guarded.create(service('accepted', {}, {}, 'default'))).toBe(OPEN);
  });

  test('an Ingress that was open may change elsewhere, and not open another', async () => {
    expect(await guarded.update(there.ingress, { metadata: { labels: { a: 'b' }, finalizers: ['ingress.k8s.aws/resources'] } })).toBeUndefined();
    expect(await guarded.update(there.ingress, { status: { loadBalancer: { ingress: [{ hostname: 'a.elb.amazonaws.com' }] } } }, DEVELOPER, '/status')).toBeUndefined();
    expect(await guarded.create(ingress('new'))).toBeUndefined();
    expect(await guarded.create(ingress('new', { 'alb.ingress.kubernetes.io/scheme': 'internet-facing' }))).toMatch(/^secure-eks-ingresses: its load balancer would be open/);
    expect(await guarded.create(ingress('new', { 'alb.ingress.kubernetes.io/scheme': 'internet-facing', 'alb.ingress.kubernetes.io/inbound-cidrs': NARROW[0] }))).toBeUndefined();
  });

  test('pods are bound to load balancers by their controller only', async () => {
    const refused = /^secure-eks-load-balancer-bindings: who reaches the load balancer in front of it no object says/;
    expect(await guarded.create(binding('new'))).toMatch(refused);
    expect(await guarded.create(binding('new', {}, 'eks.amazonaws.com/v1'))).toMatch(refused);
    expect(await guarded.update(there.binding, { spec: { targetGroupARN: 'another' } })).toMatch(refused);
    expect(await guarded.update(there.binding, { metadata: { labels: { a: 'b' } } })).toBeUndefined();
    expect(await guarded.remove(there.binding)).toBeUndefined();
    guarded.apply({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: 'controller' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' }, subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: CONTROLLER }] });
    const deadline = Date.now() + 10_000;
    let answer: unknown = 'not asked';
    while (answer !== undefined && Date.now() < deadline) answer = await guarded.create(binding('new'), CONTROLLER).catch(() => 'not yet bound');
    expect(answer).toBeUndefined();
  });

  test('the largest list of ranges stays within what an expression may cost', async () => {
    // https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html: a group holds 60 rules, 1,000 at most.
    const disjoint = (count: number) => Array.from({ length: count }, (_, index) => `52.${Math.floor(index / 256)}.${index % 256}.0/24`);
    expect(await guarded.create(service('many', { loadBalancerSourceRanges: disjoint(1000) }))).toBeUndefined();
    // Where they hold each other, each is compared with each.
    expect(await guarded.create(service('many', { loadBalancerSourceRanges: ['52.0.0.0/8', ...disjoint(60)] }))).toBeUndefined();
    expect(await guarded.create(service('many', { loadBalancerSourceRanges: ['53.0.0.0/8', ...disjoint(60)] }))).toBe(OPEN);
  }, 30_000);

  test('staged, a guard warns and admits', async () => {
    install('warn');
    const deadline = Date.now() + 20_000;
    while (await guarded.create(service('canary', {})) !== undefined && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await guarded.create(service('canary', {}))).toBeUndefined();
    const { status, stderr } = guarded.server.kubectl(['apply', '--dry-run=server', '-f', '-'], JSON.stringify(service('canary', {})));
    expect([status, stderr]).toEqual([0, expect.stringContaining('Warning: Validation failed for ValidatingAdmissionPolicy \'secure-eks-services\'')]);
  }, 40_000);
});
