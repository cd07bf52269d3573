import { CfnParameter, CfnResource, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import { build, only, Resource, resources, templateOf } from './fixture';
import { AddonVersions, createAddon } from '../../src/aws/addons';

const template = templateOf();
const all = resources(template);

/** Everything that must exist before a resource: what it depends on or refers to, and so on. */
function before(id: string, seen = new Set<string>()): Set<string> {
  const { DependsOn = [], ...rest } = all[id];
  for (const next of [...DependsOn, ...references(rest)]) {
    if (next in all && !seen.has(next)) before(next, seen.add(next));
  }
  return seen;
}

function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'Ref' && typeof inner === 'string') return [inner];
    if (key === 'Fn::GetAtt' && Array.isArray(inner)) return [inner[0]];
    return references(inner);
  });
}

function idOf(type: string, properties: Record<string, unknown> = {}): string {
  const matches = ({ Type, Properties }: Resource) => Type === type && Object.entries(properties).every(([key, value]) => Properties[key] === value);
  const ids = Object.keys(all).filter((id) => matches(all[id]));
  expect(ids).toHaveLength(1);
  return ids[0];
}

const addon = (AddonName: string) => idOf('AWS::EKS::Addon', { AddonName });
const nodegroup = () => idOf('AWS::EKS::Nodegroup');

test.each(['vpc-cni', 'kube-proxy'])('%s comes before nodes', (name) => {
  expect(before(nodegroup())).toContain(addon(name));
  expect(before(addon(name))).not.toContain(nodegroup());
});

test.each(['coredns', 'eks-pod-identity-agent'])('%s comes after nodes', (name) => {
  expect(before(addon(name))).toContain(nodegroup());
});

test('every rule between the groups comes before nodes', () => {
  const rules = Object.keys(all).filter((id) => /SecurityGroup(In|E)gress$/.test(all[id].Type));
  expect(rules).toHaveLength(6);
  expect([...before(nodegroup())]).toEqual(expect.arrayContaining(rules));
});

test('whatever else is put before nodes comes before them, also afterwards', () => {
  const { stack, parts } = build();
  parts.beforeNodes.add(new CfnResource(stack, 'Rbac', { type: 'Custom::Rbac' }));
  expect(only(Template.fromStack(stack), 'AWS::EKS::Nodegroup').DependsOn).toContain('Rbac');
});

test('the log group comes before the cluster', () => {
  expect(before(idOf('AWS::EKS::Cluster'))).toContain(idOf('AWS::Logs::LogGroup', { LogGroupName: '/aws/eks/Demo/cluster' }));
});

test('nothing waits for itself', () => {
  for (const id of Object.keys(all)) expect([id, before(id).has(id)]).toEqual([id, false]);
});

describe('add-ons', () => {
  test('annotate pods with their address, leave policy to Calico, and take back what was edited', () => {
    expect(all[addon('vpc-cni')].Properties).toEqual({
      AddonName: 'vpc-cni',
      ClusterName: { Ref: 'ClusterEB0386A7' },
      ConfigurationValues: '{"env":{"ANNOTATE_POD_IP":"true"},"enableNetworkPolicy":"false"}',
      ResolveConflicts: 'OVERWRITE',
    });
    expect(all[addon('kube-proxy')].Properties).toEqual({ AddonName: 'kube-proxy', ClusterName: { Ref: 'ClusterEB0386A7' }, ResolveConflicts: 'OVERWRITE' });
  });

  test('have the versions that are named, literal or not', () => {
    const versions = (addons: (stack: Stack) => AddonVersions) => Object.values(templateOf({ with: (stack) => ({ addons: addons(stack) }) }).findResources('AWS::EKS::Addon'))
      .map(({ Properties }) => [Properties.AddonName, Properties.AddonVersion]);
    expect(versions(() => ({ vpcCni: 'v1', kubeProxy: 'v2', coreDns: 'v3', podIdentityAgent: 'v4' }))).toEqual(expect.arrayContaining([
      ['vpc-cni', 'v1'], ['kube-proxy', 'v2'], ['coredns', 'v3'], ['eks-pod-identity-agent', 'v4'],
    ]));
    expect(versions((stack) => ({ coreDns: new CfnParameter(stack, 'Dns').valueAsString }))).toContainEqual(['coredns', { Ref: 'Dns' }]);
  });

  test('may be others, after what they need', () => {
    const { stack, parts } = build();
    createAddon(parts, 'MetricsServer', 'metrics-server', { version: 'v1', configuration: { replicas: 2 }, after: [parts.nodes] });
    Template.fromStack(stack).hasResource('AWS::EKS::Addon', {
      Properties: { AddonName: 'metrics-server', AddonVersion: 'v1', ConfigurationValues: '{"replicas":2}', ResolveConflicts: 'OVERWRITE' },
      DependsOn: [nodegroup()],
    });
  });

  test('of pods with an identity share the agent', () => {
    const { stack, parts } = build();
    parts.eksCluster.addServiceAccount('Reader', { identityType: eks.IdentityType.POD_IDENTITY });
    Template.fromStack(stack).resourceCountIs('AWS::EKS::Addon', 4);
  });

  test('are four', () => {
    template.resourceCountIs('AWS::EKS::Addon', 4);
    expect(only(template, 'AWS::EKS::Cluster').Properties.BootstrapSelfManagedAddons).toBe(false);
  });
});
