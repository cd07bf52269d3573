import { Size, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { CfnNodegroup } from 'aws-cdk-lib/aws-eks';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ClusterParts } from './cluster';
import { Diagnostic } from '../core/diagnostic';
import { NodegroupPlan, NodegroupRequest, planNodegroup } from '../core/plan/nodegroup';
import { Architecture } from '../core/plan/nodegroup-image';

/** A group of Linux nodes as users describe it; defaults are filled in by the plan. */
export interface NodegroupSpec {
  readonly instanceTypes?: ec2.InstanceType[];
  readonly amiType?: eks.NodegroupAmiType;
  readonly minSize?: number;
  readonly desiredSize?: number;
  readonly maxSize?: number;
  readonly diskSize?: Size;
  readonly labels?: { [key: string]: string };
  readonly taints?: eks.TaintSpec[];
  readonly capacityType?: eks.CapacityType;
  readonly metadataHopLimit?: number;
  /** Default: false. */
  readonly forceUpdate?: boolean;
}

export interface NodegroupParts {
  readonly nodegroup: eks.Nodegroup;
  readonly launchTemplate: ec2.LaunchTemplate;
  readonly role: iam.Role;
  readonly plan: NodegroupPlan;
  readonly diagnostics: readonly Diagnostic[];
}

/** A hardened node group in the cluster's node subnets, made after everything that nodes need. */
export function addNodegroup(parts: ClusterParts, scope: Construct, id: string, spec: NodegroupSpec = {}): NodegroupParts {
  const { plan, diagnostics } = planNodegroup(requestOf(scope, id, spec));
  const group = new Construct(scope, id);
  const role = createNodeRole(group);
  const launchTemplate = createLaunchTemplate(group, parts, plan);
  const nodegroup = new eks.Nodegroup(group, 'Nodegroup', {
    cluster: parts.eksCluster,
    amiType: plan.amiType as eks.NodegroupAmiType,
    nodeRole: role,
    subnets: { subnets: [...parts.network.nodes] },
    minSize: plan.minSize,
    desiredSize: plan.desiredSize,
    maxSize: plan.maxSize,
    labels: spec.labels,
    taints: spec.taints,
    capacityType: spec.capacityType,
    forceUpdate: spec.forceUpdate ?? false,
    launchTemplateSpec: { id: launchTemplate.launchTemplateId!, version: launchTemplate.latestVersionNumber },
  });
  // Not through the L2, which parses instance types and so refuses tokens.
  const resource = nodegroup.node.defaultChild as CfnNodegroup;
  resource.instanceTypes = [...plan.instanceTypes];
  // Nodes follow the control plane: it is upgraded first, because the group refers to it. Allowed where the launch template names
  // no image. https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html
  resource.version = parts.version.version;
  nodegroup.node.addDependency(parts.beforeNodes);
  parts.nodes.add(nodegroup);
  return { nodegroup, launchTemplate, role, plan, diagnostics };
}

/** https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html */
function createNodeRole(scope: Construct): iam.Role {
  return new iam.Role(scope, 'Role', {
    assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
    managedPolicies: [
      'AmazonEKSWorkerNodePolicy',
      'AmazonEC2ContainerRegistryPullOnly',
      // The VPC CNI gives the first pod of a node its address, so it cannot wait for an agent that runs there, as Pod Identity
      // would have it. Pods do not get this role: metadata answers with one hop, and a guardrail denies it.
      'AmazonEKS_CNI_Policy',
    ].map((name) => iam.ManagedPolicy.fromAwsManagedPolicyName(name)),
  });
}

function createLaunchTemplate(scope: Construct, { groups }: ClusterParts, plan: NodegroupPlan): ec2.LaunchTemplate {
  return new ec2.LaunchTemplate(scope, 'LaunchTemplate', {
    // A group named here keeps EKS from attaching its own, which lets all members talk to the control plane's interfaces.
    securityGroup: groups.nodes,
    requireImdsv2: true,
    httpEndpoint: true,
    httpPutResponseHopLimit: plan.metadataHopLimit,
    instanceMetadataTags: false,
    blockDevices: plan.volumes.map(({ device, sizeGiB }) => ({
      deviceName: device,
      volume: ec2.BlockDeviceVolume.ebs(sizeGiB, { encrypted: true, volumeType: ec2.EbsDeviceVolumeType.GP3, deleteOnTermination: true }),
    })),
  });
}

function requestOf(scope: Construct, id: string, spec: NodegroupSpec): NodegroupRequest {
  const diskSize = spec.diskSize?.toGibibytes();
  const { minSize, desiredSize, maxSize, metadataHopLimit } = spec;
  const numbers = { minSize, desiredSize, maxSize, metadataHopLimit, diskSize };
  return {
    ...numbers,
    subject: `nodegroup ${[scope.node.path, id].filter((part) => part !== '').join('/')}`,
    amiType: spec.amiType,
    taints: spec.taints?.map(({ effect }) => effect),
    instanceTypes: spec.instanceTypes?.map((type) => ({ name: type.toString(), architecture: architectureOf(type) })),
    unresolved: Object.entries(numbers).filter(([, value]) => Token.isUnresolved(value)).map(([name]) => name),
  };
}

function architectureOf(type: ec2.InstanceType): Architecture | undefined {
  if (Token.isUnresolved(type.toString())) return undefined;
  return type.architecture === ec2.InstanceArchitecture.ARM_64 ? 'arm64' : 'x86_64';
}
