import { App } from 'aws-cdk-lib';
import { PlatformStack } from './platform-stack';
import { ShopStack } from './shop-stack';

const app = new App();
const { cluster } = new PlatformStack(app, 'Platform');
new ShopStack(app, 'Shop', { cluster });
app.synth();
