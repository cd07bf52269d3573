import { isOn } from './access';
import { FOREIGN_TYPES } from './foreign-types';
import { callsFunctionsOf } from './functions';
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
export function checkForeign(view: TemplateView, cluster: TemplateResource): Finding[] {
  const { final, decided, ordered } = view;
  const foreign = final.ofType(...Object.keys(HOSTS), ...Object.keys(FOREIGN_TYPES))
    .filter((each) => !decided.get(each.path) && (isOn(cluster, each.properties.ClusterName) || callsFunctionsOf(view, each)));
  return foreign.filter(({ path, type }) => type in HOSTS || !ordered.has(path)).map(({ path, type }) => ({ ...HOSTS[type] ?? late(FOREIGN_TYPES[type].what), path, property: '', subject: authored(path) }));
}

function late(what: string): Omit<Diagnostic, 'subject'> {
  return {
    code: 'addedLate', severity: 'error', acknowledgeable: true,
    message: `this ${what} was added while aspects ran, after the network had been decided: it does not wait for the policies, and what it brings was not checked`, fix: 'add it while the app is being built, not in an aspect',
  };
}
