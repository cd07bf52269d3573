import { App, CfnOutput, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';

/** The cluster of `synth-with-library.ts` as an engineer would write it with aws-eks-v2 alone: same resources, no checks, no report. */
const app = new App({ outdir: process.argv[2] });
const stack = new Stack(app, 'Bench');
const vpc = new ec2.Vpc(stack, 'Vpc', {
  maxAzs: 3,
  natGateways: 3,
  subnetConfiguration: [
    { name: 'public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 23 },
    { name: 'node', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 19 },
    { name: 'lb', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 23 },
    { name: 'control-plane', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 27 },
    { name: 'endpoint', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
  ],
});
vpc.addGatewayEndpoint('S3', { service: ec2.GatewayVpcEndpointAwsService.S3 });
vpc.addFlowLog('FlowLog', { destination: ec2.FlowLogDestination.toCloudWatchLogs(new logs.LogGroup(stack, 'FlowLogs')) });
vpc.selectSubnets({ subnetGroupName: 'lb' }).subnets.forEach((subnet) => Tags.of(subnet).add('kubernetes.io/role/internal-elb', '1'));
const clusterName = 'bench';
new logs.LogGroup(stack, 'Logs', { logGroupName: `/aws/eks/${clusterName}/cluster`, removalPolicy: RemovalPolicy.RETAIN });
const nodes = new ec2.SecurityGroup(stack, 'Nodes', { vpc });
const controlPlane = new ec2.SecurityGroup(stack, 'ControlPlane', { vpc, allowAllOutbound: false });
nodes.addIngressRule(nodes, ec2.Port.allTraffic());
controlPlane.addIngressRule(nodes, ec2.Port.tcp(443));
for (const port of [10250, 5443, 10251]) nodes.addIngressRule(controlPlane, ec2.Port.tcp(port), undefined, true);
const cluster = new eks.Cluster(stack, 'Cluster', {
  clusterName,
  version: eks.KubernetesVersion.V1_35,
  vpc,
  vpcSubnets: [{ subnetGroupName: 'node' }],
  securityGroup: controlPlane,
  endpointAccess: eks.EndpointAccess.PRIVATE,
  serviceIpv4Cidr: '172.20.0.0/16',
  secretsEncryptionKey: new kms.Key(stack, 'Key', { enableKeyRotation: true }),
  clusterLogging: [eks.ClusterLoggingTypes.API, eks.ClusterLoggingTypes.AUDIT, eks.ClusterLoggingTypes.AUTHENTICATOR],
  defaultCapacityType: eks.DefaultCapacityType.NODEGROUP,
  defaultCapacity: 0,
  bootstrapSelfManagedAddons: false,
  kubectlProviderOptions: { kubectlLayer: lambda.LayerVersion.fromLayerVersionArn(stack, 'Kubectl', 'arn:aws:lambda:eu-west-1:111122223333:layer:kubectl:1') },
});
new eks.AccessEntry(stack, 'Admin', {
  cluster,
  principal: new iam.Role(stack, 'Team', { assumedBy: new iam.AccountRootPrincipal() }).roleArn,
  accessPolicies: [eks.AccessPolicy.fromAccessPolicyName('AmazonEKSClusterAdminPolicy', { accessScopeType: eks.AccessScopeType.CLUSTER })],
});
const template = new ec2.LaunchTemplate(stack, 'LaunchTemplate', { securityGroup: nodes, requireImdsv2: true, httpPutResponseHopLimit: 1 });
const group = cluster.addNodegroupCapacity('General', {
  amiType: eks.NodegroupAmiType.AL2023_X86_64_STANDARD, minSize: 2, maxSize: 4,
  launchTemplateSpec: { id: template.launchTemplateId!, version: template.latestVersionNumber },
});
for (const addonName of ['vpc-cni', 'kube-proxy', 'coredns', 'eks-pod-identity-agent']) new eks.Addon(stack, addonName, { cluster, addonName });
let last: eks.HelmChart | eks.Nodegroup | eks.KubernetesManifest = group;
const after = <T extends typeof last>(next: T): T => {
  next.node.addDependency(last);
  last = next;
  return next;
};
after(cluster.addHelmChart('Crds', { chart: 'crd.projectcalico.org.v1', repository: 'https://docs.tigera.io/calico/charts', version: 'v3.32.1' }));
after(cluster.addHelmChart('Calico', { chart: 'tigera-operator', repository: 'https://docs.tigera.io/calico/charts', version: 'v3.32.1' }));
const policy = (name: string) => ({ apiVersion: 'projectcalico.org/v3', kind: 'GlobalNetworkPolicy', metadata: { name }, spec: { tier: 'default', selector: `app == '${name}'`, types: ['Egress'], egress: [{ action: 'Allow', protocol: 'TCP', destination: { ports: [8080] } }] } });
for (const step of ['rbac', 'tiers', 'allows', 'exemptions', 'denials', 'default-deny', 'namespaces', 'shop']) {
  after(cluster.addManifest(step, ...[1, 2, 3, 4].map((each) => policy(`${step}-${each}`))));
}
new CfnOutput(stack, 'Name', { value: cluster.clusterName });
app.synth();
