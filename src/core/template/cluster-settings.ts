import { checkKeys } from './keys';
import { booleanOf, listOf, same, TemplateResource } from './resource';
import { checkSettings, finding, Finding, Setting, TemplateView } from './view';
import { CELLS } from '../engine/truth-table';

const off = (value: unknown) => booleanOf(value) === false;
const never = () => false;
const AUTO_MODE = { code: CELLS.autoModeOn.code, rule: CELLS.autoModeOn.because, fix: CELLS.autoModeOn.fix };

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-eks-cluster.html */
const CLUSTER: readonly Setting[] = [
  { property: 'AccessConfig.AuthenticationMode', holds: (mode) => mode === 'API', code: 'authenticationMode', rule: "in every mode but 'API' a ConfigMap in the cluster gives access too", fix: 'remove what sets it' },
  { property: 'AccessConfig.BootstrapClusterCreatorAdminPermissions', holds: off, code: 'creatorAdmin', rule: 'whoever creates the cluster would administer it for ever', fix: 'remove what sets it; name administrators in admins' },
  {
    property: 'Logging.ClusterLogging.EnabledTypes', code: 'clusterLogMissing', acknowledgeable: true,
    holds: (types, decided) => listOf(decided).every((type) => listOf(types).some((each) => same(each, type))),
    rule: 'it leaves out logs that clusterLogging names', fix: 'remove what sets it, or say in clusterLogging which logs are kept',
  },
  { property: 'KubernetesNetworkConfig.ServiceIpv4Cidr', holds: never, code: 'serviceRangeChanged', rule: 'policies and checks go by serviceIpv4Cidr', fix: 'write it in serviceIpv4Cidr' },
  { property: 'ComputeConfig.Enabled', holds: off, ...AUTO_MODE },
  { property: 'KubernetesNetworkConfig.ElasticLoadBalancing.Enabled', holds: off, ...AUTO_MODE },
  { property: 'StorageConfig.BlockStorage.Enabled', holds: off, ...AUTO_MODE },
  { property: 'ResourcesVpcConfig.SecurityGroupIds', holds: never, code: 'clusterGroupsChanged', rule: 'the group of the API endpoint decides who reaches it, and it would be another one', fix: 'remove what sets it; open the endpoint through apiConnections' },
  { property: 'ResourcesVpcConfig.SubnetIds', holds: never, code: 'clusterSubnetsChanged', rule: 'policies name the control plane by its subnets, and these are others', fix: 'select them in subnets.controlPlane' },
];

/** Who administers, what is logged, what is encrypted. */
export function checkCluster(view: TemplateView, cluster: TemplateResource): Finding[] {
  return [...checkSettings(view, cluster, CLUSTER), ...checkEncryption(view, cluster), ...checkKeys(view, cluster)];
}

function checkEncryption({ decided }: TemplateView, cluster: TemplateResource): Finding[] {
  const value = cluster.properties.EncryptionConfig;
  const intended = decided.get(cluster.path)?.properties.EncryptionConfig;
  if (same(value, intended)) return [];
  const encrypts = listOf(value).some(({ Resources, Provider }) => listOf(Resources).includes('secrets') && Provider?.KeyArn !== undefined);
  return [finding(cluster, 'EncryptionConfig', value, encrypts
    ? { code: 'secretsKeyChanged', rule: 'it names another key than secretsEncryptionKey, and a change of it replaces the cluster', fix: 'give the key as secretsEncryptionKey' }
    : { code: 'secretsNotEncrypted', rule: 'secrets would lie unencrypted by a key of yours, and a change of it replaces the cluster', fix: 'remove what sets it' })];
}
