import { NetworkPeer } from '../../src';
import { intentOf } from './fixtures/said';
import { formatDiagnostic } from '../../src/core/diagnostic';
import { decideNetwork } from '../../src/core/network/decide';
import { NetworkIntent } from '../../src/core/network/network-intent';

const messages = (change: Partial<NetworkIntent>): string[] => decideNetwork({ ...intentOf({}), rules: [], exemptions: [], quarantines: [], objects: [], ...change }).diagnostics
  .map((each) => `${each.severity}: ${formatDiagnostic(each)}`);

const pod = (namespace: string, name: string, ports: object[] = []) => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name, labels: { app: name } }, spec: { containers: [{ image: 'x', ports }] },
});
const service = (namespace: string, name: string, targetPort: number | string) => ({
  apiVersion: 'v1', kind: 'Service', metadata: { namespace, name }, spec: { selector: { app: name }, ports: [{ port: 443, targetPort }] },
});
const reference = (name: string) => ({ namespace: 'tools', name });
const webhook = (name: string) => ({
  apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration', metadata: { name: 'checks' }, webhooks: [{ name: 'a.b.c', clientConfig: { service: reference(name) } }],
});
const served = [pod('tools', 'hook', [{ name: 'https', containerPort: 9443 }]), service('tools', 'hook', 'https')];
const opened = (port: number): Partial<NetworkIntent> => ({
  rules: [{ name: 'hook', origin: 'Platform/Hook', source: { kind: 'controlPlane' }, destination: { kind: 'pods', namespace: 'tools', labels: { app: 'hook' } }, ports: [{ protocol: 'TCP', ports: [port] }] }],
});

describe('calls of the control plane', () => {
  const callers: [string, object][] = [
    ['ValidatingWebhookConfiguration checks', webhook('hook')],
    ['MutatingWebhookConfiguration checks', { ...webhook('hook'), kind: 'MutatingWebhookConfiguration' }],
    ['CustomResourceDefinition things.example.com', {
      apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'things.example.com' },
      spec: { conversion: { strategy: 'Webhook', webhook: { clientConfig: { service: reference('hook') } } } },
    }],
    ['APIService v1.example.com', { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: 'v1.example.com' }, spec: { service: reference('hook') } }],
  ];

  test.each(callers)('%s: an error that names the call, and none with it', (subject, object) => {
    expect(messages({ objects: [...served, object] })).toEqual([
      `error: ${subject}: the control plane calls tools/hook on TCP 9443 through Service tools/hook, and cannot: denied by GlobalNetworkPolicy/eks-default-deny.default-deny (no rule matches, and tier eks-default-deny ends); open it with allowFromControlPlane(), destination the pods of tools/hook, ports NetworkPort.tcp(9443) [cdk-secure-eks:controlPlaneCallDenied]`,
    ]);
    expect(messages({ objects: [...served, object], ...opened(9443) })).toEqual([]);
    expect(messages({ objects: [...served, object], ...opened(9444) })).toHaveLength(1);
  });

  test('a Service that is not in view', () => expect(messages({ objects: [webhook('hook')] })).toEqual([
    'warning: ValidatingWebhookConfiguration checks: the control plane calls Service tools/hook, which is not in view: whether it can is undetermined; make sure that allowFromControlPlane() names its pods [cdk-secure-eks:controlPlaneCallUnseen]',
  ]));
  test('a Service without pods in view', () => expect(messages({ objects: [service('tools', 'hook', 9443), webhook('hook')] })).toEqual([
    'warning: ValidatingWebhookConfiguration checks: the control plane calls Service tools/hook, whose pods are not in view: whether it can is undetermined; make sure that allowFromControlPlane() names its pods [cdk-secure-eks:controlPlaneCallUnseen]',
  ]));
  test('a port whose name is not in view', () => expect(messages({ objects: [pod('tools', 'hook'), service('tools', 'hook', 'https'), webhook('hook')], ...opened(9443) })).toEqual([
    'error: ValidatingWebhookConfiguration checks: the control plane calls tools/hook on TCP https through Service tools/hook, and cannot: no port named https is in view there; give a container of tools/hook a port of that name, or the Service a number [cdk-secure-eks:controlPlaneCallDenied]',
  ]));
});

describe('what holds without being asked', () => {
  test('a tier before the guardrails that opens the kubelet', () => {
    const objects = [
      pod('shop', 'web'),
      { apiVersion: 'projectcalico.org/v3', kind: 'Tier', metadata: { name: 'mine' }, spec: { order: 50, defaultAction: 'Pass' } },
      {
        apiVersion: 'projectcalico.org/v3', kind: 'NetworkPolicy', metadata: { name: 'mine.open', namespace: 'shop' },
        spec: { tier: 'mine', selector: "app == 'web'", types: ['Egress'], egress: [{ action: 'Allow', protocol: 'TCP', destination: { ports: [10250] } }] },
      },
    ];
    expect(messages({ objects })).toEqual([
      'error: Tier mine: its order is 50, and the guardrails\' is 200: whatever it allows no guardrail denies any more; give it an order above 200, or acknowledge who may write policies there [cdk-secure-eks:tierBeforeGuardrails]',
      'error: shop/web: it may reach the kubelets, TCP 10250, and nobody exempted it: allowed by NetworkPolicy/shop/mine.open rule 0; remove the policy that opens it, or exempt the service account by name [cdk-secure-eks:guardrailOpen]',
      'error: any other namespace/any pod: it may reach the kubelets, TCP 10250, and nobody exempted it: it depends on the labels of any other namespace/any pod and the name behind any other namespace/any pod; remove the policy that opens it, or exempt the service account by name [cdk-secure-eks:guardrailOpen]',
      'error: shop/web: it may reach the instance metadata service, TCP 10250, and nobody exempted it: allowed by NetworkPolicy/shop/mine.open rule 0; remove the policy that opens it, or exempt the service account by name [cdk-secure-eks:guardrailOpen]',
      'error: any other namespace/any pod: it may reach the instance metadata service, TCP 10250, and nobody exempted it: it depends on the labels of any other namespace/any pod and the name behind any other namespace/any pod; remove the policy that opens it, or exempt the service account by name [cdk-secure-eks:guardrailOpen]',
      'error: shop/web: it may reach the internet, TCP 10250, and nobody exempted it: allowed by NetworkPolicy/shop/mine.open rule 0; remove the policy that opens it, or exempt the service account by name [cdk-secure-eks:guardrailOpen]',
      'error: any other namespace/any pod: it may reach the internet, TCP 10250, and nobody exempted it: it depends on the labels of any other namespace/any pod and the name behind any other namespace/any pod; remove the policy that opens it, or exempt the service account by name [cdk-secure-eks:guardrailOpen]',
    ]);
  });

  test('a policy that isolates without the DNS', () => {
    const objects = [pod('shop', 'web'), {
      apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'closed', namespace: 'shop' }, spec: { podSelector: {}, policyTypes: ['Egress'], egress: [] },
    }];
    expect(messages({ objects })).toEqual([
      'warning: shop/web: it cannot ask the cluster DNS, TCP 53; UDP 53: denied by KubernetesNetworkPolicy/shop/closed (no rule matches, and tier default ends); allow UDP and TCP 53 to the pods labelled k8s-app=kube-dns in kube-system in that policy, or acknowledge that it needs no names [cdk-secure-eks:dnsDenied]',
    ]);
  });

  test('an exemption where anyone may make pods, and where only the platform does', () => {
    const exemptions = [{ name: 'k', origin: 'Platform/Scraper', guardrail: 'kubelet', namespace: 'tools', serviceAccounts: ['scraper'], reason: 'metrics' } as const];
    expect(messages({ exemptions })).toEqual([
      'warning: Platform/Scraper: whoever may create pods in \'tools\' may run them as scraper, and so uses the exemption; declare addNamespace(\'tools\', { podCreators: PodCreators.PLATFORM_ONLY }) when RBAC lets only the platform create pods there [cdk-secure-eks:exemptionInOpenNamespace]',
    ]);
    expect(messages({ exemptions, namespaces: intentOf({}).namespaces.map((each) => ({ ...each, platformOnly: true })) })).toEqual([]);
  });

  test('metadata that no answer of reaches a pod', () => {
    const exemptions = [{ name: 'k', origin: 'Platform/Agent', guardrail: 'instanceMetadata', namespace: 'kube-system', serviceAccounts: ['agent'], reason: 'zone' } as const];
    expect(messages({ exemptions, metadataReachesPods: false })).toEqual([
      'error: Platform/Agent: no node group has metadataHopLimit 2, and at 1 no answer of the instance metadata service reaches a pod, whatever policy allows; give the node group that runs these pods metadataHopLimit: 2, or use EKS Pod Identity instead of the node\'s role [cdk-secure-eks:metadataHopLimit]',
    ]);
  });
});

test.each(['s3', 'dynamodb'])('awsService(%s) says what it cannot be', (name) => {
  expect(() => NetworkPeer.awsService(name)).toThrow(new Error(
    `NetworkPeer.awsService('${name}'): a gateway endpoint leads to public addresses, which no policy tells from others; name its ranges with NetworkPeer.cidr(), or allow NetworkPeer.internet()`));
  expect(NetworkPeer.awsService('sqs').peerName).toBe('the interface endpoints of AWS services, of which sqs is one');
});
