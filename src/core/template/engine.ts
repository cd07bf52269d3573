import { isOn } from './access';
import { installsOf, pluginCell, VPC_CNI_CHARTS } from './network-plugins';
import { booleanOf, canonical, isUnknown, possibleIn, TemplateResource } from './resource';
import { MASK, readSettings } from './settings-text';
import { authored, finding, Finding, TemplateView, unknown } from './view';
import { Cell, CELLS, CellId } from '../engine/truth-table';

/** Pods of namespaces like this, with these labels. */
export interface PodSelection {
  /** `*` and `?` stand for other characters. */
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What Calico does not enforce on a cluster, by the cell of the table that says so. */
export interface EngineLoss {
  readonly cell: CellId;
  /** Construct path. */
  readonly subject: string;
  readonly because: string;
  /** Which pods it leaves without policies; `withGroups`: those with security groups of their own. */
  readonly pods: 'any' | 'withGroups' | readonly PodSelection[];
}

export interface EngineJudgement {
  readonly findings: readonly Finding[];
  readonly losses: readonly EngineLoss[];
}

/** One cell that a resource of the tree makes true. */
interface Hit {
  readonly cell: CellId;
  readonly resource: TemplateResource;
  readonly property: string;
  readonly value: unknown;
  readonly pods?: readonly PodSelection[];
  /** Said by another check already. */
  readonly silent?: boolean;
}

type Found = Hit | Finding;

/** The release of Calico's operator, whose name never changes. */
const CALICO_RELEASE = 'calico';
const POLICY = /"kind":"(\w*NetworkPolicy)"/;

/** Whether Calico enforces on this cluster, by what CloudFormation gets. Pure. */
export function judgeEngine(view: TemplateView, cluster: TemplateResource): EngineJudgement {
  const found = [...hosts(view, cluster), ...settings(view, cluster), ...plugins(view, cluster), ...engineItself(view)];
  const hits = found.filter((each): each is Hit => 'cell' in each);
  return {
    findings: [...found.filter((each): each is Finding => !('cell' in each)), ...hits.filter(({ silent }) => !silent).map(findingOf)],
    losses: hits.flatMap(({ cell, resource, pods }) => {
      const { verdict, acceptable, because, unbound }: Cell = CELLS[cell];
      return verdict === 'loss' || acceptable ? [{ cell, subject: authored(resource.path), because, pods: unbound === 'withGroups' ? unbound : unbound === 'selected' ? pods ?? 'any' : 'any' }] : [];
    }),
  };
}

function findingOf({ cell, resource, property, value }: Hit): Finding {
  const { code, because, fix, verdict, acceptable }: Cell = CELLS[cell];
  return finding(resource, property, value, { code: code!, rule: because, fix: fix!, ...verdict === 'loss' ? { severity: 'warning', acknowledgeable: true } : acceptable && { acknowledgeable: true } });
}

/** Where pods run that Calico does not reach. */
function hosts({ final }: TemplateView, cluster: TemplateResource): Found[] {
  const on = (type: string) => final.ofType(type).filter(({ properties }) => isOn(cluster, properties.ClusterName));
  const groups = on('AWS::EKS::Nodegroup');
  const entries = on('AWS::EKS::AccessEntry');
  const windows = groups.filter(({ properties }) => String(properties.AmiType).startsWith('WINDOWS'));
  const joining = entries.filter(({ properties }) => properties.Type === 'EC2_WINDOWS');
  const linux = groups.length > windows.length || entries.some(({ properties }) => properties.Type === 'EC2_LINUX');
  const { RemoteNetworkConfig } = cluster.properties;
  return [
    ...on('AWS::EKS::FargateProfile').map((resource): Hit => ({ cell: 'fargateSome', resource, property: 'Selectors', value: resource.properties.Selectors, pods: selectionsOf(resource), silent: true })),
    ...groups.filter(({ properties }) => isUnknown(properties.AmiType)).map((group) => unknown(group, 'AmiType', group.properties.AmiType, 'on nodes of Windows no policy binds pods')),
    ...windows.map((resource): Hit => ({ cell: linux ? 'windowsSome' : 'nodesNoLinux', resource, property: 'AmiType', value: resource.properties.AmiType })),
    ...joining.map((resource): Hit => ({ cell: 'windowsSome', resource, property: 'Type', value: resource.properties.Type })),
    ...RemoteNetworkConfig === undefined ? [] : [{ cell: 'hybridSome' as const, resource: cluster, property: 'RemoteNetworkConfig', value: RemoteNetworkConfig }],
    ...entries.filter(({ properties }) => properties.Type === 'HYBRID_LINUX').map((resource): Hit => ({ cell: 'hybridSome', resource, property: 'Type', value: resource.properties.Type })),
  ];
}

/** https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html#fargate-profile-components. Undefined: nobody knows. */
function selectionsOf({ properties }: TemplateResource): PodSelection[] | undefined {
  const selectors = possibleIn(properties.Selectors);
  if (selectors.length === 0 || selectors.some(({ Namespace }) => typeof Namespace !== 'string')) return undefined;
  return selectors.map(({ Namespace, Labels }) => ({
    namespace: Namespace,
    labels: Object.fromEntries(possibleIn(Labels).filter(({ Key, Value }) => typeof Key === 'string' && typeof Value === 'string' && !/[*?]/.test(Value)).map(({ Key, Value }) => [Key, Value])),
  }));
}

/** How the VPC CNI and kube-proxy are set, by add-on or chart. */
function settings(view: TemplateView, cluster: TemplateResource): Found[] {
  const { final, decided } = view;
  const addons = final.ofType('AWS::EKS::Addon').filter(({ properties }) => isOn(cluster, properties.ClusterName));
  const cni = addons.filter(({ properties }) => properties.AddonName === 'vpc-cni');
  const charts = installsOf(final, cluster).filter(({ names }) => names.some((name) => VPC_CNI_CHARTS.includes(name)));
  const sources = [...cni.map((resource) => ({ resource, property: 'ConfigurationValues' })), ...charts.map(({ resource }) => ({ resource, property: 'Values' }))];
  const families = sources.map(({ resource, property }) => readSettings(resource.properties[property])?.env?.ENABLE_V4_EGRESS);
  const { IpFamily } = cluster.properties.KubernetesNetworkConfig ?? {};
  return [
    ...isUnknown(IpFamily) ? [unknown(cluster, 'KubernetesNetworkConfig.IpFamily', IpFamily, 'policies and checks here are made for IPv4')] : [],
    ...IpFamily === 'ipv6' ? [{ cell: families.some((each) => booleanOf(each) === false) ? 'ipv6' as const : 'ipv6Egress' as const, resource: cluster, property: 'KubernetesNetworkConfig.IpFamily', value: IpFamily }] : [],
    ...sources.flatMap(({ resource, property }) => {
      const values = readSettings(resource.properties[property]);
      const intended = readSettings(decided.get(resource.path)?.properties[property]);
      // Of the add-on this is said where its second engine is looked at.
      if (values === undefined) return property === 'Values' ? [unknown(resource, property, resource.properties[property], 'settings of the VPC CNI decide whether Calico enforces')] : [];
      return cniSettings(resource, property, values.env ?? {}, intended?.env ?? {});
    }),
    ...charts.map(({ resource }): Hit => ({ cell: cni.length > 0 ? 'cniTwice' : 'cniSelfManaged', resource, property: 'Chart', value: resource.properties.Chart })),
    ...cni.length > 0 || charts.length > 0 ? [] : [{ cell: 'cniSelfManaged' as const, resource: cluster, property: 'vpc-cni', value: undefined }],
    ...addons.filter(({ properties }) => properties.AddonName === 'kube-proxy').flatMap((resource): Found[] => {
      const values = readSettings(resource.properties.ConfigurationValues);
      const mode = values?.mode;
      if (values === undefined || isMasked(mode)) return [unknown(resource, 'ConfigurationValues', resource.properties.ConfigurationValues, 'Felix is installed for iptables, and kube-proxy must program the same')];
      return [undefined, '', 'iptables', 'ipvs'].includes(mode) ? [] : [{ cell: 'kubeProxyNftables', resource, property: 'ConfigurationValues.mode', value: mode }];
    }),
  ];
}

/** https://github.com/aws/amazon-vpc-cni-k8s#cni-configuration-variables */
function cniSettings(resource: TemplateResource, property: string, env: Readonly<Record<string, unknown>>, intended: Readonly<Record<string, unknown>>): Found[] {
  const about = (name: string, cell: CellId, more: Partial<Hit> = {}): Hit => ({ cell, resource, property: `${property}.env.${name}`, value: env[name], ...more });
  const { AWS_VPC_K8S_CNI_VETHPREFIX: prefix, ENABLE_POD_ENI: ownGroups, POD_SECURITY_GROUP_ENFORCING_MODE: mode, AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: custom } = env;
  const masked = ['AWS_VPC_K8S_CNI_VETHPREFIX', 'ENABLE_POD_ENI', 'AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG', ...booleanOf(ownGroups) === true ? ['POD_SECURITY_GROUP_ENFORCING_MODE'] : []].filter((name) => isMasked(env[name]));
  return [
    ...masked.map((name) => unknown(resource, `${property}.env.${name}`, 'a token', 'it decides whether Calico knows interfaces of pods')),
    ...prefix === undefined || prefix === 'eni' || isMasked(prefix) ? [] : [about('AWS_VPC_K8S_CNI_VETHPREFIX', 'vethPrefixChanged')],
    ...booleanOf(ownGroups) === true && mode !== 'standard' && !isMasked(mode) ? [about('ENABLE_POD_ENI', 'podGroupsStrict')] : [],
    ...booleanOf(custom) === true && booleanOf(intended.AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG) !== true ? [about('AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG', 'customNetworkingUnseen', { pods: [] })] : [],
  ];
}

/** Tokens inside the text of settings. */
function isMasked(value: unknown): boolean {
  return typeof value === 'string' && value.includes(MASK);
}

/** What connects pods or decides about them besides the VPC CNI and Calico of this library. */
function plugins({ final, decided }: TemplateView, cluster: TemplateResource): Found[] {
  return installsOf(final, cluster).filter(({ resource }) => !decided.get(resource.path)).flatMap(({ resource, property, names }): Found[] => {
    if (names.length === 0) return [unknown(resource, property, resource.properties[property], 'it may bring a second policy engine')];
    const cell = names.map(pluginCell).find((each) => each !== undefined);
    return cell === undefined ? [] : [{ cell, resource, property, value: resource.properties[property] ?? names[0] }];
  });
}

/** Policies, and what enforces them: on this cluster Calico's own release; on others of the app anything that could. */
function engineItself({ final, decided, cluster: own }: TemplateView): Found[] {
  const operator = decided.ofType('Custom::AWSCDK-EKS-HelmChart').filter(({ properties }) => properties.Release === CALICO_RELEASE);
  const gone = operator.filter(({ path }) => !final.get(path) || final.get(path)!.conditional);
  const others = final.ofType('AWS::EKS::Cluster', 'Custom::AWSCDK-EKS-Cluster').filter(({ path }) => path !== own);
  return [
    ...gone.map((resource): Hit => ({ cell: 'engineMissing', resource, property: 'Release', value: final.get(resource.path) ? 'conditional' : undefined })),
    ...others.filter((other) => !hasEngine(final, other)).flatMap((other) => final.ofType('Custom::AWSCDK-EKS-KubernetesResource').filter(({ properties }) => isOn(other, properties.ClusterName)).flatMap((resource): Hit[] => {
      const [, kind] = POLICY.exec(canonical(resource.properties.Manifest).replace(/\\+"/g, '"')) ?? [];
      return kind === undefined ? [] : [{ cell: 'elsewhereNoEngine', resource, property: 'Manifest', value: kind }];
    })),
  ];
}

function hasEngine(final: TemplateView['final'], cluster: TemplateResource): boolean {
  const auto = cluster.properties.ComputeConfig?.Enabled;
  const installs = installsOf(final, cluster);
  return auto !== undefined && booleanOf(auto) !== false
    || installs.some(({ names }) => names.length === 0 || names.some((name) => pluginCell(name) !== undefined))
    || installs.some(({ resource, property, names }) => {
      if (!names.some((name) => name === 'vpc-cni' || VPC_CNI_CHARTS.includes(name))) return false;
      const values = resource.properties[property === 'AddonName' ? 'ConfigurationValues' : 'Values'];
      const read = readSettings(values);
      return read === undefined || booleanOf(read.enableNetworkPolicy) === true;
    });
}
