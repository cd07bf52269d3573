import * as cdk8s from 'cdk8s';
import { InternalLoadBalancer } from 'cdk-secure-eks';
import * as kplus from 'cdk8s-plus-27';
import { Construct } from 'constructs';

const PODINFO = 'ghcr.io/stefanprodan/podinfo:6.9.2';

/** All five pods fit on the two nodes of the example. */
const SMALL: kplus.ContainerResources = {
  cpu: { request: kplus.Cpu.millis(50), limit: kplus.Cpu.millis(500) },
  memory: { request: cdk8s.Size.mebibytes(64), limit: cdk8s.Size.mebibytes(256) },
};

/** A web front end, an API that caches, and the data store behind it: podinfo twice and Valkey, each in its own namespace. */
export class ShopChart extends cdk8s.Chart {
  public constructor(scope: Construct, id: string) {
    super(scope, id, { disableResourceNameHashes: true });
    this.addWeb();
    this.addApi();
    this.addDb();
  }

  private addWeb(): void {
    const web = this.addPodinfo('web', '--backend-url=http://api.api.svc.cluster.local:9898/echo');
    const service = web.exposeViaService({ name: 'web', serviceType: kplus.ServiceType.LOAD_BALANCER, ports: [{ port: 80, targetPort: 9898 }] });
    InternalLoadBalancer.apply(service);
  }

  private addApi(): void {
    const api = this.addPodinfo('api', '--cache-server=tcp://db.db.svc.cluster.local:6379');
    api.exposeViaService({ name: 'api', ports: [{ port: 9898 }] });
  }

  private addPodinfo(name: string, argument: string): kplus.Deployment {
    return new kplus.Deployment(this, name, {
      metadata: { name, namespace: name },
      podMetadata: { labels: { app: name } },
      replicas: 2,
      containers: [{
        image: PODINFO,
        command: ['./podinfo'],
        args: ['--port=9898', argument],
        portNumber: 9898,
        securityContext: { user: 100, group: 101 },
        resources: SMALL,
        readiness: kplus.Probe.fromHttpGet('/readyz', { port: 9898 }),
        volumeMounts: [scratch(this, `${name}-data`, '/data')],
      }],
    });
  }

  private addDb(): void {
    const service = new kplus.Service(this, 'db-service', { metadata: { name: 'db', namespace: 'db' }, ports: [{ port: 6379 }] });
    const db = new kplus.StatefulSet(this, 'db', {
      metadata: { name: 'db', namespace: 'db' },
      podMetadata: { labels: { app: 'db' } },
      service,
      containers: [{
        image: 'docker.io/valkey/valkey:8.1.4',
        portNumber: 6379,
        securityContext: { user: 999, group: 1000 },
        resources: SMALL,
        volumeMounts: [scratch(this, 'db-data', '/data')],
      }],
    });
    service.select(db);
  }
}

/** Root file systems are read-only: what a container writes needs a volume. */
function scratch(scope: Construct, id: string, path: string): kplus.VolumeMount {
  return { path, volume: kplus.Volume.fromEmptyDir(scope, id, id) };
}
