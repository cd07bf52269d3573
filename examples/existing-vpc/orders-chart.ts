import * as cdk8s from 'cdk8s';
import { InternalLoadBalancer } from 'cdk-secure-eks';
import * as kplus from 'cdk8s-plus-27';
import { Construct } from 'constructs';

/** What the front and the service listen on. */
export const FRONT_PORT = 8080;
export const ORDERS_PORT = 3000;

export interface OrdersChartProps {
  /** Range of those who use the front. */
  readonly clients: string;
  /** Name and port of the database. */
  readonly database: { readonly host: string; readonly port: string };
}

const SMALL: kplus.ContainerResources = {
  cpu: { request: kplus.Cpu.millis(50), limit: kplus.Cpu.millis(500) },
  memory: { request: cdk8s.Size.mebibytes(64), limit: cdk8s.Size.mebibytes(256) },
};

const FRONT_CONFIG = `server {
  listen ${FRONT_PORT};
  location / { proxy_pass http://orders.orders.svc.cluster.local:${ORDERS_PORT}; }
  location = /ready { return 204; }
}
`;

/** NGINX before PostgREST, which alone uses the database. */
export class OrdersChart extends cdk8s.Chart {
  public constructor(scope: Construct, id: string, props: OrdersChartProps) {
    super(scope, id, { disableResourceNameHashes: true, namespace: 'orders' });
    this.addFront(props.clients);
    this.addOrders(props);
  }

  private addFront(clients: string): void {
    const config = new kplus.ConfigMap(this, 'front-config', { metadata: { name: 'front' }, data: { 'default.conf': FRONT_CONFIG } });
    const front = new kplus.Deployment(this, 'front', {
      metadata: { name: 'front' },
      podMetadata: { labels: { app: 'front' } },
      replicas: 2,
      containers: [{
        image: 'docker.io/nginxinc/nginx-unprivileged:1.29.1-alpine',
        portNumber: FRONT_PORT,
        securityContext: { user: 101, group: 101 },
        resources: SMALL,
        readiness: kplus.Probe.fromHttpGet('/ready', { port: FRONT_PORT }),
        volumeMounts: [
          { path: '/etc/nginx/conf.d', volume: kplus.Volume.fromConfigMap(this, 'front-files', config) },
          { path: '/tmp', volume: kplus.Volume.fromEmptyDir(this, 'front-tmp', 'tmp') },
        ],
      }],
    });
    const service = new kplus.Service(this, 'front-service', {
      // A network load balancer: the pods see the client's own address.
      metadata: { name: 'front', annotations: { 'service.beta.kubernetes.io/aws-load-balancer-type': 'nlb' } },
      type: kplus.ServiceType.LOAD_BALANCER,
      selector: front,
      ports: [{ port: 80, targetPort: FRONT_PORT }],
    });
    InternalLoadBalancer.apply(service, { sources: [clients] });
  }

  private addOrders({ database }: OrdersChartProps): void {
    const secret = kplus.Secret.fromSecretName(this, 'database-secret', 'database');
    const orders = new kplus.Deployment(this, 'orders', {
      metadata: { name: 'orders' },
      podMetadata: { labels: { app: 'orders' } },
      replicas: 2,
      serviceAccount: kplus.ServiceAccount.fromServiceAccountName(this, 'account', 'orders', { namespaceName: 'orders' }),
      containers: [{
        image: 'docker.io/postgrest/postgrest:v13.0.5',
        portNumber: ORDERS_PORT,
        securityContext: { user: 1000, group: 1000 },
        resources: SMALL,
        envVariables: {
          PGHOST: kplus.EnvValue.fromValue(database.host),
          PGPORT: kplus.EnvValue.fromValue(database.port),
          PGSSLMODE: kplus.EnvValue.fromValue('require'),
          PGUSER: kplus.EnvValue.fromSecretValue({ secret, key: 'user' }),
          PGPASSWORD: kplus.EnvValue.fromSecretValue({ secret, key: 'password' }),
          PGRST_DB_URI: kplus.EnvValue.fromValue('postgres:///orders'),
          PGRST_DB_ANON_ROLE: kplus.EnvValue.fromValue('reader'),
        },
      }],
    });
    orders.exposeViaService({ name: 'orders', ports: [{ port: ORDERS_PORT }] });
  }
}
