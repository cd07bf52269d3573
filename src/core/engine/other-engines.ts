import { CELLS } from './truth-table';
import { Diagnostic } from '../diagnostic';

/** Whose policies these are, by API group. Those of the VPC CNI are refused where policies are read. */
const ENGINES: { readonly [group: string]: { readonly engine: string; readonly kinds: RegExp } } = {
  'cilium.io': { engine: 'Cilium', kinds: /NetworkPolicy$/ },
  'crd.antrea.io': { engine: 'Antrea', kinds: /NetworkPolicy$|^Tier$/ },
  'kubeovn.io': { engine: 'Kube-OVN', kinds: /^SecurityGroup$/ },
};

interface AnyObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
}

/** Policies that nothing on the cluster reads. */
export function policiesOfOtherEngines(objects: readonly AnyObject[]): Diagnostic[] {
  const { code, because, fix } = CELLS.policyOfOtherEngine;
  return objects.flatMap(({ apiVersion = '', kind = '', metadata }): Diagnostic[] => {
    const of = ENGINES[apiVersion.split('/')[0]];
    return !of?.kinds.test(kind) ? [] : [{
      code, severity: 'error', subject: `${kind} ${[metadata?.namespace, metadata?.name].filter((part) => part !== undefined).join('/')}`, message: `apiVersion is '${apiVersion}', of ${of.engine}: ${because}`, fix,
    }];
  });
}
