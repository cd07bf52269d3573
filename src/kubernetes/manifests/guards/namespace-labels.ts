import { Guard, IS_ADMINISTRATOR, NOT_BEING_DELETED, text } from './guard';
import { INTERNET_FACING_LABEL, POD_SECURITY_LABEL } from '../../../core/guard/guard-facts';

/** A namespace's label, and whether what stands there now is weaker than what stood there before. */
const WEAKENINGS: readonly { readonly label: string; readonly otherwise: string; readonly weak: readonly string[]; readonly words: string }[] = [
  { label: INTERNET_FACING_LABEL, otherwise: 'false', weak: ['true'], words: 'lets load balancers of the namespace be reached by anyone' },
  // Without the label no level is enforced, but the guard against escapes holds, which `privileged` lifts.
  { label: POD_SECURITY_LABEL, otherwise: '', weak: ['privileged', ''], words: 'lets pods of the namespace past every network policy' },
];

/** Labels by which a namespace opts out of other guards: whoever sets one must be allowed to lift the guards altogether. */
export function namespaceLabelsGuard(): Guard {
  const valueOf = (object: string, { label, otherwise }: typeof WEAKENINGS[number]) => `${object}.metadata.?labels[?${text(label)}].orValue(${text(otherwise)})`;
  const absent = (label: string) => `!(${text(label)} in object.metadata.?labels.orValue({}))`;
  return {
    name: 'secure-eks-namespace-labels',
    resources: [{ groups: [''], versions: ['v1'], resources: ['namespaces'], operations: ['CREATE', 'UPDATE'] }],
    when: NOT_BEING_DELETED,
    validations: WEAKENINGS.map((each) => {
      const weak = `${valueOf('object', each)} in [${each.weak.map(text).join(', ')}]`;
      const unchanged = `(oldObject != null && ${valueOf('oldObject', each)} == ${valueOf('object', each)})`;
      // A new namespace without the label is what it would be without this library; taking the label away later is a change.
      const plain = `(oldObject == null && ${absent(each.label)})`;
      return {
        admits: `!(${weak}) || ${unchanged} || ${plain} || ${IS_ADMINISTRATOR}`,
        message: text(`label ${each.label}: this ${each.words}, and only who may change the guards may do so`),
      };
    }),
  };
}
