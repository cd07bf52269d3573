import { CfnOutput, CfnResource, Fn } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { CfnEIPAssociation, CfnInstance } from 'aws-cdk-lib/aws-ec2';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Fault, Healthy } from '../fixture';

const TOKEN = ({ cluster }: Healthy) => cluster.eksCluster.kubectlProvider!.serviceToken;
const raw = (type: string, properties: object = {}): Fault['apply'] => (app) => {
  new CfnResource(app.stack, 'Raw', { type, properties: { ServiceToken: TOKEN(app), ...properties } });
};
const POLICY = JSON.stringify([{ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'all', namespace: 'shop' }, spec: { podSelector: {}, ingress: [{}] } }]);
const HARMLESS = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } };

/** What reaches the cluster past the network, and past the checks of it. */
export const FOREIGN_FAULTS: Fault[] = [
  { name: 'a policy by the functions of the cluster', code: 'policyOutsideModel', lateCode: 'addedLate', apply: raw('Custom::AWSCDK-EKS-KubernetesResource', { Manifest: POLICY }) },
  { name: 'a patch of a policy by the functions of the cluster', code: 'patchOutsideModel', lateCode: 'addedLate', apply: raw('Custom::AWSCDK-EKS-KubernetesPatch', { ResourceName: 'globalnetworkpolicies.projectcalico.org/eks-default-deny.everything', ApplyPatchJson: '{}' }) },
  { name: 'a patch of Calico', code: 'patchOutsideModel', lateCode: 'addedLate', apply: ({ stack, cluster }) => {
    new eks.KubernetesPatch(stack, 'Patch', { cluster: cluster.eksCluster, resourceName: 'daemonset/calico-node', resourceNamespace: 'calico-system', applyPatch: { spec: {} }, restorePatch: {} });
  } },
  { name: 'a patch of what only the deployment knows', code: 'patchOutsideModel', lateCode: 'addedLate', apply: raw('Custom::AWSCDK-EKS-KubernetesPatch', { ResourceName: { 'Fn::ImportValue': 'name' } }) },
  { name: 'a manifest added by an aspect', code: 'addedLate', onlyLate: true, apply: ({ stack, cluster }) => {
    new eks.KubernetesManifest(stack, 'Late', { cluster: cluster.eksCluster, manifest: [HARMLESS] });
  } },
  { name: 'a manifest in the resource of the functions, added by an aspect', code: 'addedLate', onlyLate: true, apply: raw('Custom::AWSCDK-EKS-KubernetesResource', { Manifest: '[]' }) },
  { name: 'a patch added by an aspect', code: 'addedLate', onlyLate: true, apply: raw('Custom::AWSCDK-EKS-KubernetesPatch', { ResourceName: 'deployment/web' }) },
  { name: 'a chart added by an aspect', code: 'addedLate', onlyLate: true, apply: ({ cluster }) => { cluster.eksCluster.addHelmChart('Late', { chart: 'nginx' }); } },
  { name: 'an add-on added by an aspect', code: 'addedLate', onlyLate: true, apply: ({ stack, cluster }) => { new eks.Addon(stack, 'Late', { cluster: cluster.eksCluster, addonName: 'adot' }); } },
  { name: 'an add-on added by an aspect in another stack', code: 'addedLate', onlyLate: true, apply: ({ other, cluster }) => {
    new CfnResource(other, 'Late', { type: 'AWS::EKS::Addon', properties: { ClusterName: cluster.clusterName, AddonName: 'adot' } });
  } },
  { name: 'a custom resource of another type, by the functions of the cluster', code: 'functionOpened', apply: raw('Custom::Mine') },
  { name: 'a manifest that no longer waits', code: 'orderLost', onlyLate: true, apply: ({ stack, cluster }) => {
    const [manifest] = cluster.eksCluster.node.findAll().filter((each) => CfnResource.isCfnResource(each) && each.cfnResourceType === 'Custom::AWSCDK-EKS-KubernetesResource') as CfnResource[];
    (manifest ?? new CfnResource(stack, 'None', { type: 'X::Y::Z' })).addOverride('DependsOn', []);
  }, before: ({ cluster }) => { cluster.eksCluster.addManifest('Early', HARMLESS); } },
  { name: 'nodes of another stack', code: 'nodesOutsideModel', apply: ({ other, cluster }) => { new CfnResource(other, 'Nodes', { type: 'AWS::EKS::Nodegroup', properties: { ClusterName: cluster.clusterName } }); } },
  { name: 'nodes of another stack, by an exported name', code: 'nodesOutsideModel', apply: ({ stack, other, cluster }) => {
    new CfnOutput(stack, 'Name', { value: cluster.clusterName, exportName: 'cluster-name' });
    new CfnResource(other, 'Nodes', { type: 'AWS::EKS::Nodegroup', properties: { ClusterName: Fn.importValue('cluster-name') } });
  } },
  { name: 'nodes of another stack, by the literal name', code: 'nodesOutsideModel', options: { cluster: { clusterName: 'platform' } }, apply: ({ other }) => { new CfnResource(other, 'Nodes', { type: 'AWS::EKS::Nodegroup', properties: { ClusterName: 'platform' } }); } },
  { name: 'pods on Fargate, from another stack', code: 'fargateOutsideNetwork', apply: ({ other, cluster }) => { new CfnResource(other, 'Pods', { type: 'AWS::EKS::FargateProfile', properties: { ClusterName: cluster.clusterName } }); } },
];

const instance = ({ stack, at }: Healthy, group = 'NodeSecurityGroup', more: object = {}) => new CfnInstance(stack, 'Instance', { imageId: 'ami-1', securityGroupIds: [at(group).getAtt('GroupId').toString()], ...more });

/** Addresses, egress, versions, names. */
export const OTHER_FAULTS: Fault[] = [
  { name: 'a public address of a node', code: 'nodePublicAddress', apply: (app) => { new CfnEIPAssociation(app.stack, 'Address', { allocationId: 'eipalloc-1', instanceId: instance(app).ref }); } },
  { name: 'a public address of a node, on the address itself', code: 'nodePublicAddress', apply: (app) => { new CfnResource(app.stack, 'Address', { type: 'AWS::EC2::EIP', properties: { InstanceId: instance(app).ref } }); } },
  { name: 'a public address of an interface of a node', code: 'nodePublicAddress', apply: (app) => {
    const face = new CfnResource(app.stack, 'Face', { type: 'AWS::EC2::NetworkInterface', properties: { GroupSet: [app.at('NodeSecurityGroup').getAtt('GroupId')] } });
    new CfnEIPAssociation(app.stack, 'Address', { allocationId: 'eipalloc-1', networkInterfaceId: face.ref });
  } },
  { name: 'a public address of the bastion', code: 'nodePublicAddress', before: ({ cluster }) => { cluster.addBastion('Bastion'); }, apply: ({ app, other }) => {
    const bastion = app.node.findAll().find((each) => CfnResource.isCfnResource(each) && each.cfnResourceType === 'AWS::EC2::Instance') as CfnResource;
    new CfnEIPAssociation(other, 'Address', { allocationId: 'eipalloc-1', instanceId: bastion.ref });
  } },
  { name: 'a node made elsewhere that asks for a public address', code: 'nodePublicAddress', apply: (app) => {
    new CfnResource(app.stack, 'Node', { type: 'AWS::AutoScaling::LaunchConfiguration', properties: { SecurityGroups: [app.at('NodeSecurityGroup').getAtt('GroupId')], AssociatePublicIpAddress: true } });
  } },
  { name: 'nodes made elsewhere alone, open to the world', code: 'groupOpenToWorld', options: { nodes: false }, before: ({ cluster }) => { cluster.nodeRequirements.admitRole('Nodes', iam.Role.fromRoleArn(cluster, 'Nodes', 'arn:aws:iam::111122223333:role/nodes')); },
    apply: ({ cluster }) => cluster.connections.allowFromAnyIpv4(ec2.Port.tcp(8080)) },
  { name: 'nodes that reach nothing', code: 'nodeEgressNarrowed', apply: ({ at }) => at('NodeSecurityGroup').addPropertyOverride('SecurityGroupEgress', [{ CidrIp: '255.255.255.255/32', IpProtocol: 'icmp', FromPort: 252, ToPort: 86 }]) },
  { name: 'nodes that reach a few addresses', code: 'nodeEgressNarrowed', apply: ({ at }) => at('NodeSecurityGroup').addPropertyOverride('SecurityGroupEgress', [{ CidrIp: '10.0.0.0/8', IpProtocol: '-1' }]) },
  { name: 'nodes that reach few ports', code: 'nodeEgressNarrowed', apply: ({ at }) => at('NodeSecurityGroup').addPropertyOverride('SecurityGroupEgress.0', { CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 80, ToPort: 80 }) },
  { name: 'a VPC CNI that knows no annotation', code: 'addonVersionOld', apply: ({ at }) => at('VpcCni').addPropertyOverride('AddonVersion', 'v1.9.1-eksbuild.1') },
  { name: 'a VPC CNI that knows no annotation, by the option', code: 'addonVersionOld', options: { cluster: { addonVersions: { vpcCni: 'v1.7.5-eksbuild.2' } } }, apply: () => undefined },
  { name: 'a version of the VPC CNI that only the deployment knows', code: 'templateValueUnknown', apply: ({ at }) => at('VpcCni').addPropertyOverride('AddonVersion', { 'Fn::ImportValue': 'version' }) },
  { name: 'a macro of every stack', code: 'templateTransformed', apply: ({ app }) => app.node.findAll().forEach((each) => { if ('addTransform' in each) (each as any).addTransform('Rewrite'); }) },
  { name: 'a macro of another stack that deploys to the cluster', code: 'templateTransformed', apply: ({ other, cluster }) => {
    new CfnResource(other, 'Nodes', { type: 'AWS::EKS::PodIdentityAssociation', properties: { ClusterName: cluster.clusterName, Namespace: 'a', ServiceAccount: 'b', RoleArn: 'arn:aws:iam::111122223333:role/one' } });
    other.addTransform('Rewrite');
  } },
  { name: 'a macro inside a resource', code: 'templateTransformed', apply: ({ at }) => at('ControlPlaneLogs').addPropertyOverride('DataProtectionPolicy', { 'Fn::Transform': { Name: 'AWS::Include', Parameters: { Location: 's3://x' } } }) },
  { name: 'another logical id of the cluster', code: 'logicalIdChanged', apply: ({ eks: cluster }) => cluster.overrideLogicalId('Renamed') },
  { name: 'another logical id of a subnet', code: 'logicalIdChanged', apply: ({ at }) => at('Vpc/nodeSubnet1/Subnet').overrideLogicalId('Renamed') },
];
