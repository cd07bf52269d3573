import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import { LayerVersion } from 'aws-cdk-lib/aws-lambda';
import { Policy } from '../../../src/core/policy/policy';
import { KubernetesNetwork, PoliciesToDeploy } from '../../../src/kubernetes/deploy/network';

export interface TestNetwork {
  readonly app: App;
  readonly stack: Stack;
  readonly cluster: eks.Cluster;
  readonly network: KubernetesNetwork;
  readonly nodes: eks.Nodegroup;
}

/** A cluster without nodes and without a network. */
export function testCluster(stack: Stack, clusterName?: string): eks.Cluster {
  return new eks.Cluster(stack, 'Cluster', {
    clusterName,
    version: eks.KubernetesVersion.V1_35,
    defaultCapacityType: eks.DefaultCapacityType.NODEGROUP,
    defaultCapacity: 0,
    kubectlProviderOptions: { kubectlLayer: LayerVersion.fromLayerVersionArn(stack, 'Kubectl', 'arn:aws:lambda:eu-west-1:111122223333:layer:kubectl:1') },
  });
}

/** With one node group, which waits for the CNI's rights and which Calico waits for. */
export function testNetwork(app = new App(), clusterName?: string): TestNetwork {
  const stack = new Stack(app, 'Platform');
  const cluster = testCluster(stack, clusterName);
  const network = new KubernetesNetwork(stack, 'Network', { cluster });
  const nodes = cluster.addNodegroupCapacity('Nodes');
  nodes.node.addDependency(network.awsNodeRbac);
  network.prerequisites.add(nodes);
  return { app, stack, cluster, network, nodes };
}

export function somePolicy(name: string): Policy {
  return { kind: 'GlobalNetworkPolicy', name, tier: 'eks-allow', types: ['Egress'], egress: [{ action: 'Allow' }] };
}

export function somePolicies(towards: PoliciesToDeploy['towards'] = 'enforcing'): PoliciesToDeploy {
  return {
    tiers: [{ name: 'eks-allow', order: 2000, defaultAction: 'Pass' }],
    allows: [somePolicy('allow')],
    exemptions: [somePolicy('exemption')],
    denials: [somePolicy('denial')],
    defaultDeny: [somePolicy('default-deny')],
    towards,
  };
}

export const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
export const CONFIG = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'config', namespace: 'shop' }, data: { a: 'b' } };

interface Resource {
  readonly Type: string;
  readonly Properties: { readonly [name: string]: unknown };
  readonly DependsOn?: string[];
}

/** Releases and the barrier by name, and what each waits for, reduced to the same words. */
export class Walk {
  private readonly resources: { readonly [id: string]: Resource };

  public constructor(stack: Stack) {
    this.resources = Template.fromStack(stack).toJSON().Resources;
  }

  public names(): string[] {
    return Object.keys(this.resources).map((id) => this.nameOf(id)).filter((name) => name !== undefined);
  }

  public idOf(name: string): string {
    const id = Object.keys(this.resources).find((candidate) => this.nameOf(candidate) === name);
    if (id === undefined) throw new Error(`no ${name}`);
    return id;
  }

  public propertiesOf(name: string): Resource['Properties'] {
    return this.resources[this.idOf(name)].Properties;
  }

  public resource(name: string): Resource {
    return this.resources[this.idOf(name)];
  }

  /** Named resources that `name` waits for directly. */
  public waitsFor(name: string): string[] {
    return (this.resources[this.idOf(name)].DependsOn ?? []).map((id) => this.nameOf(id)).filter((other) => other !== undefined).sort();
  }

  /** Whether `later` waits for `earlier`, over any number of steps, by DependsOn or reference. */
  public reaches(later: string, earlier: string): boolean {
    const target = this.idOf(earlier);
    const seen = new Set<string>();
    const queue = [this.idOf(later)];
    for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
      if (seen.has(id) || !(id in this.resources)) continue;
      seen.add(id);
      const references = [...JSON.stringify(this.resources[id].Properties ?? {}).matchAll(/"(?:Ref|Fn::GetAtt)":\[?"([^"]+)"/g)].map(([, other]) => other);
      queue.push(...this.resources[id].DependsOn ?? [], ...references);
    }
    return later !== earlier && seen.has(target);
  }

  private nameOf(id: string): string | undefined {
    const { Type, Properties } = this.resources[id];
    if (Type === 'Custom::AWSCDK-EKS-HelmChart') return String(Properties.Release);
    if (Type === 'Custom::AWSCDK-EKS-KubernetesObjectValue') return 'calico-api';
    if (Type === 'AWS::EKS::Nodegroup') return 'nodes';
    if (Type === 'AWS::EKS::Cluster') return 'cluster';
    return undefined;
  }
}
