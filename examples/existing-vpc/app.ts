import { App } from 'aws-cdk-lib';
import { ExistingVpcStack } from './existing-vpc-stack';

const app = new App();
new ExistingVpcStack(app, 'ExistingVpc');
app.synth();
