import { ALB, AWS_PREFIX, CLUSTERS, ingress, service, TOKEN } from './objects';
import { LoadBalancerFacts } from '../../../src/core/load-balancer/context';
import { fillLoadBalancer } from '../../../src/core/load-balancer/fill';
import { loadBalancerRules, sourceSeenByPods } from '../../../src/core/load-balancer/path-to-pods';

const CLIENTS = { kind: 'addresses', name: '10.9.0.0/16, 10.8.0.0/16', cidrs: ['10.9.0.0/16', '10.8.0.0/16'] };
const PUBLIC_SUBNETS = { kind: 'addresses', name: 'the public subnets', cidrs: ['10.0.32.0/24'] };
const BALANCERS = { kind: 'loadBalancers' };
const internal = { [`${AWS_PREFIX}scheme`]: 'internal' };
const nlb = { ...internal, [`${AWS_PREFIX}type`]: 'nlb' };
const CLASS = { loadBalancerClass: 'service.k8s.aws/nlb', loadBalancerSourceRanges: CLIENTS.cidrs };
const keep = (said: string) => ({ [`${AWS_PREFIX}target-group-attributes`]: `deregistration_delay.timeout_seconds=30,preserve_client_ip.enabled=${said}` });

describe('whom the pods behind a Service see', () => {
  test.each<[string, any, keyof typeof CLUSTERS, any]>([
    ['in-tree, classic: the load balancer', service({ externalTrafficPolicy: 'Local' }, internal), 'inTree', BALANCERS],
    ['in-tree, by way of another node', service({ externalTrafficPolicy: 'Cluster' }), 'inTree', { kind: 'nodes' }],
    ['in-tree, the default of Kubernetes', service(), 'inTree', { kind: 'nodes' }],
    ['in-tree, network, by way of another node', service({ externalTrafficPolicy: 'Cluster' }, nlb), 'inTree', { kind: 'nodes' }],
    ['in-tree, network: the client', service({ externalTrafficPolicy: 'Local', loadBalancerSourceRanges: CLIENTS.cidrs }, nlb), 'inTree', CLIENTS],
    ['in-tree, classic, on the internet', service({ externalTrafficPolicy: 'Local' }), 'inTree', PUBLIC_SUBNETS],
    ["AWS' controller, nodes as targets: the client", service({ ...CLASS, externalTrafficPolicy: 'Local' }, internal), 'awsWithoutWebhook', CLIENTS],
    ["AWS' controller, nodes as targets, which it is told not to tell", service({ ...CLASS, externalTrafficPolicy: 'Local' }, { ...internal, ...keep('false') }), 'awsWithoutWebhook', BALANCERS],
    ["AWS' controller, nodes as targets, by way of another node", service({ ...CLASS, externalTrafficPolicy: 'Cluster' }, internal), 'awsWithoutWebhook', { kind: 'nodes' }],
    ["AWS' controller, pods as targets: the load balancer", service(CLASS, internal), 'aws', BALANCERS],
    ["AWS' controller, pods as targets, which it is told to tell", service(CLASS, { ...internal, ...keep('true') }), 'aws', CLIENTS],
    ["AWS' controller, pods as targets, UDP", service({ ...CLASS, ports: [{ port: 53, protocol: 'UDP' }] }, internal), 'aws', CLIENTS],
    ["AWS' controller, pods as targets by annotation", service(CLASS, { ...internal, [`${AWS_PREFIX}nlb-target-type`]: 'ip' }), 'awsWithoutWebhook', BALANCERS],
    ["AWS' controller, pods as targets, on the internet", service(CLASS, { [`${AWS_PREFIX}scheme`]: 'internet-facing' }), 'aws', PUBLIC_SUBNETS],
    ['in subnets of its own', service(CLASS, { ...internal, [`${AWS_PREFIX}subnets`]: 'subnet-x' }), 'aws', { kind: 'vpc' }],
    ['clients known at deployment', service({ externalTrafficPolicy: 'Local', loadBalancerSourceRanges: [TOKEN] }, nlb), 'inTree',
      { kind: 'addresses', name: 'a range known at deployment', cidrs: [{ opaque: 'a source range', token: TOKEN }] }],
  ])('%s', (_, object, cluster, source) => expect(sourceSeenByPods(object, CLUSTERS[cluster])).toEqual(source));

  test('on the internet, where nobody knows the public subnets: somewhere in the VPC', () => {
    expect(sourceSeenByPods(service({ externalTrafficPolicy: 'Local' }), { ...CLUSTERS.inTree, publicRanges: [] })).toEqual({ kind: 'vpc' });
  });
});

const rulesOf = (object: any, facts: LoadBalancerFacts, objects: any[] = []) => loadBalancerRules(object, objects, facts, { origin: 'Platform/Shop', suffix: '-0123abcd' });

describe('rules', () => {
  test('of a Service have a name made from what cannot move, and the ports that the pods listen on', () => {
    const ports = [{ port: 80, targetPort: 8080 }, { port: 443, targetPort: 'https' }, { port: 53, protocol: 'UDP' }];
    expect(rulesOf(service({ externalTrafficPolicy: 'Local', ports }, internal), CLUSTERS.inTree)).toEqual({
      diagnostics: [], rules: [{
        name: 'load-balancer-shop.web-0123abcd', origin: 'Platform/Shop', source: BALANCERS, destination: { kind: 'pods', namespace: 'shop', labels: { app: 'web' } },
        ports: [{ protocol: 'TCP', ports: [8080] }, { protocol: 'TCP', ports: ['https'] }, { protocol: 'UDP', ports: [53] }],
      }],
    });
  });

  test('of a Service without a selector select by no label, which the rule check refuses', () => {
    expect(rulesOf(service({ selector: undefined }), CLUSTERS.inTree).rules[0].destination).toEqual({ kind: 'pods', namespace: 'shop', labels: {} });
  });

  test.each<[string, any, any]>([
    ['from the load balancer anyway: none', service(CLASS, internal), undefined],
    ['from the load balancer, where the traffic comes from the clients', service(CLASS, { ...internal, ...keep('true') }), { source: BALANCERS, ports: [{ protocol: 'TCP', ports: [8080] }] }],
    ['from the public subnets anyway: none', service(CLASS, { [`${AWS_PREFIX}scheme`]: 'internet-facing' }), undefined],
    ['to a port of their own', service(CLASS, { ...internal, [`${AWS_PREFIX}healthcheck-port`]: '8081' }), { source: BALANCERS, ports: [{ protocol: 'TCP', ports: [8081] }] }],
  ])('for health checks %s', (_, object, expected) => {
    const [, health] = rulesOf(object, CLUSTERS.aws).rules;
    if (!expected) expect(health).toBeUndefined();
    else expect(health).toMatchObject({ name: 'load-balancer-shop.web.health-0123abcd', description: 'health checks', ...expected });
  });

  const filled = (object: any) => fillLoadBalancer(object, { asker: 'x', scheme: 'internal' }, CLUSTERS.aws);
  const backend = service({ type: 'ClusterIP' });

  test('of an Ingress go to the pods of each Service behind it', () => {
    expect(rulesOf(filled(ingress()), CLUSTERS.aws, [backend])).toEqual({
      diagnostics: [], rules: [{
        name: 'load-balancer-shop.ingress.web.web-0123abcd', origin: 'Platform/Shop', source: BALANCERS, destination: { kind: 'pods', namespace: 'shop', labels: { app: 'web' } },
        ports: [{ protocol: 'TCP', ports: [8080] }],
      }],
    });
  });

  test('of an Ingress go to its health checks too', () => {
    expect(rulesOf(filled(ingress({ [`${ALB}healthcheck-port`]: '8081' })), CLUSTERS.aws, [backend]).rules[0].ports).toEqual([{ protocol: 'TCP', ports: [8080, 8081] }]);
  });

  test('of an Ingress with nodes as targets come from the nodes, unless they are told not to pass it on', () => {
    const nodes = filled(ingress({ [`${ALB}target-type`]: 'instance' }));
    expect(rulesOf(nodes, CLUSTERS.aws, [service({ type: 'NodePort' })]).rules[0].source).toEqual({ kind: 'nodes' });
    expect(rulesOf(nodes, CLUSTERS.aws, [service({ type: 'NodePort', externalTrafficPolicy: 'Local' })]).rules[0].source).toEqual(BALANCERS);
  });

  test.each([[[]], [[service({ type: 'ClusterIP', selector: undefined })]], [[service({ type: 'ClusterIP', ports: [{ port: 81 }] })]]])('of an Ingress whose Service is not in view are said to be missing: %#', (objects) => {
    expect(rulesOf(filled(ingress()), CLUSTERS.aws, objects)).toEqual({
      rules: [], diagnostics: [{
        code: 'loadBalancerBackendUnseen', severity: 'warning', subject: 'Ingress shop/web', acknowledgeable: true,
        message: 'its backend Service shop/web, port 80, is not in view, or has no selector: no rule opens the way to its pods',
        fix: 'add the Service to this cluster, or allow it from NetworkPeer.loadBalancer()',
      }],
    });
  });
});
