import { App } from 'aws-cdk-lib';
import { StagedRolloutStack } from './staged-rollout-stack';

const app = new App();
new StagedRolloutStack(app, 'StagedRollout', { legacyIsEnforced: app.node.tryGetContext('legacy') === 'enforced' });
app.synth();
