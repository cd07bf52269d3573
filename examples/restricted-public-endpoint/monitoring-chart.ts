import * as cdk8s from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import { Construct } from 'constructs';

const NAMESPACE = 'monitoring';
const STATE_METRICS = 'kube-state-metrics';

/** kube-state-metrics, which reads the Kubernetes API, and a Prometheus that reads kube-state-metrics. */
export class MonitoringChart extends cdk8s.Chart {
  public constructor(scope: Construct, id: string) {
    super(scope, id, { disableResourceNameHashes: true, namespace: NAMESPACE });
    this.addStateMetrics();
    this.addPrometheus();
  }

  private addStateMetrics(): void {
    const account = kplus.ServiceAccount.fromServiceAccountName(this, 'account', STATE_METRICS, { namespaceName: NAMESPACE });
    const reader = new kplus.ClusterRole(this, 'reader', { metadata: { name: STATE_METRICS } });
    reader.allow(['list', 'watch'], kplus.ApiResource.PODS, kplus.ApiResource.NODES, kplus.ApiResource.NAMESPACES, kplus.ApiResource.DEPLOYMENTS);
    new kplus.ClusterRoleBinding(this, 'binding', { metadata: { name: STATE_METRICS }, role: reader }).addSubjects(account);

    const deployment = new kplus.Deployment(this, 'state-metrics', {
      metadata: { name: STATE_METRICS },
      podMetadata: { labels: { app: STATE_METRICS } },
      replicas: 1,
      serviceAccount: account,
      automountServiceAccountToken: true,
      containers: [{
        image: 'registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.15.0',
        args: ['--resources=pods,nodes,namespaces,deployments'],
        portNumber: 8080,
        securityContext: { user: 65534, group: 65534 },
        resources: { cpu: { request: kplus.Cpu.millis(50) }, memory: { request: cdk8s.Size.mebibytes(64), limit: cdk8s.Size.mebibytes(256) } },
        readiness: kplus.Probe.fromHttpGet('/readyz', { port: 8081 }),
      }],
    });
    deployment.exposeViaService({ name: STATE_METRICS, ports: [{ port: 8080 }] });
  }

  private addPrometheus(): void {
    const config = new kplus.ConfigMap(this, 'prometheus-config', {
      metadata: { name: 'prometheus' },
      data: {
        'prometheus.yml': [
          'scrape_configs:',
          '- job_name: kube-state-metrics',
          '  honor_labels: true',
          '  static_configs:',
          `  - targets: ['${STATE_METRICS}.${NAMESPACE}.svc.cluster.local:8080']`,
          '',
        ].join('\n'),
      },
    });
    new kplus.Deployment(this, 'prometheus', {
      metadata: { name: 'prometheus' },
      podMetadata: { labels: { app: 'prometheus' } },
      replicas: 1,
      serviceAccount: kplus.ServiceAccount.fromServiceAccountName(this, 'prometheus-account', 'prometheus', { namespaceName: NAMESPACE }),
      containers: [{
        image: 'quay.io/prometheus/prometheus:v3.5.0',
        args: ['--config.file=/etc/prometheus/prometheus.yml', '--storage.tsdb.path=/prometheus', '--storage.tsdb.retention.time=1d'],
        portNumber: 9090,
        securityContext: { user: 65534, group: 65534 },
        resources: { cpu: { request: kplus.Cpu.millis(100) }, memory: { request: cdk8s.Size.mebibytes(256), limit: cdk8s.Size.mebibytes(512) } },
        readiness: kplus.Probe.fromHttpGet('/-/ready', { port: 9090 }),
        volumeMounts: [
          { path: '/etc/prometheus', volume: kplus.Volume.fromConfigMap(this, 'prometheus-config-volume', config) },
          { path: '/prometheus', volume: kplus.Volume.fromEmptyDir(this, 'prometheus-data', 'data') },
        ],
      }],
      securityContext: { fsGroup: 65534 },
    });
  }
}
