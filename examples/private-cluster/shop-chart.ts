import * as cdk8s from 'cdk8s';
import { InternalLoadBalancer } from 'cdk-secure-eks';
import * as kplus from 'cdk8s-plus-27';
import { Construct } from 'constructs';

/** nginx before PostgREST before PostgreSQL, each in a namespace of its own. */
export class ShopChart extends cdk8s.Chart {
  public constructor(scope: Construct, id: string) {
    super(scope, id, { disableResourceNameHashes: true });
    this.addWeb();
    this.addApi();
    this.addDb();
  }

  private addWeb(): void {
    const web = new kplus.Deployment(this, 'web', {
      metadata: { name: 'web', namespace: 'web' },
      podMetadata: { labels: { app: 'web' } },
      replicas: 2,
      containers: [{
        image: 'public.ecr.aws/nginx/nginx-unprivileged:1.29',
        portNumber: 8080,
        securityContext: { user: 101, group: 101 },
        volumeMounts: [scratch(this, 'web-tmp', '/tmp')],
      }],
    });
    const service = web.exposeViaService({ name: 'web', serviceType: kplus.ServiceType.LOAD_BALANCER, ports: [{ port: 80, targetPort: 8080 }] });
    InternalLoadBalancer.apply(service);
  }

  private addApi(): void {
    const credentials = kplus.Secret.fromSecretName(this, 'api-credentials', 'database');
    const api = new kplus.Deployment(this, 'api', {
      metadata: { name: 'api', namespace: 'api' },
      podMetadata: { labels: { app: 'api' } },
      replicas: 2,
      containers: [{
        image: 'docker.io/postgrest/postgrest:v13.0.7',
        portNumber: 3000,
        securityContext: { user: 1000, group: 1000 },
        envVariables: {
          PGRST_DB_URI: kplus.EnvValue.fromSecretValue({ secret: credentials, key: 'uri' }),
          PGRST_DB_ANON_ROLE: kplus.EnvValue.fromValue('anonymous'),
        },
      }],
    });
    api.exposeViaService({ name: 'api', ports: [{ port: 3000 }] });
  }

  private addDb(): void {
    const credentials = kplus.Secret.fromSecretName(this, 'db-credentials', 'database');
    const service = new kplus.Service(this, 'db-service', { metadata: { name: 'db', namespace: 'db' }, ports: [{ port: 5432 }] });
    const db = new kplus.StatefulSet(this, 'db', {
      metadata: { name: 'db', namespace: 'db' },
      podMetadata: { labels: { app: 'db' } },
      service,
      containers: [{
        image: 'public.ecr.aws/docker/library/postgres:17.6',
        portNumber: 5432,
        securityContext: { user: 999, group: 999 },
        envVariables: { POSTGRES_PASSWORD: kplus.EnvValue.fromSecretValue({ secret: credentials, key: 'password' }) },
        volumeMounts: [
          scratch(this, 'db-data', '/var/lib/postgresql/data'),
          scratch(this, 'db-run', '/var/run/postgresql'),
          scratch(this, 'db-tmp', '/tmp'),
        ],
      }],
    });
    service.select(db);
  }
}

/** Root file systems are read-only: what a container writes needs a volume. */
function scratch(scope: Construct, id: string, path: string): kplus.VolumeMount {
  return { path, volume: kplus.Volume.fromEmptyDir(scope, id, id) };
}
