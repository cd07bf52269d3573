import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as Library from '../../src';

// As published, so that no compiler runs beside it; built by `npx projen compile`.
const { NetworkPeer, NetworkPort, SecureEksCluster } = module.require('../../lib') as typeof Library;

/** The same cluster as `synth-by-hand.ts`, with checks, expectations and report. */
const app = new App({ outdir: process.argv[2] });
const stack = new Stack(app, 'Bench');
const cluster = new SecureEksCluster(stack, 'Cluster', {
  version: eks.KubernetesVersion.V1_35,
  kubectlLayer: lambda.LayerVersion.fromLayerVersionArn(stack, 'Kubectl', 'arn:aws:lambda:eu-west-1:111122223333:layer:kubectl:1'),
  admins: [new iam.Role(stack, 'Team', { assumedBy: new iam.AccountRootPrincipal() })],
});
cluster.addNodegroup('General', { minSize: 2, maxSize: 4 });
const [web, api, db] = ['web', 'api', 'db'].map((name) => cluster.addNamespace(name));
cluster.allowTraffic('WebToApi', { source: web.pods({ app: 'web' }), destination: api.pods({ app: 'api' }), ports: [NetworkPort.tcp(8080)] });
cluster.allowTraffic('ApiToDb', { source: api.pods({ app: 'api' }), destination: db.pods({ app: 'db' }), ports: [NetworkPort.tcp(5432)] });
cluster.allowKubeletAccess('Metrics', { namespace: 'kube-system', serviceAccounts: ['metrics-server'], reason: 'metrics' });
for (const [name, port] of [['web', 80], ['api', 8080], ['db', 5432]] as const) {
  cluster.addManifest(name, {
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: name },
    spec: { selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name, image: name, ports: [{ containerPort: port }] }] } } },
  });
}
cluster.expectAllowed('WebToApi', { source: web.pods({ app: 'web' }), destination: api.pods({ app: 'api' }), ports: [NetworkPort.tcp(8080)] });
cluster.expectDenied('WebToDb', { source: web.pods({ app: 'web' }), destination: db.pods({ app: 'db' }) });
cluster.expectDenied('WebToInternet', { source: web.pods({ app: 'web' }), destination: NetworkPeer.internet() });
new CfnOutput(stack, 'Name', { value: cluster.clusterName });
app.synth();
