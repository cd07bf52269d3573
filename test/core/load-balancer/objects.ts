import { formatDiagnostic } from '../../../src/core/diagnostic';
import { IN_TREE, LoadBalancerContext, LoadBalancerFacts } from '../../../src/core/load-balancer/context';
import { exposureOf } from '../../../src/core/load-balancer/exposure';
import { deepFreeze } from '../../fixture';

export const PREFIX = 'service.beta.kubernetes.io/';
export const AWS_PREFIX = `${PREFIX}aws-load-balancer-`;
export const ALB = 'alb.ingress.kubernetes.io/';
export const TOKEN = '${Token[TOKEN.1]}';
export const RESOLVABLE: any = { resolve: () => 'x', toString: () => TOKEN };

/** Made-up clusters, the same as the model sees them. */
export const CLUSTERS: Record<'inTree' | 'aws' | 'awsWithoutWebhook', LoadBalancerFacts> = {
  inTree: { ...IN_TREE, vpcRanges: ['10.0.0.0/16'], internalSubnets: ['subnet-a', 'subnet-b'], publicSubnets: ['subnet-p'], publicRanges: ['10.0.32.0/24'] },
  aws: {
    controller: 'awsController', claimsServices: true, targetType: 'ip', vpcRanges: ['10.0.0.0/16'],
    internalSubnets: ['subnet-a', 'subnet-b'], publicSubnets: ['subnet-p'], publicRanges: ['10.0.32.0/24'],
  },
  awsWithoutWebhook: {
    controller: 'awsController', claimsServices: false, targetType: 'instance', vpcRanges: ['10.0.0.0/16'],
    internalSubnets: ['subnet-a', 'subnet-b'], publicSubnets: ['subnet-p'], publicRanges: [],
  },
};

export function service(spec: any = {}, annotations?: any): any {
  return deepFreeze({
    apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop', ...annotations && { annotations } },
    spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }], ...spec },
  });
}

export function ingress(annotations?: any, spec: any = {}, name = 'web'): any {
  const backend = { service: { name: 'web', port: { number: 80 } } };
  return deepFreeze({
    apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name, namespace: 'shop', ...annotations && { annotations } },
    spec: { ingressClassName: 'alb', rules: [{ http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }], ...spec },
  });
}

/** What an object exposes on a cluster, and what is said about it. */
export function judged(object: any, cluster: keyof typeof CLUSTERS = 'inTree', others: any[] = []) {
  const context: LoadBalancerContext = { ...CLUSTERS[cluster], objects: [object, ...others] };
  const { exposure, diagnostics } = exposureOf(object, context);
  return {
    exposure,
    scheme: exposure?.scheme,
    admits: exposure?.admits,
    messages: diagnostics.map(formatDiagnostic),
    codes: diagnostics.map(({ code, severity, acknowledgeable }) => `${severity} ${code}${acknowledgeable ? '' : '!'}`),
  };
}
