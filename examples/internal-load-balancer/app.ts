import { App } from 'aws-cdk-lib';
import { InternalLoadBalancerStack } from './internal-load-balancer-stack';

const app = new App();
new InternalLoadBalancerStack(app, 'InternalLoadBalancer', {
  officeCidr: app.node.tryGetContext('cidr') ?? '10.20.0.0/16', // the range of the peered network
  builderCidr: app.node.tryGetContext('builders') ?? '203.0.112.0/24', // the public range of the machines that build
});
app.synth();
