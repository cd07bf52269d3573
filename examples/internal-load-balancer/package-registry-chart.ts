import * as cdk8s from 'cdk8s';
import { InternalLoadBalancer } from 'cdk-secure-eks';
import * as kplus from 'cdk8s-plus-27';
import { Construct } from 'constructs';

/** What Verdaccio listens on. */
export const PACKAGE_PORT = 4873;

export interface PackageRegistryProps {
  /** Ranges of those who install packages. */
  readonly clients: string[];
}

/** Verdaccio, a caching registry of npm packages, behind an internal network load balancer. */
export class PackageRegistryChart extends cdk8s.Chart {
  public constructor(scope: Construct, id: string, props: PackageRegistryProps) {
    super(scope, id, { disableResourceNameHashes: true, namespace: 'packages' });
    const registry = new kplus.Deployment(this, 'verdaccio', {
      metadata: { name: 'verdaccio' },
      podMetadata: { labels: { app: 'verdaccio' } },
      replicas: 1,
      serviceAccount: kplus.ServiceAccount.fromServiceAccountName(this, 'account', 'verdaccio', { namespaceName: 'packages' }),
      containers: [{
        image: 'docker.io/verdaccio/verdaccio:6.1.2',
        portNumber: PACKAGE_PORT,
        securityContext: { user: 10001, group: 65533 },
        resources: { cpu: { request: kplus.Cpu.millis(100) }, memory: { request: cdk8s.Size.mebibytes(256), limit: cdk8s.Size.mebibytes(512) } },
        readiness: kplus.Probe.fromHttpGet('/-/ping', { port: PACKAGE_PORT }),
        volumeMounts: [
          { path: '/verdaccio/storage', volume: kplus.Volume.fromEmptyDir(this, 'storage', 'storage') },
          { path: '/tmp', volume: kplus.Volume.fromEmptyDir(this, 'tmp', 'tmp') },
        ],
      }],
      securityContext: { fsGroup: 65533 },
    });
    const service = new kplus.Service(this, 'service', {
      metadata: {
        name: 'verdaccio',
        // A network load balancer: the pods see the client's own address.
        annotations: { 'service.beta.kubernetes.io/aws-load-balancer-type': 'nlb' },
      },
      type: kplus.ServiceType.LOAD_BALANCER,
      selector: registry,
      ports: [{ port: 80, targetPort: PACKAGE_PORT }],
    });
    InternalLoadBalancer.apply(service, { sources: props.clients });
  }
}
