import { KubectlV35Layer } from '@aws-cdk/lambda-layer-kubectl-v35';
import { App, AppProps, RemovalPolicy, Stack, StackProps } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { AddonVersions, createAddonsAfterNodes, createAddonsBeforeNodes } from '../../src/aws/addons';
import { ClusterOptions, ClusterParts, createCluster } from '../../src/aws/cluster';
import { readGivenVpc, SubnetSelections } from '../../src/aws/given-vpc';
import { addNodegroup, NodegroupParts, NodegroupSpec } from '../../src/aws/nodegroup';
import { ClusterVpc, createVpc } from '../../src/aws/vpc';
import { Diagnostic } from '../../src/core/diagnostic';
import { NetworkPlan, NetworkRequest, planNetwork } from '../../src/core/plan/network-plan';

export const ADMIN_ARN = 'arn:aws:iam::111122223333:role/platform';
const KEPT = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
export const ENV: StackProps = { env: { account: '111122223333', region: 'eu-west-1' } };

/** Zones that the CLI would have looked up. */
export function zones(...names: string[]): AppProps {
  return { context: { 'availability-zones:account=111122223333:region=eu-west-1': names } };
}

export interface Built {
  readonly stack: Stack;
  readonly plan: NetworkPlan;
  readonly parts: ClusterParts;
  readonly group: NodegroupParts;
  readonly diagnostics: readonly Diagnostic[];
}

export interface BuildOptions {
  readonly app?: AppProps;
  readonly stack?: StackProps;
  readonly request?: Partial<NetworkRequest>;
  readonly cluster?: Partial<ClusterOptions>;
  readonly nodegroup?: NodegroupSpec;
  readonly addons?: AddonVersions;
  /** Made in the stack, and given. */
  readonly vpc?: (stack: Stack) => ec2.IVpc;
  readonly subnets?: SubnetSelections;
  /** What else a test needs in the stack, before the cluster. */
  readonly with?: (stack: Stack) => Pick<BuildOptions, 'request' | 'cluster' | 'nodegroup' | 'addons'>;
}

/** The AWS part as the composition root builds it: one cluster, one node group. */
export function build(options: BuildOptions = {}): Built {
  const stack = new Stack(new App(options.app), 'Demo', options.stack);
  const more = options.with?.(stack) ?? {};
  const given = options.vpc && readGivenVpc(stack, options.vpc(stack), options.subnets);
  const { plan, diagnostics } = planNetwork({ admins: 1, givenVpc: given?.facts, ...options.request, ...more.request });
  const network: ClusterVpc = given?.network ?? createVpc(stack, plan, { removalPolicy: KEPT });
  const parts = createCluster(stack, {
    plan,
    network,
    removalPolicy: KEPT,
    version: eks.KubernetesVersion.V1_35,
    kubectlLayer: new KubectlV35Layer(stack, 'Kubectl'),
    admins: [iam.Role.fromRoleArn(stack, 'Platform', ADMIN_ARN)],
    ...options.cluster,
    ...more.cluster,
  });
  const versions = options.addons ?? more.addons;
  createAddonsBeforeNodes(parts, versions);
  const group = addNodegroup(parts, stack, 'Workers', { ...options.nodegroup, ...more.nodegroup });
  createAddonsAfterNodes(parts, versions);
  return { stack, plan, parts, group, diagnostics: [...diagnostics, ...group.diagnostics] };
}

export function templateOf(options: BuildOptions = {}): Template {
  return Template.fromStack(build(options).stack);
}

export interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, any>;
  readonly DependsOn?: string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** Logical id -> resource. */
export function resources(template: Template): Record<string, Resource> {
  return template.toJSON().Resources;
}

export function only(template: Template, type: string): Resource {
  const found = Object.values(template.findResources(type));
  expect(found).toHaveLength(1);
  return found[0] as Resource;
}

/** Codes of a list of diagnostics. */
export function codes(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.map(({ code }) => code);
}

export function warnings(stack: Stack): string[] {
  return Annotations.fromStack(stack).findWarning('*', Match.anyValue()).map(({ entry }) => String(entry.data));
}
