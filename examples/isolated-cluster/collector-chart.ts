import * as cdk8s from 'cdk8s';
import { InternalLoadBalancer } from 'cdk-secure-eks';
import * as kplus from 'cdk8s-plus-27';
import { Construct } from 'constructs';

/** Where Vector takes events. */
export const COLLECTOR_PORT = 8080;

export interface CollectorProps {
  readonly image: string;
  readonly bucketName: string;
  readonly queueUrl: string;
  readonly region: string;
}

/** Vector, which takes events by HTTP behind an internal load balancer and from a queue, and keeps them in a bucket. */
export class CollectorChart extends cdk8s.Chart {
  public readonly service: kplus.Service;

  public constructor(scope: Construct, id: string, { image, bucketName, queueUrl, region }: CollectorProps) {
    super(scope, id, { disableResourceNameHashes: true, namespace: 'events' });
    const configuration = new kplus.ConfigMap(this, 'configuration', {
      metadata: { name: 'collector' },
      data: {
        'vector.yaml': cdk8s.Yaml.stringify({
          data_dir: '/var/lib/vector',
          sources: {
            network: { type: 'http_server', address: `0.0.0.0:${COLLECTOR_PORT}`, decoding: { codec: 'json' } },
            announcements: { type: 'aws_sqs', queue_url: queueUrl, region },
          },
          sinks: { events: { type: 'aws_s3', inputs: ['network', 'announcements'], bucket: bucketName, region, key_prefix: 'date=%F/', compression: 'gzip', encoding: { codec: 'json' } } },
        }),
      },
    });
    const data = kplus.Volume.fromEmptyDir(this, 'data', 'data');
    const collector = new kplus.Deployment(this, 'collector', {
      metadata: { name: 'collector' },
      podMetadata: { labels: { app: 'collector' } },
      replicas: 2,
      serviceAccount: kplus.ServiceAccount.fromServiceAccountName(this, 'account', 'collector', { namespaceName: 'events' }),
      containers: [{
        image,
        args: ['--config-dir', '/etc/vector'],
        portNumber: COLLECTOR_PORT,
        securityContext: { user: 10001, group: 10001 },
        resources: { cpu: { request: kplus.Cpu.millis(100) }, memory: { request: cdk8s.Size.mebibytes(128), limit: cdk8s.Size.mebibytes(512) } },
        volumeMounts: [{ path: '/etc/vector', volume: kplus.Volume.fromConfigMap(this, 'files', configuration) }, { path: '/var/lib/vector', volume: data }],
      }],
      securityContext: { fsGroup: 10001 },
    });
    this.service = new kplus.Service(this, 'service', {
      metadata: { name: 'collector' }, type: kplus.ServiceType.LOAD_BALANCER, selector: collector, ports: [{ port: 80, targetPort: COLLECTOR_PORT }],
    });
    InternalLoadBalancer.apply(this.service);
  }
}
