import * as fc from 'fast-check';
import {
  anyClassParameters, anyGatewayConfiguration, anyIngress, anyService, EVERY_CLASS_PARAMETERS, EVERY_GATEWAY_CONFIGURATION, EVERY_INGRESS, EVERY_OTHER_SERVICE, EVERY_SERVICE,
  EVERY_SERVICE_WITH_ATTRIBUTES,
} from './exposed-objects';
import { GuardedServer, openDefinition } from './guarded-server';
import { GUARDED_EXPOSURES } from '../../../src/core/guard/guard-facts';
import { IN_TREE, LoadBalancerContext } from '../../../src/core/load-balancer/context';
import { Dialect, SERVICE_ANNOTATIONS, SERVICE_CLASS, SERVICE_TYPES } from '../../../src/core/load-balancer/dialects';
import { exposureOf } from '../../../src/core/load-balancer/exposure';
import { exposureGuards } from '../../../src/kubernetes/manifests/guards/exposure';
import { guardObjects } from '../../../src/kubernetes/manifests/guards/guard';
import { KubernetesObject } from '../../../src/kubernetes/manifests/objects';
import { START_TIMEOUT_MS, STOP_TIMEOUT_MS } from '../../kube-apiserver/api-server';
import { describeWithApiServer } from '../../kube-apiserver/available';

const RUNS = Number(process.env.FUZZ_RUNS ?? 0) > 0 ? 5000 : 1500;
const SEED = 20261123;

const AWS: LoadBalancerContext = {
  ...IN_TREE, controller: 'awsController', claimsServices: true,
  objects: [{ apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: { name: 'alb' }, spec: { controller: 'ingress.k8s.aws/alb' } }],
};

/** The controller's webhook gives new Services its class before any guard looks. */
function asMutated(object: KubernetesObject, { claimsServices }: LoadBalancerContext): KubernetesObject {
  const { spec, kind, metadata } = object as any;
  if (kind !== 'Service' || spec.type !== 'LoadBalancer' || spec.loadBalancerClass || !claimsServices) return object;
  return SERVICE_TYPES[metadata.annotations[SERVICE_ANNOTATIONS.type] ?? ''] === 'awsController' ? object : { ...object, spec: { ...spec, loadBalancerClass: SERVICE_CLASS } };
}

describeWithApiServer('checks at synthesis and guards in the cluster', () => {
  let guarded: GuardedServer;
  const judged = { admitted: 0, refused: 0 };
  const service = (spec: object) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'canary', namespace: 'default' }, spec: { type: 'LoadBalancer', ports: [{ port: 1 }], ...spec } });

  beforeAll(async () => {
    guarded = await GuardedServer.start();
    guarded.apply(openDefinition('elbv2.k8s.aws', 'v1beta1', 'IngressClassParams', 'Cluster'), openDefinition('eks.amazonaws.com', 'v1', 'IngressClassParams', 'Cluster'),
      openDefinition('gateway.k8s.aws', 'v1beta1', 'LoadBalancerConfiguration', 'Namespaced'));
    expect(guarded.server.kubectl(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all'])).toMatchObject({ status: 0 });
  }, START_TIMEOUT_MS);
  afterAll(() => guarded?.stop(), STOP_TIMEOUT_MS);

  /** Both opinions of each object; what differs, as text to read. */
  async function compare(objects: readonly KubernetesObject[], context: LoadBalancerContext): Promise<{ differing: string[]; refused: number }> {
    const differing: string[] = [];
    let refused = 0;
    const queue = [...objects];
    const work = async () => {
      for (let object = queue.pop(); object; object = queue.pop()) {
        const codes = exposureOf(object, context).diagnostics.filter(({ code, severity }) => severity === 'error' && (GUARDED_EXPOSURES as readonly string[]).includes(code)).map(({ code, message }) => `${code}: ${message}`);
        const answer = await guarded.judge(asMutated(object, context));
        if (answer !== undefined) refused += 1;
        if ((answer === undefined) !== (codes.length === 0)) differing.push(`${JSON.stringify(object)}\n  at synthesis: ${codes.join('; ') || 'admitted'}\n  in the cluster: ${answer ?? 'admitted'}`);
      }
    };
    await Promise.all(Array.from({ length: 6 }, work));
    judged.refused += refused;
    judged.admitted += objects.length - refused;
    return { differing, refused };
  }

  async function inForce(dialects: Dialect[], sign: () => Promise<boolean>): Promise<void> {
    guarded.apply(...exposureGuards({ dialects, controllerAccounts: [], accepted: [] }).flatMap((guard) => guardObjects(guard, 'deny')));
    for (const deadline = Date.now() + 30_000; !await sign();) {
      if (Date.now() > deadline) throw new Error('the guards are not in force after 30 s');
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  describe.each<[string, Dialect[], LoadBalancerContext]>([
    ['where the in-tree controller is alone', ['inTree'], { ...IN_TREE, objects: [] }],
    ['beside the AWS Load Balancer Controller', ['inTree', 'awsController'], AWS],
  ])('%s', (_where, dialects, context) => {
    const ofAws = () => guarded.judge({ ...service({ loadBalancerClass: SERVICE_CLASS }), metadata: { name: 'canary', namespace: 'default', annotations: { [SERVICE_ANNOTATIONS.scheme]: 'internal' } } });
    beforeAll(() => inForce(dialects, async () => await guarded.judge(service({})) !== undefined && await guarded.judge(service({ type: 'ClusterIP', externalIPs: ['192.0.2.1'] })) !== undefined && (await ofAws() === undefined) === dialects.includes('awsController')), 60_000);

    test('agree on every combination of what decides about a Service', async () => {
      // A class is refused where its controller is not: one of them shows it.
      const objects = context.controller === 'awsController' ? EVERY_SERVICE : EVERY_SERVICE.filter(({ spec }: any) => spec.loadBalancerClass !== 'example.com/other').filter((_, index) => index % 4 === 0);
      const { differing } = await compare([...objects, ...EVERY_SERVICE_WITH_ATTRIBUTES, ...EVERY_OTHER_SERVICE], context);
      expect(differing.slice(0, 5)).toEqual([]);
    }, 300_000);

    test('agree on random Services', async () => {
      const objects = fc.sample(anyService, { numRuns: RUNS, seed: SEED });
      const { differing } = await compare(objects, context);
      expect(differing.slice(0, 5)).toEqual([]);
    }, 300_000);
  });

  test.each([
    ['Ingresses', EVERY_INGRESS, anyIngress], ['parameters of classes', EVERY_CLASS_PARAMETERS, anyClassParameters],
    ['configurations of gateways', EVERY_GATEWAY_CONFIGURATION, anyGatewayConfiguration],
  ])('agree on every combination of what decides about %s, and on random ones', async (_what, every, any) => {
    const { differing } = await compare([...every, ...fc.sample<KubernetesObject>(any, { numRuns: RUNS, seed: SEED })], AWS);
    expect(differing.slice(0, 5)).toEqual([]);
  }, 300_000);

  test('on thousands of objects, with many of either fate', () => {
    const all = judged.admitted + judged.refused;
    expect(all).toBeGreaterThan(5000);
    expect(Math.min(judged.admitted, judged.refused) / all).toBeGreaterThan(0.3);
  });
});
