import { isOn } from './access';
import { booleanOf, same, show, TemplateResource } from './resource';
import { readSettings } from './settings-text';
import { finding, Finding, TemplateView, unknown } from './view';
import { CELLS } from '../engine/truth-table';

const PROPERTY = 'ConfigurationValues';
/** ANNOTATE_POD_IP. https://github.com/aws/amazon-vpc-cni-k8s#annotate_pod_ip-v193 */
const SINCE = [1, 9, 3];

/** One policy engine, and addresses of pods before the kubelet reports them. https://docs.tigera.io/calico/latest/getting-started/kubernetes/managed-public-cloud/eks */
export function checkAddons({ final, decided }: TemplateView, cluster: TemplateResource): Finding[] {
  const addons = final.ofType('AWS::EKS::Addon').filter(({ properties }) => isOn(cluster, properties.ClusterName));
  return addons.filter(({ properties }) => properties.AddonName === 'vpc-cni').flatMap((addon) => {
    const value = addon.properties[PROPERTY];
    const old = checkVersion(addon);
    if (same(value, decided.get(addon.path)?.properties[PROPERTY])) return old;
    const configuration = readSettings(value);
    return [...old, ...configuration === undefined ? [unknown(addon, PROPERTY, value, 'a second policy engine must stay off')] : checkCni(addon, configuration)];
  });
}

/** EKS' own choice, where none is named, is a new one. */
function checkVersion(addon: TemplateResource): Finding[] {
  const { AddonVersion: version } = addon.properties;
  if (version === undefined) return [];
  const numbers = /^v?(\d+)\.(\d+)\.(\d+)/.exec(typeof version === 'string' ? version : '')?.slice(1).map(Number);
  const rule = `the VPC CNI tells Calico addresses of pods from v${SINCE.join('.')} on`;
  if (!numbers) return [unknown(addon, 'AddonVersion', version, rule)];
  const differing = SINCE.findIndex((number, index) => number !== numbers[index]);
  return differing < 0 || numbers[differing] > SINCE[differing] ? [] : [finding(addon, 'AddonVersion', version, { code: 'addonVersionOld', rule, fix: 'name a newer version, or none in addonVersions' })];
}

function checkCni(addon: TemplateResource, { enableNetworkPolicy, env }: any): Finding[] {
  return [
    ...enableNetworkPolicy === undefined || booleanOf(enableNetworkPolicy) === false ? [] : [finding(addon, `${PROPERTY}.enableNetworkPolicy`, enableNetworkPolicy, {
      code: CELLS.cniPolicyOn.code, rule: CELLS.cniPolicyOn.because, fix: CELLS.cniPolicyOn.fix,
    })],
    ...booleanOf(env?.ANNOTATE_POD_IP) === true ? [] : [finding(addon, `${PROPERTY}.env.ANNOTATE_POD_IP`, env?.ANNOTATE_POD_IP, {
      code: 'podAddressesLate', rule: 'Calico learns the address of a pod from it before the kubelet reports it', fix: `add it to the configuration: ${show('true')}`,
    })],
  ];
}
