import * as cdk8s from 'cdk8s';
import { InternalLoadBalancer } from 'cdk-secure-eks';
import * as kplus from 'cdk8s-plus-27';
import { Construct } from 'constructs';

const POSTGRES = 'docker.io/library/postgres:17.6-alpine';

/** All pods fit on the two nodes of the example. */
const SMALL: kplus.ContainerResources = {
  cpu: { request: kplus.Cpu.millis(50), limit: kplus.Cpu.millis(500) },
  memory: { request: cdk8s.Size.mebibytes(64), limit: cdk8s.Size.mebibytes(256) },
};

const WEB_CONFIG = `server {
  listen 8080;
  location / { proxy_pass http://api.shop.svc.cluster.local:3000; }
  location = /ready { return 204; }
}
`;

const PROMETHEUS_CONFIG = `scrape_configs:
  - job_name: api
    static_configs:
      - targets: ['api.shop.svc.cluster.local:3001']
`;

/** Stands for a worker: it counts what is in the database, asks the cache, calls the payment provider and the queue. */
const WORKER = 'while sleep 30; do psql -tc "select count(*) from pg_tables"; echo PING | nc -w 2 cache 6379; nc -w 2 203.0.113.10 443 </dev/null; nc -w 2 $(echo $JOBS | cut -d/ -f3) 443 </dev/null; done';

export interface ShopChartProps {
  /** URL of the queue that the worker reads. */
  readonly jobs: string;
}

interface Pods {
  readonly name: string;
  readonly image: string;
  readonly user: number;
  readonly ports?: number[];
  readonly namespace?: string;
  readonly command?: string[];
  readonly args?: string[];
  readonly env?: { [name: string]: kplus.EnvValue };
  /** What it writes: the root file system is read-only. */
  readonly writes?: string[];
  readonly volumes?: kplus.VolumeMount[];
  readonly serviceAccount?: kplus.IServiceAccount;
}

/** NGINX before PostgREST before PostgreSQL, a worker with Redis beside it, and the team's Prometheus. */
export class ShopChart extends cdk8s.Chart {
  private readonly secret = kplus.Secret.fromSecretName(this, 'database-secret', 'database');

  public constructor(scope: Construct, id: string, { jobs }: ShopChartProps) {
    super(scope, id, { disableResourceNameHashes: true });
    this.addWeb();
    this.addApi();
    this.addWorker(jobs);
    this.addDatabase();
    this.addPods({ name: 'cache', image: 'docker.io/library/redis:8.2.1-alpine', user: 999, ports: [6379], writes: ['/data'] })
      .exposeViaService({ name: 'cache', ports: [{ port: 6379 }] });
    this.addPods({
      name: 'prometheus', namespace: 'monitoring', image: 'quay.io/prometheus/prometheus:v3.5.0', user: 65534, ports: [9090],
      writes: ['/prometheus'], volumes: [this.file('prometheus', 'monitoring', '/etc/prometheus', 'prometheus.yml', PROMETHEUS_CONFIG)],
    });
  }

  private addWeb(): void {
    const web = this.addPods({
      name: 'web', image: 'docker.io/nginxinc/nginx-unprivileged:1.29.1-alpine', user: 101, ports: [8080],
      writes: ['/tmp'], volumes: [this.file('web', 'shop', '/etc/nginx/conf.d', 'default.conf', WEB_CONFIG)],
    });
    InternalLoadBalancer.apply(web.exposeViaService({ name: 'web', serviceType: kplus.ServiceType.LOAD_BALANCER, ports: [{ port: 80, targetPort: 8080 }] }));
  }

  private addApi(): void {
    const api = this.addPods({
      name: 'api', image: 'docker.io/postgrest/postgrest:v12.2.12', user: 1000, ports: [3000, 3001],
      env: {
        PGRST_DB_URI: this.secretValue('uri'),
        PGRST_DB_ANON_ROLE: kplus.EnvValue.fromValue('shop'),
        PGRST_ADMIN_SERVER_PORT: kplus.EnvValue.fromValue('3001'),
      },
    });
    api.exposeViaService({ name: 'api', ports: [{ name: 'http', port: 3000 }, { name: 'metrics', port: 3001 }] });
  }

  private addWorker(jobs: string): void {
    this.addPods({
      name: 'worker', image: POSTGRES, user: 70, command: ['sh', '-c', WORKER],
      env: { PGHOST: kplus.EnvValue.fromValue('database'), PGUSER: kplus.EnvValue.fromValue('shop'), PGPASSWORD: this.secretValue('password'), JOBS: kplus.EnvValue.fromValue(jobs) },
      serviceAccount: kplus.ServiceAccount.fromServiceAccountName(this, 'worker-account', 'worker', { namespaceName: 'shop' }),
    });
  }

  private addDatabase(): void {
    this.addPods({
      name: 'database', image: POSTGRES, user: 70, ports: [5432],
      env: {
        POSTGRES_USER: kplus.EnvValue.fromValue('shop'),
        POSTGRES_PASSWORD: this.secretValue('password'),
        PGDATA: kplus.EnvValue.fromValue('/var/lib/postgresql/data/shop'),
      },
      writes: ['/var/lib/postgresql/data', '/var/run/postgresql', '/tmp'],
    }).exposeViaService({ name: 'database', ports: [{ port: 5432 }] });
  }

  private addPods({ name, image, user, ports = [], namespace = 'shop', command, args, env, writes = [], volumes = [], serviceAccount }: Pods): kplus.Deployment {
    const scratch = writes.map((path): kplus.VolumeMount => {
      const volume = `${name}${path.replace(/\//g, '-')}`;
      return { path, volume: kplus.Volume.fromEmptyDir(this, volume, volume) };
    });
    return new kplus.Deployment(this, name, {
      metadata: { name, namespace },
      podMetadata: { labels: { app: name } },
      replicas: 1,
      serviceAccount,
      containers: [{
        image, command, args, ports: ports.map((number) => ({ number, name: `tcp-${number}` })), resources: SMALL, envVariables: env,
        securityContext: { user, group: user, ensureNonRoot: true, readOnlyRootFilesystem: true }, volumeMounts: [...scratch, ...volumes],
      }],
    });
  }

  private secretValue(key: string): kplus.EnvValue {
    return kplus.EnvValue.fromSecretValue({ secret: this.secret, key });
  }

  private file(name: string, namespace: string, path: string, file: string, text: string): kplus.VolumeMount {
    const map = new kplus.ConfigMap(this, `${name}-config`, { metadata: { name: `${name}-config`, namespace }, data: { [file]: text } });
    return { path, readOnly: true, volume: kplus.Volume.fromConfigMap(this, `${name}-config-volume`, map, { name: `${name}-config` }) };
  }
}
