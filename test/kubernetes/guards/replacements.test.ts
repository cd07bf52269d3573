import { HELD, held } from './exposure-fixture';
import { ADMINISTRATOR, Case, DEVELOPER, GuardedServer, openDefinition, testCases } from './guarded-server';
import { INGRESS_ANNOTATIONS, SERVICE_ANNOTATIONS } from '../../../src/core/load-balancer/dialects';
import { guardObjects } from '../../../src/kubernetes/manifests/guards/guard';
import { replacementsGuard } from '../../../src/kubernetes/manifests/guards/replacements';
import { KubernetesObject } from '../../../src/kubernetes/manifests/objects';
import { START_TIMEOUT_MS, STOP_TIMEOUT_MS } from '../../kube-apiserver/api-server';
import { describeWithApiServer } from '../../kube-apiserver/available';

const { internal, scheme, type, subnets, sourceRanges } = SERVICE_ANNOTATIONS;
const I = INGRESS_ANNOTATIONS;
const AWS = { loadBalancerClass: 'service.k8s.aws/nlb' };
const object = (apiVersion: string, kind: string, name: string, spec: object, annotations = {}): KubernetesObject => ({ apiVersion, kind, metadata: { name, annotations }, spec });
const service = (name: string, annotations: object, spec: object = {}) => object('v1', 'Service', name, { type: 'LoadBalancer', ports: [{ port: 443 }], ...spec }, annotations);
const ingress = (name: string, annotations: object, spec: object = {}) => object('networking.k8s.io/v1', 'Ingress', name, { ingressClassName: 'alb', defaultBackend: { service: { name: 'web', port: { number: 80 } } }, ...spec }, annotations);
const said = (words: string) => new RegExp(`^secure-eks-load-balancer-replacements: ${words}`);

const ANEW = 'the AWS Load Balancer Controller deletes the load balancer and makes another one, with another DNS name';
const TYPE = said(`annotation ${type} of a live load balancer: it may stay in AWS, and another one be made, on the internet`);
const LEFT = said('the scheme becomes (internal|internet-facing): the in-tree controller leaves a live load balancer as it is');
const silent = undefined;

describeWithApiServer('the guard that warns of what replaces a load balancer', () => {
  let guarded: GuardedServer;
  const there = {
    classic: service('classic', {}), closed: service('closed', { [internal]: 'true' }), network: service('network', { [type]: 'nlb', [internal]: 'true' }),
    aws: service('aws', { [scheme]: 'internal' }, AWS), awsOpen: service('aws-open', { [scheme]: 'internet-facing' }, AWS), awsSilent: service('aws-silent', {}, AWS), awsOld: service('aws-old', { [internal]: 'true' }, AWS),
    external: service('external', { [type]: 'external', [scheme]: 'internal' }), plain: service('plain', {}, { type: 'ClusterIP' }), going: held(service('going', {})),
    ingress: ingress('ingress', {}), facing: ingress('facing', { [I.scheme]: 'internet-facing' }), member: ingress('member', { [I.group]: 'shared' }), legacy: ingress('legacy', { [I.legacyClass]: 'alb' }, { ingressClassName: undefined }),
    params: object('elbv2.k8s.aws/v1beta1', 'IngressClassParams', 'params', { scheme: 'internal' }), auto: object('eks.amazonaws.com/v1', 'IngressClassParams', 'auto', {}),
    configuration: object('gateway.k8s.aws/v1', 'LoadBalancerConfiguration', 'configuration', { scheme: 'internet-facing' }),
    gateway: object('gateway.networking.k8s.io/v1', 'Gateway', 'gateway', { gatewayClassName: 'alb', listeners: [] }),
  };
  const update = (which: keyof typeof there, change: object, as?: string) => () => guarded.update(there[which], change, as);
  const annotated = (annotations: Record<string, string | null>) => ({ metadata: { annotations } });
  const spec = (change: object) => ({ spec: change });

  beforeAll(async () => {
    guarded = await GuardedServer.start();
    guarded.apply(openDefinition('elbv2.k8s.aws', 'v1beta1', 'IngressClassParams', 'Cluster'), openDefinition('eks.amazonaws.com', 'v1', 'IngressClassParams', 'Cluster'),
      openDefinition('gateway.k8s.aws', 'v1', 'LoadBalancerConfiguration', 'Namespaced'), openDefinition('gateway.networking.k8s.io', 'v1', 'Gateway', 'Namespaced'));
    expect(guarded.server.kubectl(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all'])).toMatchObject({ status: 0 });
    guarded.apply(...Object.values(there));
    // What it says is easier to read off a refusal; that it is a warning, the last tests show.
    guarded.apply(...guardObjects(replacementsGuard(), 'deny'));
    for (const deadline = Date.now() + 30_000; await guarded.update(there.gateway, spec({ gatewayClassName: 'nlb' })) === undefined;) {
      if (Date.now() > deadline) throw new Error('the guard is not in force after 30 s');
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await guarded.startRemoval(there.going);
  }, START_TIMEOUT_MS);
  afterAll(() => guarded?.stop(), STOP_TIMEOUT_MS);

  describe('Services:', () => testCases([
    ['in-tree, becomes internal', update('classic', annotated({ [internal]: 'true' })), LEFT],
    ['in-tree, becomes public', update('closed', annotated({ [internal]: null })), LEFT],
    ['in-tree, becomes public in a word', update('closed', annotated({ [internal]: 'false' })), LEFT],
    ['in-tree, internal in another word', update('closed', annotated({ [internal]: 'yes' })), silent],
    ['in-tree, a word that it does not read', update('closed', annotated({ [scheme]: 'internet-facing' })), silent],
    ['in-tree, becomes a network load balancer', update('classic', annotated({ [type]: 'nlb' })), TYPE],
    ['in-tree, becomes a classic one', update('network', annotated({ [type]: null })), TYPE],
    ['in-tree, is left to the other controller', update('classic', annotated({ [type]: 'external', [scheme]: 'internal' })), TYPE],
    ['of the other controller by type, is left to the in-tree one', update('external', annotated({ [type]: null, [internal]: 'true' })), TYPE],
    ['of the other controller by type, becomes public', update('external', annotated({ [scheme]: 'internet-facing' })), said(`the scheme becomes internet-facing: ${ANEW}$`)],
    ['of AWS, becomes public', update('aws', annotated({ [scheme]: 'internet-facing' })), said(`the scheme becomes internet-facing: ${ANEW}$`)],
    ['of AWS, becomes internal', update('awsOpen', annotated({ [scheme]: 'internal' })), said(`the scheme becomes internal: ${ANEW}$`)],
    ['of AWS, says what was not said', update('awsSilent', annotated({ [scheme]: 'internal' })), said('the scheme becomes internal')],
    ['of AWS, says it in words of old', update('awsSilent', annotated({ [internal]: 'false' })), said('the scheme becomes internet-facing')],
    ['of AWS, says no longer what it keeps', update('aws', annotated({ [scheme]: null })), silent],
    ['of AWS, the same in words of today', update('awsOld', annotated({ [scheme]: 'internal' })), silent],
    ['of AWS, a word that it refuses', update('aws', annotated({ [scheme]: 'odd' })), silent],
    ['of AWS, another type, which nobody reads beside a class', update('aws', annotated({ [type]: 'nlb' })), silent],
    ['subnets', update('aws', annotated({ [subnets]: 'subnet-a' })), silent],
    ['ranges', update('aws', { metadata: { annotations: { [sourceRanges]: '10.0.0.0/8' } }, spec: { loadBalancerSourceRanges: ['10.0.0.0/8'] } }), silent],
    ['ports, pods, labels', update('classic', { metadata: { labels: { a: 'b' } }, spec: { ports: [{ port: 80 }], selector: { app: 'b' } } }), silent],
    ['a name, which only a new one takes', update('aws', annotated({ 'service.beta.kubernetes.io/aws-load-balancer-name': 'a' })), silent],
    ['a load balancer where there was none', update('plain', { metadata: { annotations: { [internal]: 'true' } }, spec: { type: 'LoadBalancer' } }), silent],
    ['a load balancer goes', update('classic', { spec: { type: 'ClusterIP', allocateLoadBalancerNodePorts: null } }), silent],
    ['on its way out', update('going', { metadata: { annotations: { [internal]: 'true' }, finalizers: [HELD] } }), silent],
    ['a finalizer goes', update('going', { metadata: { finalizers: [] } }), silent],
    ['a new one', () => guarded.create(service('new', {})), silent],
    ['one is removed', () => guarded.remove(there.classic), silent],
    ['an administrator is told too', update('aws', annotated({ [scheme]: 'internet-facing' }), ADMINISTRATOR), said('the scheme becomes internet-facing')],
    ['by a patch', () => guarded.patch(there.aws, 'merge-patch', annotated({ [scheme]: 'internet-facing' }), DEVELOPER), said('the scheme becomes internet-facing')],
    ['Ingress: becomes public', update('ingress', annotated({ [I.scheme]: 'internet-facing' })), said(`the scheme becomes internet-facing: ${ANEW}$`)],
    ['Ingress: becomes internal by silence', update('facing', annotated({ [I.scheme]: null })), said('the scheme becomes internal')],
    ['Ingress: says what it was', update('ingress', annotated({ [I.scheme]: 'internal' })), silent],
    ['Ingress: joins a group', update('ingress', annotated({ [I.group]: 'shared' })), said(`annotation ${I.group}: it leaves its load balancer`)],
    ['Ingress: leaves a group', update('member', annotated({ [I.group]: null })), said(`.*annotation ${I.group}: it leaves its load balancer`)],
    ['Ingress: another class', update('ingress', spec({ ingressClassName: 'other' })), said('its class: another controller, or other parameters')],
    ['Ingress: its class in words of today', update('legacy', { metadata: { annotations: { [I.legacyClass]: null } }, spec: { ingressClassName: 'alb' } }), said('its class')],
    ['Ingress: one in front becomes public', update('ingress', annotated({ [I.frontendNlbScheme]: 'internet-facing' })), said('the scheme of the load balancer in front becomes internet-facing')],
    ['Ingress: ranges and paths', update('ingress', { metadata: { annotations: { [I.inboundCidrs]: '10.0.0.0/8' } }, spec: { defaultBackend: { service: { name: 'other', port: { number: 80 } } } } }), silent],
    ['IngressClassParams: become public', update('params', spec({ scheme: 'internet-facing' })), said('spec.scheme becomes internet-facing: for each Ingress of its classes')],
    ['IngressClassParams: say what was not said', update('auto', spec({ scheme: 'internal' })), said('spec.scheme becomes internal')],
    ['IngressClassParams: a group', update('auto', spec({ group: { name: 'shared' } })), said('spec.group.name: each Ingress of its classes leaves')],
    ['IngressClassParams: ranges', update('params', spec({ inboundCIDRs: ['10.0.0.0/8'] })), silent],
    ['LoadBalancerConfiguration: becomes internal', update('configuration', spec({ scheme: 'internal' })), said('spec.scheme becomes internal: for each Gateway')],
    ['LoadBalancerConfiguration: ranges', update('configuration', spec({ sourceRanges: ['10.0.0.0/8'] })), silent],
    ['Gateway: another class', update('gateway', spec({ gatewayClassName: 'nlb' })), said('spec.gatewayClassName: the load balancer is deleted')],
    ['Gateway: listeners', update('gateway', spec({ listeners: [{ name: 'a', port: 80, protocol: 'HTTP' }] })), silent],
  ] satisfies Case[]));

  test('several changes are all said', async () => {
    expect(await guarded.update(there.ingress, annotated({ [I.scheme]: 'internet-facing', [I.group]: 'shared' }))).toMatch(/the scheme becomes internet-facing: .*; annotation .*group\.name: /);
  });

  test('as it is deployed it warns, and admits', async () => {
    guarded.apply(...guardObjects(replacementsGuard(), 'warn'));
    for (const deadline = Date.now() + 20_000; await guarded.update(there.gateway, spec({ gatewayClassName: 'nlb' })) !== undefined && Date.now() < deadline;) await new Promise((resolve) => setTimeout(resolve, 200));
    const { status, stderr } = guarded.server.kubectl(['annotate', 'service', 'aws', '--overwrite', '--dry-run=server', `${scheme}=internet-facing`]);
    expect([status, stderr]).toEqual([0, expect.stringContaining(`Warning: Validation failed for ValidatingAdmissionPolicy 'secure-eks-load-balancer-replacements' with binding 'secure-eks-load-balancer-replacements': the scheme becomes internet-facing: ${ANEW}`)]);
  }, 40_000);
});
