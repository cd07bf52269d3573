import { isOn } from './access';
import { isUnknown, Template, TemplateResource } from './resource';
import { CellId } from '../engine/truth-table';

/** Charts of the VPC CNI itself. https://github.com/aws/eks-charts/tree/master/stable/aws-vpc-cni */
export const VPC_CNI_CHARTS: readonly string[] = ['aws-vpc-cni', 'amazon-vpc-cni-k8s'];

/** Words of names, between anything that is no letter and no digit. */
const CILIUM_OR_CALICO: readonly string[] = ['cilium', 'calico', 'tigera'];
const OTHERS: readonly string[] = ['antrea', 'canal', 'cni', 'flannel', 'kindnet', 'multus', 'ovn', 'romana', 'weave'];
const OTHERS_OF_TWO_WORDS = /(^|-)(kube-router|network-polic(y|ies))(-|$)/;

/** What puts programs onto a cluster under a name that tells what they are. */
export interface Install {
  readonly resource: TemplateResource;
  readonly property: 'AddonName' | 'Chart' | 'Release';
  /** Lower case; none where only the deployment knows. */
  readonly names: readonly string[];
}

/** Every add-on and chart on a cluster, by any name that it has. */
export function installsOf(final: Template, cluster: TemplateResource): Install[] {
  const on = (type: string) => final.ofType(type).filter(({ properties }) => isOn(cluster, properties.ClusterName));
  const named = (values: readonly unknown[]) => values.filter((each): each is string => typeof each === 'string').map((each) => each.toLowerCase());
  return [
    ...on('AWS::EKS::Addon').map((resource): Install => ({ resource, property: 'AddonName', names: named([resource.properties.AddonName]) })),
    ...on('Custom::AWSCDK-EKS-HelmChart').map((resource): Install => {
      const { Chart, Repository, Release } = resource.properties;
      const fromRegistry = typeof Repository === 'string' && Repository.startsWith('oci://') ? Repository.split('/').at(-1) : undefined;
      return { resource, property: Chart === undefined ? 'Release' : 'Chart', names: isUnknown(Chart) ? [] : named([Chart, fromRegistry, Release]) };
    }),
  ];
}

/** What the table says of something called like this; undefined where it is no network plugin. */
export function pluginCell(name: string): CellId | undefined {
  if (VPC_CNI_CHARTS.includes(name) || name === 'vpc-cni') return undefined;
  const words = name.split(/[^a-z0-9]+/);
  if (words.some((word) => CILIUM_OR_CALICO.includes(word))) return 'otherPluginCilium';
  return words.some((word) => OTHERS.includes(word)) || OTHERS_OF_TWO_WORDS.test(words.join('-')) ? 'otherPluginUnknown' : undefined;
}
