import { CfnOutput, Fn, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { attempt } from './attempt';
import { ClusterParts } from './cluster';
import { architectureOf } from './nodegroup';
import { HTTPS } from './security-groups';
import { Diagnostic } from '../core/diagnostic';
import { BastionPlan, BastionPolicy, planBastion } from '../core/plan/bastion';

/** A bastion as users describe it. */
export interface BastionSpec {
  readonly accessPolicies: readonly eks.IAccessPolicy[];
  /** Default: t4g.nano. */
  readonly instanceType?: ec2.InstanceType;
}

export interface BastionParts {
  readonly instance: ec2.Instance;
  readonly securityGroup: ec2.SecurityGroup;
  readonly role: iam.Role;
  readonly plan: BastionPlan;
  readonly diagnostics: readonly Diagnostic[];
}

/** Enough for a session: it forwards bytes. */
const DEFAULT_TYPE = ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.NANO);

/** Of the user's machine. */
const LOCAL_PORT = 8443;

/** An instance that forwards connections to the private endpoint and lets nobody in but through Systems Manager. */
export function createBastion(scope: Construct, parts: ClusterParts, spec: BastionSpec): BastionParts {
  const { instanceType = DEFAULT_TYPE } = spec;
  const known = new Map(spec.accessPolicies.map((policy) => [toPlanned(policy), policy]));
  const { plan, diagnostics } = planBastion({ subject: `bastion ${scope.node.path}`, architecture: architectureOf(instanceType), policies: [...known.keys()] });
  const { vpc } = parts.network;
  const securityGroup = new ec2.SecurityGroup(scope, 'SecurityGroup', {
    vpc,
    description: `Bastion of EKS cluster ${parts.clusterName}`,
    allowAllOutbound: false,
  });
  // Systems Manager has neither a prefix list nor fixed addresses, where it is not reached by endpoints in the VPC.
  const reached = parts.isolated ? attempt(() => vpc.vpcCidrBlock) : undefined;
  securityGroup.addEgressRule(reached === undefined ? ec2.Peer.anyIpv4() : ec2.Peer.ipv4(reached), ec2.Port.tcp(HTTPS), 'API endpoint, and Systems Manager');
  parts.groups.controlPlane.admit(scope, 'ToApi', securityGroup, ec2.Port.tcp(HTTPS), 'Bastion to the API endpoint');
  const role = new iam.Role(scope, 'Role', {
    assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
    // https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-instance-permissions.html
    managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('AmazonSSMManagedInstanceCore')],
  });
  const instance = new ec2.Instance(scope, 'Instance', {
    vpc,
    vpcSubnets: { subnets: [subnetOf(scope, parts.network.nodes[0])] },
    instanceType,
    // Read at each deployment: a newer image replaces the instance, which holds nothing.
    machineImage: ec2.MachineImage.latestAmazonLinux2023({ cpuType: plan.architecture === 'arm64' ? ec2.AmazonLinuxCpuType.ARM_64 : ec2.AmazonLinuxCpuType.X86_64 }),
    securityGroup,
    role,
    associatePublicIpAddress: false,
    ebsOptimized: true,
    httpTokens: ec2.HttpTokens.REQUIRED,
    httpPutResponseHopLimit: 1,
    blockDevices: [{
      deviceName: '/dev/xvda',
      volume: ec2.BlockDeviceVolume.ebs(8, { encrypted: true, volumeType: ec2.EbsDeviceVolumeType.GP3, deleteOnTermination: true }),
    }],
  });
  // The subnet says it, also where nobody here knows it.
  instance.instance.availabilityZone = undefined;
  const accessPolicies = plan.policies.map((policy) => known.get(policy)!);
  if (accessPolicies.length > 0) new eks.AccessEntry(scope, 'Access', { cluster: parts.eksCluster, principal: role.roleArn, accessPolicies });
  tellHowToUse(scope, parts.eksCluster, instance);
  return { instance, securityGroup, role, plan, diagnostics };
}

/** The certificate of the endpoint names its host, not the user's machine: kubectl has to be told which name to expect. */
function tellHowToUse(scope: Construct, cluster: eks.Cluster, instance: ec2.Instance): void {
  const host = Fn.select(2, Fn.split('/', cluster.clusterEndpoint));
  const { region } = Stack.of(scope);
  // https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-sessions-start.html
  new CfnOutput(scope, 'PortForwardCommand', {
    description: 'Forwards a port of your machine to the API endpoint',
    value: `aws ssm start-session --region ${region} --target ${instance.instanceId} --document-name AWS-StartPortForwardingSessionToRemoteHost`
      + ` --parameters host=${host},portNumber=${HTTPS},localPortNumber=${LOCAL_PORT}`,
  });
  new CfnOutput(scope, 'KubectlCommand', {
    description: 'Points kubectl at the forwarded port, after aws eks update-kubeconfig',
    value: `kubectl config set-cluster ${cluster.clusterArn} --server=https://localhost:${LOCAL_PORT} --tls-server-name=${host}`,
  });
}

function toPlanned({ policy, accessScope }: eks.IAccessPolicy): BastionPolicy {
  const [, name] = /([A-Za-z0-9]+)$/.exec(policy) ?? [];
  return { name, namespaces: accessScope.type === eks.AccessScopeType.NAMESPACE ? accessScope.namespaces ?? [] : undefined };
}

/** An instance asks its subnet for a zone, which a subnet known by its id alone does not tell. */
function subnetOf(scope: Construct, subnet: ec2.ISubnet): ec2.ISubnet {
  return attempt(() => subnet.availabilityZone) !== undefined ? subnet : ec2.Subnet.fromSubnetAttributes(scope, 'Subnet', { subnetId: subnet.subnetId, availabilityZone: 'unknown' });
}
