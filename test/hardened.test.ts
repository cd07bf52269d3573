import { loadAll } from 'js-yaml';
import { errorsOf, fileOf, testCluster } from './fixture';
import { NetworkPeer, NetworkPort, SystemNamespaces } from '../src';

const NAME = /^(eks-allow|eks-guardrails)\./;

/** The policies of a synthesis, as they are written beside its template. */
function policiesIn(text: string): any[] {
  return (loadAll(text) as any[]).filter((object) => object && /NetworkPolicy$/.test(object.kind));
}

describe('SystemNamespaces.HARDENED', () => {
  const made = testCluster({ cluster: { systemNamespaces: SystemNamespaces.HARDENED } });
  const { cluster } = made;
  const account = (name: string) => NetworkPeer.serviceAccount('kube-system', name);
  const tcp = (port: number) => [NetworkPort.tcp(port)];
  // CoreDNS and nodes: https://docs.aws.amazon.com/eks/latest/userguide/managing-coredns.html
  cluster.expectAllowed('DnsOfNodes', { source: NetworkPeer.nodes(), destination: NetworkPeer.clusterDns(), ports: [NetworkPort.udp(53), NetworkPort.tcp(53)] });
  cluster.expectAllowed('DnsApi', { source: NetworkPeer.clusterDns(), destination: NetworkPeer.apiServer(), ports: tcp(443) });
  // https://kubernetes-sigs.github.io/metrics-server/#requirements, https://docs.aws.amazon.com/eks/latest/userguide/metrics-server.html
  cluster.expectAllowed('MetricsKubelets', { source: account('metrics-server'), destination: NetworkPeer.kubelet(), ports: tcp(10250) });
  cluster.expectAllowed('MetricsApi', { source: account('metrics-server'), destination: NetworkPeer.apiServer(), ports: tcp(443) });
  cluster.expectAllowed('MetricsCalled', { source: NetworkPeer.controlPlane(), destination: account('metrics-server'), ports: tcp(10251) });
  // https://docs.aws.amazon.com/eks/latest/userguide/ebs-csi.html
  cluster.expectAllowed('VolumesAws', { source: account('ebs-csi-controller-sa'), destination: NetworkPeer.internet(), ports: tcp(443) });
  // https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/installation/
  cluster.expectAllowed('BalancersCalled', { source: NetworkPeer.controlPlane(), destination: account('aws-load-balancer-controller'), ports: tcp(9443) });
  // What nobody of them needs.
  cluster.expectDenied('MetricsInternet', { source: account('metrics-server'), destination: NetworkPeer.internet() });
  cluster.expectDenied('DnsMetadata', { source: NetworkPeer.clusterDns(), destination: NetworkPeer.instanceMetadata() });
  cluster.expectDenied('VolumesKubelets', { source: account('ebs-csi-controller-sa'), destination: NetworkPeer.kubelet() });
  cluster.expectDenied('Stranger', { source: account('somebody-else'), destination: NetworkPeer.apiServer() });
  cluster.expectDenied('StrangerInternet', { source: account('somebody-else'), destination: NetworkPeer.internet() });

  test('works and denies as expected, and says whom it exempts', () => {
    expect(errorsOf(made)).toEqual([]);
    const report = fileOf(made.app.synth(), 'Platform.network-report.md');
    expect(report).toContain('- namespace `calico-system`');
    expect(report).not.toContain('- namespace `kube-system`');
    expect(report).toContain('exempted: service account metrics-server in `kube-system`, because it runs the cluster');
  });

  test('kube-system is inside the default deny and the guardrails, and each need has its policies', () => {
    const policies = policiesIn(fileOf(made.app.synth(), 'Platform.kubernetes.yaml'));
    const outside = "kubernetes.io/metadata.name not in {'calico-system', 'tigera-operator'}";
    for (const name of ['eks-default-deny.default-deny', 'eks-guardrails.apiserver-deny', 'eks-guardrails.imds-deny', 'eks-guardrails.internet-deny']) {
      expect(policies.find(({ metadata }) => metadata.name === name).spec).toEqual(expect.objectContaining({ namespaceSelector: outside, selector: 'has(projectcalico.org/namespace)' }));
    }
    expect(policies.map(({ metadata }) => metadata.name).filter((name) => NAME.test(name) && name.includes('system-')).sort()).toMatchInlineSnapshot(`
[
  "eks-allow.system-coredns-api-server-egress",
  "eks-allow.system-dns-queries-of-nodes-ingress",
  "eks-allow.system-dns-queries-of-pods-egress",
  "eks-allow.system-dns-queries-of-pods-ingress",
  "eks-allow.system-dns-upstream-egress",
  "eks-allow.system-ebs-csi-controller-api-server-egress",
  "eks-allow.system-ebs-csi-controller-aws-apis-egress",
  "eks-allow.system-ebs-csi-controller-vpc-endpoints-egress",
  "eks-allow.system-ebs-csi-node-api-server-egress",
  "eks-allow.system-load-balancer-controller-api-server-egress",
  "eks-allow.system-load-balancer-controller-aws-apis-egress",
  "eks-allow.system-load-balancer-controller-from-control-plane-ingress",
  "eks-allow.system-load-balancer-controller-vpc-endpoints-egress",
  "eks-allow.system-metrics-server-api-server-egress",
  "eks-allow.system-metrics-server-from-control-plane-ingress",
  "eks-allow.system-metrics-server-kubelet-egress",
  "eks-guardrails.internet-system-ebs-csi-controller-aws-apis-exempt",
  "eks-guardrails.internet-system-load-balancer-controller-aws-apis-exempt",
  "eks-guardrails.system-coredns-api-server-exempt",
  "eks-guardrails.system-ebs-csi-controller-api-server-exempt",
  "eks-guardrails.system-ebs-csi-node-api-server-exempt",
  "eks-guardrails.system-load-balancer-controller-api-server-exempt",
  "eks-guardrails.system-metrics-server-api-server-exempt",
  "eks-guardrails.system-metrics-server-kubelet-exempt",
]
`);
    expect(policies.find(({ metadata }) => metadata.name === 'eks-allow.system-metrics-server-kubelet-egress').spec).toMatchInlineSnapshot(`
{
  "egress": [
    {
      "action": "Allow",
      "destination": {
        "nets": [
          "10.0.0.0/18",
          "10.0.64.0/18",
          "10.0.128.0/18",
          "10.0.192.0/21",
          "10.0.200.0/21",
          "10.0.208.0/21",
        ],
        "notSelector": "has(projectcalico.org/orchestrator)",
        "ports": [
          10250,
        ],
      },
      "protocol": "TCP",
    },
  ],
  "namespaceSelector": "projectcalico.org/name == 'kube-system'",
  "order": 1000,
  "serviceAccountSelector": "projectcalico.org/name in {'metrics-server'}",
  "tier": "eks-allow",
  "types": [
    "Egress",
  ],
}
`);
  });
});

describe('allowMetricsScraping', () => {
  const made = testCluster();
  const { cluster } = made;
  for (const name of ['shop', 'monitoring']) cluster.addNamespace(name);
  const prometheus = NetworkPeer.serviceAccount('monitoring', 'prometheus');
  const [api, web] = ['api', 'web'].map((app) => NetworkPeer.pods('shop', { app }));
  cluster.allowMetricsScraping('Prometheus', { source: prometheus, destinations: [api, web], ports: [NetworkPort.tcp(9102)] });
  for (const [id, destination] of Object.entries({ Api: api, Web: web })) {
    cluster.expectAllowed(id, { source: prometheus, destination, ports: [NetworkPort.tcp(9102)] });
    cluster.expectDenied(id, { source: prometheus, destination, ports: [NetworkPort.tcp(9101)] });
    cluster.expectDenied(`${id}Back`, { source: destination, destination: prometheus });
    cluster.expectDenied(`${id}Others`, { source: NetworkPeer.serviceAccount('monitoring', 'grafana'), destination, ports: [NetworkPort.tcp(9102)] });
  }

  test('opens that port of each, to the scraper alone and one way', () => {
    expect(errorsOf(made)).toEqual([]);
  });

  test('by one rule for each, whose policies are these', () => {
    const policies = policiesIn(fileOf(made.app.synth(), 'Platform.kubernetes.yaml')).filter(({ metadata }) => metadata.name.includes('metrics-'));
    expect(policies).toMatchInlineSnapshot(`
[
  {
    "apiVersion": "projectcalico.org/v3",
    "kind": "GlobalNetworkPolicy",
    "metadata": {
      "name": "eks-allow.metrics-prometheus-1-egress",
    },
    "spec": {
      "egress": [
        {
          "action": "Allow",
          "destination": {
            "namespaceSelector": "projectcalico.org/name == 'shop'",
            "ports": [
              9102,
            ],
            "selector": "app == 'api'",
          },
          "protocol": "TCP",
        },
      ],
      "namespaceSelector": "projectcalico.org/name == 'monitoring'",
      "order": 1000,
      "serviceAccountSelector": "projectcalico.org/name == 'prometheus'",
      "tier": "eks-allow",
      "types": [
        "Egress",
      ],
    },
  },
  {
    "apiVersion": "projectcalico.org/v3",
    "kind": "GlobalNetworkPolicy",
    "metadata": {
      "name": "eks-allow.metrics-prometheus-1-ingress",
    },
    "spec": {
      "ingress": [
        {
          "action": "Allow",
          "destination": {
            "ports": [
              9102,
            ],
          },
          "protocol": "TCP",
          "source": {
            "namespaceSelector": "projectcalico.org/name == 'monitoring'",
            "serviceAccounts": {
              "names": [
                "prometheus",
              ],
            },
          },
        },
      ],
      "namespaceSelector": "projectcalico.org/name == 'shop'",
      "order": 1000,
      "selector": "app == 'api'",
      "tier": "eks-allow",
      "types": [
        "Ingress",
      ],
    },
  },
  {
    "apiVersion": "projectcalico.org/v3",
    "kind": "GlobalNetworkPolicy",
    "metadata": {
      "name": "eks-allow.metrics-prometheus-2-egress",
    },
    "spec": {
      "egress": [
        {
          "action": "Allow",
          "destination": {
            "namespaceSelector": "projectcalico.org/name == 'shop'",
            "ports": [
              9102,
            ],
            "selector": "app == 'web'",
          },
          "protocol": "TCP",
        },
      ],
      "namespaceSelector": "projectcalico.org/name == 'monitoring'",
      "order": 1000,
      "serviceAccountSelector": "projectcalico.org/name == 'prometheus'",
      "tier": "eks-allow",
      "types": [
        "Egress",
      ],
    },
  },
  {
    "apiVersion": "projectcalico.org/v3",
    "kind": "GlobalNetworkPolicy",
    "metadata": {
      "name": "eks-allow.metrics-prometheus-2-ingress",
    },
    "spec": {
      "ingress": [
        {
          "action": "Allow",
          "destination": {
            "ports": [
              9102,
            ],
          },
          "protocol": "TCP",
          "source": {
            "namespaceSelector": "projectcalico.org/name == 'monitoring'",
            "serviceAccounts": {
              "names": [
                "prometheus",
              ],
            },
          },
        },
      ],
      "namespaceSelector": "projectcalico.org/name == 'shop'",
      "order": 1000,
      "selector": "app == 'web'",
      "tier": "eks-allow",
      "types": [
        "Ingress",
      ],
    },
  },
]
`);
  });

  test('no destination means nothing', () => {
    expect(() => testCluster().cluster.allowMetricsScraping('Nobody', { source: prometheus, destinations: [], ports: [NetworkPort.tcp(1)] }))
      .toThrow("allowMetricsScraping('Nobody'): destinations is empty, and an empty list never means everything; name whose metrics are read");
  });
});
