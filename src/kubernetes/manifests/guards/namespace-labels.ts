import { Guard, IS_ADMINISTRATOR, IS_CALICO, list, text } from './guard';
import { GUARDS, INTERNET_FACING_LABEL, POD_SECURITY_LABEL, POD_SECURITY_LEVELS } from '../../../core/guard/guard-facts';

/** A label that lifts a guard: what stands there from weak to strong, `''` for its absence, anything else at the end. */
const LIFTING: readonly { readonly label: string; readonly weakFirst: readonly string[]; readonly words: string }[] = [
  { label: INTERNET_FACING_LABEL, weakFirst: ['true'], words: 'lets load balancers of the namespace be reached by anyone' },
  // Without the label no level is enforced, but the guard against escapes holds, which `privileged` lifts.
  { label: POD_SECURITY_LABEL, weakFirst: POD_SECURITY_LEVELS.flatMap((level) => level === 'privileged' ? [level, ''] : [level]), words: 'lets pods of the namespace do more than before' },
];

/**
 * Names and labels by which a namespace is outside other guards: whoever takes one must be allowed to lift the guards altogether. Also by the
 * subresources, which change labels, and while it is being deleted: what is in it still serves.
 */
export function namespaceLabelsGuard(systemNamespaces: readonly string[]): Guard {
  return {
    name: GUARDS.namespaces.name,
    resources: [{ groups: [''], versions: ['v1'], resources: ['namespaces', 'namespaces/status', 'namespaces/finalize'], operations: ['CREATE', 'UPDATE'] }],
    validations: [
      ...LIFTING.map((each) => ({
        admits: `${strength('object', each)} >= (oldObject == null ? ${strengthOf("''", each)} : ${strength('oldObject', each)}) || ${IS_ADMINISTRATOR}`,
        message: text(`label ${each.label}: this ${each.words}, and only who may change the guards may do so`),
      })),
      {
        admits: `oldObject != null || !(object.metadata.name in ${list([...systemNamespaces].sort())}) || ${IS_CALICO} || ${IS_ADMINISTRATOR}`,
        message: text('a namespace of this name is outside the guards and the default deny, and only who may change the guards may make it'),
      },
    ],
  };
}

const strength = (object: string, each: typeof LIFTING[number]): string => strengthOf(`${object}.metadata.?labels[?${text(each.label)}].orValue('')`, each);

function strengthOf(value: string, { weakFirst }: typeof LIFTING[number]): string {
  return `(${value} in ${list(weakFirst)} ? ${list(weakFirst)}.indexOf(${value}) : ${weakFirst.length})`;
}
