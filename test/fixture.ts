import { readFileSync } from 'fs';
import { join } from 'path';
import { App, AppProps, Stack, StackProps } from 'aws-cdk-lib';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { LayerVersion } from 'aws-cdk-lib/aws-lambda';
import { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';
import { SecureEksCluster, SecureEksClusterProps } from '../src';

export interface TestCluster {
  readonly app: App;
  readonly stack: Stack;
  readonly cluster: SecureEksCluster;
}

export interface TestClusterOptions {
  readonly app?: AppProps;
  readonly stack?: StackProps;
  readonly cluster?: Partial<SecureEksClusterProps>;
  /** Default: true. */
  readonly nodes?: boolean;
}

/** A cluster with one group of nodes, in a stack `Platform` of an app of its own. */
export function testCluster(options: TestClusterOptions = {}): TestCluster {
  const app = new App(options.app);
  const stack = new Stack(app, 'Platform', options.stack);
  return { app, stack, cluster: clusterIn(stack, options) };
}

/** The same cluster, in whatever scope. */
export function clusterIn(scope: Construct, { cluster: props, nodes = true }: TestClusterOptions = {}, id = 'Cluster'): SecureEksCluster {
  const cluster = new SecureEksCluster(scope, id, {
    version: eks.KubernetesVersion.V1_35,
    kubectlLayer: LayerVersion.fromLayerVersionArn(scope, `${id}Kubectl`, 'arn:aws:lambda:eu-west-1:111122223333:layer:kubectl:1'),
    admins: [iam.Role.fromRoleArn(scope, `${id}Admin`, 'arn:aws:iam::111122223333:role/platform')],
    ...props,
  });
  if (nodes) cluster.addNodegroup('Workers');
  return cluster;
}

/** The lines of the error that synthesis ends with; none where it succeeds. */
export function synthErrors(app: App): string[] {
  try {
    app.synth({ force: true });
    return [];
  } catch (error) {
    const [first, ...lines] = (error as Error).message.split('\n');
    if (!first.startsWith('Validation failed')) throw error;
    return lines.map((line) => line.trim());
  }
}

/** The same without the path of the cluster that reports them. */
export function errorsOf({ app, cluster }: Pick<TestCluster, 'app' | 'cluster'>): string[] {
  return synthErrors(app).map((line) => line.replace(`[${cluster.node.path}] `, ''));
}

export interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, any>;
  readonly DependsOn?: string[];
}

/** Logical id -> resource. */
export function resourcesOf(assembly: CloudAssembly, stack: Stack): Record<string, Resource> {
  return assembly.getStackArtifact(stack.artifactId).template.Resources;
}

/** Helm releases by name. */
export function releasesOf(resources: Record<string, Resource>): Record<string, Resource> {
  return Object.fromEntries(Object.values(resources).filter(({ Type }) => Type === 'Custom::AWSCDK-EKS-HelmChart').map((each) => [each.Properties.Release, each]));
}

/** Objects of a release that travel in its values, tokens as in the template. */
export function objectsOf(release: Resource): any[] {
  const values = release.Properties.Values;
  return JSON.parse(typeof values === 'string' ? values : values['Fn::Join'][1].map((part: unknown) => typeof part === 'string' ? part : JSON.stringify(part).replace(/"/g, '\'')).join('')).objects;
}

/** A file beside the templates. */
export function fileOf(assembly: CloudAssembly, name: string): string {
  return readFileSync(join(assembly.directory, name), 'utf8');
}

/** Whether `later` waits for `earlier`, over any number of steps, by DependsOn or reference. */
export function waitsFor(resources: Record<string, Resource>, later: string, earlier: string): boolean {
  const seen = new Set<string>();
  const queue = [later];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    if (seen.has(id) || !(id in resources)) continue;
    seen.add(id);
    const references = [...JSON.stringify(resources[id].Properties ?? {}).matchAll(/"(?:Ref|Fn::GetAtt)":\[?"([^"]+)"/g)].map(([, other]) => other);
    queue.push(...resources[id].DependsOn ?? [], ...references);
  }
  return later !== earlier && seen.has(earlier);
}

/** No part of it can be written to. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}

/** Ranges of a made-up cluster, for the policy core. */
export const ADDRESSES = {
  vpc: ['10.0.0.0/16'],
  nodes: ['10.0.64.0/18', '10.0.128.0/18'],
  controlPlane: ['10.0.0.0/28', '10.0.0.16/28'],
  controlPlaneDedicated: true,
  loadBalancers: ['10.0.1.0/24', '10.0.2.0/24'],
  services: '172.20.0.0/16',
  endpoints: ['10.0.48.0/24'],
};

/** Labels that every namespace made by a cluster has unless it says otherwise. */
export const GUARDED = { 'pod-security.kubernetes.io/enforce': 'baseline', 'pod-security.kubernetes.io/warn': 'restricted', 'pod-security.kubernetes.io/audit': 'restricted' };
