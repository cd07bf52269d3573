import * as cdk8s from 'cdk8s';
import { InternalLoadBalancer, RestrictedLoadBalancer } from 'cdk-secure-eks';
import * as kplus from 'cdk8s-plus-27';
import { Construct } from 'constructs';

/** What Verdaccio listens on. */
export const PACKAGE_PORT = 4873;

export interface PackageRegistryProps {
  /** Ranges of those who install packages. */
  readonly clients: string[];
  /** Public ranges of the machines that build and publish. */
  readonly builders: string[];
}

/** Verdaccio, a caching registry of npm packages, behind three load balancers. */
export class PackageRegistryChart extends cdk8s.Chart {
  /** The page for people, behind an application load balancer. */
  public readonly page: kplus.Ingress;

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
    const ports = [{ port: 80, targetPort: PACKAGE_PORT }];

    // For programs of the office: a network load balancer, which tells the pods who the client is.
    const packages = new kplus.Service(this, 'service', {
      metadata: {
        name: 'verdaccio',
        annotations: { 'service.beta.kubernetes.io/aws-load-balancer-target-group-attributes': 'preserve_client_ip.enabled=true' },
      },
      type: kplus.ServiceType.LOAD_BALANCER,
      selector: registry,
      ports,
    });
    InternalLoadBalancer.apply(packages, { sources: props.clients });

    // For people of the office: an application load balancer.
    const pages = new kplus.Service(this, 'pages', { metadata: { name: 'pages' }, selector: registry, ports });
    this.page = new kplus.Ingress(this, 'page', { metadata: { name: 'page' } });
    this.page.addRule('/', kplus.IngressBackend.fromService(pages));
    InternalLoadBalancer.apply(this.page, { sources: props.clients });

    // For builders elsewhere: on the internet, for their ranges alone.
    const publishing = new kplus.Service(this, 'publishing', { metadata: { name: 'publishing' }, type: kplus.ServiceType.LOAD_BALANCER, selector: registry, ports });
    RestrictedLoadBalancer.apply(publishing, { sources: props.builders });
  }
}
