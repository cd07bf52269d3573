import { isOn } from './access';
import { booleanOf, same, show, TemplateResource } from './resource';
import { readSettings } from './settings-text';
import { finding, Finding, TemplateView, unknown } from './view';
import { CELLS } from '../engine/truth-table';

const PROPERTY = 'ConfigurationValues';

/** One policy engine, and addresses of pods before the kubelet reports them. https://docs.tigera.io/calico/latest/getting-started/kubernetes/managed-public-cloud/eks */
export function checkAddons({ final, decided }: TemplateView, cluster: TemplateResource): Finding[] {
  const addons = final.ofType('AWS::EKS::Addon').filter(({ properties }) => isOn(cluster, properties.ClusterName));
  return addons.filter(({ properties }) => properties.AddonName === 'vpc-cni').flatMap((addon) => {
    const value = addon.properties[PROPERTY];
    if (same(value, decided.get(addon.path)?.properties[PROPERTY])) return [];
    const configuration = readSettings(value);
    return configuration === undefined ? [unknown(addon, PROPERTY, value, 'a second policy engine must stay off')] : checkCni(addon, configuration);
  });
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
