import * as cdk8s from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import { Construct } from 'constructs';

const PODINFO = 'ghcr.io/stefanprodan/podinfo:6.9.2';

/** A front end and the service that it asks for invoices, which brings a NetworkPolicy of its own: podinfo twice. */
export class ShopChart extends cdk8s.Chart {
  public constructor(scope: Construct, id: string) {
    super(scope, id, { disableResourceNameHashes: true });
    this.addPodinfo('front', 'shop', '--backend-url=http://invoices.legacy.svc.cluster.local:9898/echo');
    this.addPodinfo('invoices', 'legacy', '--backend-url=https://203.0.113.10', kplus.ServiceAccount.fromServiceAccountName(this, 'account', 'invoices', { namespaceName: 'legacy' }))
      .exposeViaService({ name: 'invoices', ports: [{ port: 9898 }] });
    // As its team wrote it, years ago: out to everywhere by HTTP and HTTPS, and names.
    new cdk8s.ApiObject(this, 'invoices-egress', {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'invoices-egress', namespace: 'legacy' },
      spec: {
        podSelector: { matchLabels: { app: 'invoices' } },
        policyTypes: ['Egress'],
        egress: [{ ports: [{ protocol: 'TCP', port: 80 }, { protocol: 'TCP', port: 443 }] }, { ports: [{ protocol: 'UDP', port: 53 }, { protocol: 'TCP', port: 53 }] }],
      },
    } as never);
  }

  private addPodinfo(name: string, namespace: string, argument: string, serviceAccount?: kplus.IServiceAccount): kplus.Deployment {
    return new kplus.Deployment(this, name, {
      metadata: { name, namespace },
      podMetadata: { labels: { app: name } },
      replicas: 2,
      serviceAccount,
      securityContext: { user: 100, group: 101 },
      containers: [{
        image: PODINFO,
        command: ['./podinfo'],
        args: ['--port=9898', argument],
        portNumber: 9898,
        securityContext: { user: 100, group: 101 },
        resources: {
          cpu: { request: kplus.Cpu.millis(50), limit: kplus.Cpu.millis(500) },
          memory: { request: cdk8s.Size.mebibytes(64), limit: cdk8s.Size.mebibytes(256) },
        },
        readiness: kplus.Probe.fromHttpGet('/readyz', { port: 9898 }),
        volumeMounts: [{ path: '/data', volume: kplus.Volume.fromEmptyDir(this, `${name}-data`, 'data') }],
      }],
    });
  }
}
