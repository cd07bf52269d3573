import { isOn } from './access';
import { TemplateResource } from './resource';
import { authored, Finding, TemplateView } from './view';
import { Diagnostic } from '../diagnostic';
import { CELLS } from '../engine/truth-table';

/** Where pods run that this library did not make: before the network, and maybe beyond it. */
const HOSTS: { readonly [type: string]: Omit<Diagnostic, 'subject'> } = {
  // https://docs.aws.amazon.com/eks/latest/userguide/fargate.html: no DaemonSet runs there, and so no engine.
  'AWS::EKS::FargateProfile': {
    code: CELLS.fargateSome.code, severity: 'error', acknowledgeable: true, message: CELLS.fargateSome.because, fix: CELLS.fargateSome.fix,
  },
  'AWS::EKS::Nodegroup': {
    code: 'nodesOutsideModel', severity: 'warning', acknowledgeable: true,
    message: 'its nodes were not made by addNodegroup(): whether instance metadata reaches their pods, and whether their volumes are encrypted, is not checked; and EKS gives them a security group of its own, which nothing joins with that of other nodes, so that their pods do not reach CoreDNS there', fix: 'use addNodegroup() of this cluster',
  },
};

/** Found in the end, so that an aspect brings none unseen. */
export function checkForeignHosts({ final, decided }: TemplateView, cluster: TemplateResource): Finding[] {
  return final.ofType(...Object.keys(HOSTS)).filter(({ path, properties }) => !decided.get(path) && isOn(cluster, properties.ClusterName))
    .map(({ path, type }) => ({ ...HOSTS[type], path, property: '', subject: authored(path) }));
}
