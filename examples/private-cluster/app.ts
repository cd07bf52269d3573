import { App } from 'aws-cdk-lib';
import { PrivateClusterStack } from './private-cluster-stack';

const app = new App();
new PrivateClusterStack(app, 'PrivateCluster');
app.synth();
