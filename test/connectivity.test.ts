import { CfnParameter } from 'aws-cdk-lib';
import { App as Cdk8sApp, Chart } from 'cdk8s';
import { Deployment } from 'cdk8s-plus-27';
import { NetworkPeer, NetworkPort } from '../src';
import { errorsOf, fileOf, testCluster } from './fixture';

function shop() {
  const made = testCluster();
  const namespace = made.cluster.addNamespace('shop');
  const chart = new Chart(new Cdk8sApp(), 'shop', { namespace: 'shop' });
  const [web, api] = ['web', 'api'].map((name) => {
    const deployment = new Deployment(chart, name, { metadata: { name }, containers: [{ image: 'nginx', ports: [{ number: 8080, name: 'http' }] }] });
    deployment.podMetadata.addLabel('app', name);
    return deployment;
  });
  made.cluster.addCdk8sChart('Shop', chart);
  return { ...made, namespace, web: NetworkPeer.fromWorkload(web), api: NetworkPeer.fromWorkload(api) };
}

describe('expectations that hold', () => {
  test('are met, by workloads, labels, accounts and well-known places', () => {
    const made = shop();
    const { cluster, web, api } = made;
    cluster.allowTraffic('WebToApi', { source: web, destination: api, ports: [NetworkPort.named('http')] });
    cluster.allowApiServerAccess('Operator', { namespace: 'shop', serviceAccounts: ['operator'], reason: 'reconciles' });
    cluster.expectAllowed('WebToApi', { source: web, destination: api, ports: [NetworkPort.tcp(8080)] });
    cluster.expectDenied('WebToApiElse', { source: web, destination: api, ports: [NetworkPort.tcpRange(8081, 65535), NetworkPort.allUdp()] });
    cluster.expectDenied('ApiToWeb', { source: api, destination: web });
    cluster.expectDenied('WebToKubelet', { source: web, destination: NetworkPeer.kubelet() });
    cluster.expectDenied('WebToMetadata', { source: web, destination: NetworkPeer.instanceMetadata() });
    cluster.expectDenied('WebToApiServer', { source: web, destination: NetworkPeer.apiServer() });
    cluster.expectDenied('WebToInternet', { source: web, destination: NetworkPeer.internet() });
    cluster.expectAllowed('OperatorToApiServer', { source: made.namespace.serviceAccount('operator'), destination: NetworkPeer.apiServer() });
    cluster.expectAllowed('WebToDns', { source: web, destination: NetworkPeer.clusterDns(), ports: [NetworkPort.udp(53)] });
    expect(errorsOf(made)).toEqual([]);
    expect(fileOf(made.app.synth(), 'Platform.network-report.md').match(/^- met: /gm)).toHaveLength(9);
  });
});

describe('expectations that do not hold', () => {
  test('fail synthesis, all at once, and name the policy and rule that decided', () => {
    const made = shop();
    const { cluster, web, api } = made;
    cluster.allowTraffic('WebToApi', { source: web, destination: api, ports: [NetworkPort.tcp(8080)] });
    cluster.expectDenied('Open', { source: web, destination: api });
    cluster.expectAllowed('Closed', { source: api, destination: web, ports: [NetworkPort.tcp(8080)] });
    const errors = errorsOf(made);
    expect(errors).toHaveLength(2);
    expect(errors.find((line) => line.startsWith('Platform/Cluster/ExpectDenied/Open: '))).toMatch(/eks-allow\.web-to-api-(egress|ingress) rule 0/);
    expect(errors.find((line) => line.startsWith('Platform/Cluster/ExpectAllowed/Closed: '))).toMatch(/eks-default-deny\.default-deny/);
    for (const error of errors) expect(error).toMatch(/\[cdk-secure-eks:expectation\w+\]$/);
  });

  test('nor when nobody can know: undetermined is not met, either way', () => {
    const made = shop();
    const range = NetworkPeer.cidr('10.0.3.0/24');
    const unknown = NetworkPeer.cidr(new CfnParameter(made.stack, 'Range').valueAsString);
    made.cluster.allowTraffic('ToSomewhere', { source: made.namespace.serviceAccount('default'), destination: unknown, ports: [NetworkPort.tcp(443)] });
    made.cluster.expectAllowed('Yes', { source: made.web, destination: range, ports: [NetworkPort.tcp(443)] });
    made.cluster.expectDenied('No', { source: made.web, destination: range, ports: [NetworkPort.tcp(443)] });
    const errors = errorsOf(made);
    expect(errors).toHaveLength(2);
    for (const error of errors) expect(error).toContain('undetermined');
  });
});
