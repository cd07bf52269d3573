import { App } from 'aws-cdk-lib';
import { InternetAccess } from 'cdk-secure-eks';
import { IsolatedClusterStack } from './isolated-cluster-stack';

const app = new App();
new IsolatedClusterStack(app, 'IsolatedCluster', {
  // With `-c internet=nat` the same cluster has NAT gateways beside its endpoints, to compare.
  internetAccess: app.node.tryGetContext('internet') === 'nat' ? InternetAccess.nat() : InternetAccess.NONE,
});
app.synth();
