import * as cdk8s from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import { Construct } from 'constructs';

export interface PodinfoChartProps extends cdk8s.ChartProps {
  readonly namespace: string;
  /** Of the Deployment and its Service, and what its pods are labelled with. */
  readonly name: string;
}

/** podinfo behind a Service inside the cluster. */
export class PodinfoChart extends cdk8s.Chart {
  public constructor(scope: Construct, id: string, { namespace, name, ...props }: PodinfoChartProps) {
    super(scope, id, { ...props, disableResourceNameHashes: true });
    const pods = new kplus.Deployment(this, name, {
      metadata: { name, namespace },
      podMetadata: { labels: { app: name } },
      replicas: 2,
      containers: [{
        image: 'ghcr.io/stefanprodan/podinfo:6.9.2',
        command: ['./podinfo'],
        args: ['--port=9898'],
        portNumber: 9898,
        securityContext: { user: 100, group: 101 },
        resources: { cpu: { request: kplus.Cpu.millis(50), limit: kplus.Cpu.millis(500) }, memory: { request: cdk8s.Size.mebibytes(64), limit: cdk8s.Size.mebibytes(256) } },
        readiness: kplus.Probe.fromHttpGet('/readyz', { port: 9898 }),
        volumeMounts: [{ path: '/data', volume: kplus.Volume.fromEmptyDir(this, 'data', 'data') }],
      }],
    });
    pods.exposeViaService({ name, ports: [{ port: 80, targetPort: 9898 }] });
  }
}
