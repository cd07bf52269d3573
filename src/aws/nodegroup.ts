import { createHash } from 'crypto';
import { Size, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { CfnNodegroup } from 'aws-cdk-lib/aws-eks';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { attempt } from './attempt';
import { ClusterParts } from './cluster';
import { blockDevicesOf, METADATA_OPTIONS, NODE_POLICIES } from './node-hardening';
import { grantToAutoScaling } from './volume-key';
import { Diagnostic } from '../core/diagnostic';
import { NodegroupPlan, NodegroupRequest, planNodegroup } from '../core/plan/nodegroup';
import { Architecture } from '../core/plan/nodegroup-image';

/** A group of Linux nodes as users describe it, member by member as the public options (a test says so); defaults are filled in by the plan. */
export interface NodegroupSpec {
  readonly instanceTypes?: ec2.InstanceType[];
  readonly amiType?: eks.NodegroupAmiType;
  readonly minSize?: number;
  readonly desiredSize?: number;
  readonly maxSize?: number;
  readonly diskSize?: Size;
  readonly volumeEncryptionKey?: kms.IKey;
  readonly labels?: { [key: string]: string };
  readonly taints?: eks.TaintSpec[];
  readonly capacityType?: eks.CapacityType;
  readonly metadataHopLimit?: number;
  /** Default: false. */
  readonly forceUpdate?: boolean;
  readonly maxUnavailable?: number;
  readonly maxUnavailablePercentage?: number;
}

export interface NodegroupParts {
  readonly nodegroup: eks.Nodegroup;
  readonly launchTemplate: ec2.LaunchTemplate;
  readonly role: iam.Role;
  readonly plan: NodegroupPlan;
  /** Another text whenever EKS would be told something else of the group. */
  readonly settings: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** A hardened node group in the cluster's node subnets, made after everything that nodes need. */
export function addNodegroup(parts: ClusterParts, scope: Construct, id: string, spec: NodegroupSpec = {}): NodegroupParts {
  const taints = parts.commonTaints.length === 0 ? spec.taints : [...spec.taints ?? [], ...parts.commonTaints];
  const request = { ...requestOf(scope, id, { ...spec, taints }), toleratedTaints: parts.toleratedTaints };
  const { plan, diagnostics } = planNodegroup(request);
  const group = new Construct(scope, id);
  const role = createNodeRole(group);
  const launchTemplate = createLaunchTemplate(group, parts, plan, spec.volumeEncryptionKey);
  if (spec.volumeEncryptionKey) diagnostics.push(...grantToAutoScaling(group, spec.volumeEncryptionKey, request.subject));
  const nodegroup = new eks.Nodegroup(group, 'Nodegroup', {
    cluster: parts.eksCluster,
    amiType: plan.amiType as eks.NodegroupAmiType,
    nodeRole: role,
    subnets: { subnets: [...parts.network.nodes] },
    minSize: plan.minSize,
    desiredSize: plan.desiredSize,
    maxSize: plan.maxSize,
    labels: knownLabels(spec),
    taints,
    capacityType: spec.capacityType,
    forceUpdate: spec.forceUpdate ?? false,
    launchTemplateSpec: { id: launchTemplate.launchTemplateId!, version: launchTemplate.latestVersionNumber },
  });
  // Not through the L2, which parses instance types and compares numbers, and so refuses tokens.
  const resource = nodegroup.node.defaultChild as CfnNodegroup;
  resource.instanceTypes = [...plan.instanceTypes];
  const { maxUnavailable, maxUnavailablePercentage } = plan;
  if (maxUnavailable !== undefined || maxUnavailablePercentage !== undefined) resource.updateConfig = { maxUnavailable, maxUnavailablePercentage };
  // Nodes follow the control plane: it is upgraded first, because the group refers to it. Allowed where the launch template names
  // no image. https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html
  resource.version = parts.version.version;
  nodegroup.node.addDependency(parts.beforeNodes);
  parts.nodes.add(nodegroup);
  return { nodegroup, launchTemplate, role, plan, diagnostics, settings: digestOf({ id, plan, labels: spec.labels, taints, version: parts.version.version }) };
}

/** Of tokens only that they are there. */
function digestOf(value: object): string {
  return createHash('sha256').update(JSON.stringify(value, (_, item) => Token.isUnresolved(item) ? 'token' : item)).digest('hex').slice(0, 16);
}

function createNodeRole(scope: Construct): iam.Role {
  return new iam.Role(scope, 'Role', {
    assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
    managedPolicies: NODE_POLICIES.map((name) => iam.ManagedPolicy.fromAwsManagedPolicyName(name)),
  });
}

function createLaunchTemplate(scope: Construct, { groups }: ClusterParts, plan: NodegroupPlan, key?: kms.IKey): ec2.LaunchTemplate {
  return new ec2.LaunchTemplate(scope, 'LaunchTemplate', {
    // A group named here keeps EKS from attaching its own, which lets all members talk to the control plane's interfaces.
    securityGroup: groups.nodes,
    ...METADATA_OPTIONS,
    httpPutResponseHopLimit: plan.metadataHopLimit,
    blockDevices: blockDevicesOf(plan.volumes, key),
  });
}

function requestOf(scope: Construct, id: string, spec: NodegroupSpec): NodegroupRequest {
  const diskSize = spec.diskSize?.toGibibytes();
  const { minSize, desiredSize, maxSize, metadataHopLimit, maxUnavailable, maxUnavailablePercentage } = spec;
  const numbers = { minSize, desiredSize, maxSize, metadataHopLimit, maxUnavailable, maxUnavailablePercentage, diskSize };
  return {
    ...numbers,
    subject: `nodegroup ${[scope.node.path, id].filter((part) => part !== '').join('/')}`,
    amiType: spec.amiType,
    labels: spec.labels,
    taints: spec.taints,
    instanceTypes: spec.instanceTypes?.map((type) => ({ name: type.toString(), architecture: architectureOf(type) })),
    unresolved: Object.entries(numbers).filter(([, value]) => Token.isUnresolved(value)).map(([name]) => name),
  };
}

/** No template has a name that is a token. */
function knownLabels({ labels }: NodegroupSpec): NodegroupSpec['labels'] {
  return labels && Object.fromEntries(Object.entries(labels).filter(([key]) => !Token.isUnresolved(key)));
}

/** Undefined for a token, and for a text that is no type. */
export function architectureOf(type: ec2.InstanceType): Architecture | undefined {
  if (Token.isUnresolved(type.toString())) return undefined;
  const known = attempt(() => type.architecture);
  return known && (known === ec2.InstanceArchitecture.ARM_64 ? 'arm64' : 'x86_64');
}
