import { App } from 'aws-cdk-lib';
import { RestrictedPublicEndpointStack } from './restricted-public-endpoint-stack';

const app = new App();
new RestrictedPublicEndpointStack(app, 'RestrictedPublicEndpoint', {
  operatorsCidr: app.node.tryGetContext('cidr') ?? '52.94.76.0/24', // a range that AWS publishes as its own: replace it with yours
});
app.synth();
