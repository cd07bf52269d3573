import { App, CfnParameter, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import { clusterIn, errorsOf, Resource, resourcesOf, testCluster, TestCluster } from './fixture';
import { ControlPlaneScalingTier, SecureEksClusterProps, UpgradeSupport } from '../src';

function synthesized({ app, stack }: TestCluster): Resource[] {
  return Object.values(resourcesOf(app.synth(), stack));
}
const clusterOf = (props: Partial<SecureEksClusterProps>) => synthesized(testCluster({ cluster: props })).find(({ Type }) => Type === 'AWS::EKS::Cluster')!.Properties;

test('what EKS decides by itself is left to it', () => {
  const properties = Object.keys(clusterOf({}));
  expect(properties).toContain('DeletionProtection');
  for (const name of ['ZonalShiftConfig', 'UpgradePolicy', 'ControlPlaneScalingConfig']) expect(properties).not.toContain(name);
});

test('what is said is passed on', () => {
  expect(clusterOf({ zonalShift: true, upgradeSupport: UpgradeSupport.STANDARD, controlPlaneScalingTier: ControlPlaneScalingTier.XL, deletionProtection: true })).toMatchObject({
    ZonalShiftConfig: { Enabled: true }, UpgradePolicy: { SupportType: 'STANDARD' }, ControlPlaneScalingConfig: { Tier: 'tier-xl' }, DeletionProtection: true,
  });
  expect(clusterOf({ zonalShift: false, upgradeSupport: UpgradeSupport.EXTENDED, controlPlaneScalingTier: ControlPlaneScalingTier.STANDARD })).toMatchObject({
    ZonalShiftConfig: { Enabled: false }, UpgradePolicy: { SupportType: 'EXTENDED' }, ControlPlaneScalingConfig: { Tier: 'standard' },
  });
});

test('also where only the deployment knows', () => {
  const stack = new Stack(new App(), 'Platform');
  const yes = Fn.conditionIf('Production', true, false) as unknown as boolean;
  const text = (id: string) => new CfnParameter(stack, id).valueAsString;
  const cluster = clusterIn(stack, {
    cluster: {
      zonalShift: yes, deletionProtection: yes, upgradeSupport: text('Support') as UpgradeSupport, controlPlaneScalingTier: ControlPlaneScalingTier.of(text('Tier')),
      logRetention: new CfnParameter(stack, 'Days', { type: 'Number' }).valueAsNumber as logs.RetentionDays,
    },
  });
  const resources = synthesized({ app: stack.node.root as App, stack, cluster });
  const condition = { 'Fn::If': ['Production', true, false] };
  expect(resources.find(({ Type }) => Type === 'AWS::EKS::Cluster')!.Properties).toMatchObject({
    ZonalShiftConfig: { Enabled: condition }, DeletionProtection: condition, UpgradePolicy: { SupportType: { Ref: 'Support' } }, ControlPlaneScalingConfig: { Tier: { Ref: 'Tier' } },
  });
  expect(resources.filter(({ Type }) => Type === 'AWS::Logs::LogGroup').map(({ Properties }) => Properties.RetentionInDays)).toEqual([{ Ref: 'Days' }, { Ref: 'Days' }]);
});

describe('a tier of the control plane', () => {
  test('has the name that EKS gives it', () => {
    expect([ControlPlaneScalingTier.STANDARD, ControlPlaneScalingTier.XL, ControlPlaneScalingTier.XL2, ControlPlaneScalingTier.XL4, ControlPlaneScalingTier.of('tier-8xl')].map(({ name }) => name))
      .toEqual(['standard', 'tier-xl', 'tier-2xl', 'tier-4xl', 'tier-8xl']);
  });

  test.each(['', 'xl', 'TIER-XL', 'tier-'])("'%s' is none", (name) => {
    expect(() => ControlPlaneScalingTier.of(name)).toThrow(`ControlPlaneScalingTier.of('${name}'): a tier is named 'standard' or 'tier-' and a size; write for example 'tier-xl'`);
  });
});

describe('what becomes of logs and key', () => {
  const kept = (removalPolicy?: RemovalPolicy) => synthesized(testCluster({ cluster: { removalPolicy } }))
    .filter(({ Type }) => ['AWS::Logs::LogGroup', 'AWS::KMS::Key'].includes(Type))
    .map(({ Type, ...resource }) => [Type, (resource as any).DeletionPolicy, (resource as any).UpdateReplacePolicy]).sort();

  test.each<[RemovalPolicy | undefined, string, string]>([
    [undefined, 'RetainExceptOnCreate', 'Retain'],
    [RemovalPolicy.RETAIN, 'Retain', 'Retain'],
    [RemovalPolicy.DESTROY, 'Delete', 'Delete'],
  ])('%s', (policy, onDelete, onReplace) => {
    expect(kept(policy)).toEqual(['AWS::KMS::Key', 'AWS::Logs::LogGroup', 'AWS::Logs::LogGroup'].map((type) => [type, onDelete, onReplace]));
  });

  test('SNAPSHOT is refused, and they are kept', () => {
    const wrong = testCluster({ cluster: { removalPolicy: RemovalPolicy.SNAPSHOT } });
    expect(errorsOf(wrong)).toEqual(['removalPolicy: it is SNAPSHOT, and neither log groups nor keys have snapshots; use RETAIN_ON_UPDATE_OR_DELETE, RETAIN or DESTROY [cdk-secure-eks:removalPolicySnapshot]']);
  });
});
