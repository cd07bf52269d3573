import { existsSync, readFileSync, readdirSync } from 'fs';
import { join } from 'path';
import { App, Duration, Lazy, Stack, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { NAMESPACE, testCluster } from './fixture';
import { ObjectsRelease, ObjectsReleaseProps } from '../../../src/kubernetes/deploy/objects-release';
import { VALUES_LIMIT_BYTES } from '../../../src/kubernetes/deploy/release-content';
import { readObjects } from '../../../src/kubernetes/manifests/objects';

function release(props: Partial<ObjectsReleaseProps>) {
  const app = new App();
  const stack = new Stack(app, 'Platform');
  const made = new ObjectsRelease(stack, 'Release', { cluster: testCluster(stack), releaseName: 'shop', namespace: 'default', objects: [NAMESPACE], ...props });
  const [resource] = Object.values(Template.fromStack(stack).findResources('Custom::AWSCDK-EKS-HelmChart'));
  return { made, resource, assembly: app.synth() };
}

const config = (data: unknown) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data });

test('tokens of every kind survive in the values', () => {
  const data = {
    text: `arn:${Token.asString({ Ref: 'Bucket' })}:x`,
    number: Token.asNumber({ Ref: 'Count' }),
    list: Token.asList({ 'Fn::GetAZs': '' }),
    lazy: Lazy.any({ produce: () => ({ a: 1 }) }),
    [`key-${Token.asString({ Ref: 'Key' })}`]: 'x',
  };
  const { objects, diagnostics } = readObjects([config(data)], { isToken: (value) => Token.isUnresolved(value) });
  expect(diagnostics).toEqual([]);
  const { resource } = release({ objects });
  const text = resource.Properties.Values['Fn::Join'][1].map((part: unknown) => (typeof part === 'string' ? part : `<${JSON.stringify(part).replace(/"/g, '\'')}>`)).join('');
  expect(text).toMatchInlineSnapshot('"{"objects":[{"apiVersion":"v1","data":{"key-<{\'Ref\':\'Key\'}>":"x","lazy":{"a":1},"list":<{\'Fn::GetAtt\':[\'CdkJsonStringifyFnGetAZs97ABC65B\',\'Value\']}>,"number":<{\'Ref\':\'Count\'}>,"text":"arn:<{\'Ref\':\'Bucket\'}>:x"},"kind":"ConfigMap","metadata":{"name":"a"}}]}"');
});

test('beyond the limit, the chart of the assembly holds the objects and the template does not', () => {
  const large = config({ text: 'x'.repeat(VALUES_LIMIT_BYTES) });
  const small = { ...config({ region: Token.asString({ Ref: 'AWS::Region' }) }), metadata: { name: 'b' } };
  const { resource, assembly } = release({ objects: [large, small] });

  const hash = /\/([0-9a-f]{64})\.zip/.exec(JSON.stringify(resource.Properties.ChartAssetURL))![1];
  const chart = join(assembly.directory, `asset.${hash}`);
  expect(readdirSync(chart).sort()).toEqual(['Chart.yaml', 'objects.json', 'templates', 'values.yaml']);
  expect(JSON.parse(readFileSync(join(chart, 'objects.json'), 'utf8'))).toEqual([large]);
  expect(JSON.stringify(resource.Properties.Values)).toContain('AWS::Region');
  expect(JSON.stringify(resource.Properties.Values).length).toBeLessThan(1000);
});

test('the same data file has the same asset in every synthesis', () => {
  const objects = [config({ text: 'x'.repeat(VALUES_LIMIT_BYTES) })];
  const [one, two] = [release({ objects }), release({ objects })].map(({ resource }) => JSON.stringify(resource.Properties.ChartAssetURL));
  expect(one).toBe(two);
});

test('without staging the folder that the assembly points at stays', () => {
  const app = new App({ context: { 'aws:cdk:disable-asset-staging': true } });
  const stack = new Stack(app, 'Platform');
  new ObjectsRelease(stack, 'Release', { cluster: testCluster(stack), releaseName: 'shop', namespace: 'default', objects: [config({ text: '\u{1f600}' })] });
  const assembly = app.synth();
  const { files } = JSON.parse(readFileSync(join(assembly.directory, 'Platform.assets.json'), 'utf8')) as { files: { [hash: string]: { source: { path: string } } } };
  const chart = Object.values(files).map(({ source }) => source.path).find((path) => path.includes('objects-chart-'))!;
  expect(existsSync(join(chart, 'objects.json'))).toBe(true);
});

test('defaults and what can be changed', () => {
  expect(release({}).resource).toMatchObject({ DeletionPolicy: 'Delete', Properties: { Release: 'shop', Namespace: 'default', Wait: true, Atomic: true, Timeout: '420s' } });
  const { resource } = release({ wait: false, atomic: false, keep: true, timeout: Duration.minutes(3) });
  expect(resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain', Properties: { Timeout: '180s' } });
  expect(resource.Properties).not.toHaveProperty('Wait');
  expect(resource.Properties).not.toHaveProperty('Atomic');
});

test('what a release finds wrong is told by it, and nothing throws', () => {
  const { made } = release({ releaseName: 'Shop', objects: [config({ text: '\u{1f600}', region: Token.asString({ Ref: 'AWS::Region' }) })] });
  expect(made.diagnostics.map(({ code }) => code)).toEqual(['releaseNameInvalid', 'textNotTransportable']);
});

test('synthesis does not load cdk8s', () => {
  jest.isolateModules(() => {
    jest.doMock('cdk8s', () => { throw new Error('cdk8s was loaded'); });
    const load = (file: string): unknown => jest.requireActual(`../../../src/kubernetes/${file}`);
    expect(() => ['deploy/network', 'deploy/foreign', 'manifests/objects', 'manifests/yaml'].map(load)).not.toThrow();
    expect(() => load('manifests/policy-set-chart')).toThrow('cdk8s was loaded');
  });
});
