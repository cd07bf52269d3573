import { Guard, IS_CALICO, list, text } from './guard';
import { GUARDS } from '../../../core/guard/guard-facts';
import { TIERS } from '../../../core/policy/facts';

/** Policies and tiers of Calico, whatever becomes of them: staged or not, of a namespace or of the cluster. */
const RESOURCES = ['globalnetworkpolicies', 'networkpolicies', 'stagedglobalnetworkpolicies', 'stagednetworkpolicies', 'tiers'];
const WRITES = ['CREATE', 'UPDATE', 'DELETE'] as const;

/** Every object that is written or removed: what it becomes, and what it was. */
const OBJECTS = { objects: '(object != null ? [object] : []) + (oldObject != null ? [oldObject] : [])' };
const OURS = Object.values(TIERS).map(({ name }) => name).sort();

/** Who deploys: the start of the name under which the API server knows it. */
export interface Deployer {
  /** `arn:aws:sts::111122223333:assumed-role/NAME/`, which may hold tokens. */
  readonly username: string;
}

/**
 * The tiers and policies of this library change by a deployment only. A change by hand would be lost with the next one, or block
 * it; docs/break-glass.md has the way that does neither.
 */
export function policyTamperGuard({ username }: Deployer, acknowledgedTiers: readonly string[] = []): Guard {
  return {
    name: GUARDS.policies.name,
    mode: 'strictest',
    resources: [{ groups: ['projectcalico.org'], versions: ['v3'], resources: RESOURCES, operations: WRITES }],
    variables: {
      ...OBJECTS,
      ours: `variables.objects.exists(o, request.kind.kind == 'Tier' ? o.metadata.name in ${list(OURS)} : o.?spec.?tier.orValue('default') in ${list(OURS)})`,
      early: `request.kind.kind == 'Tier' && request.operation != 'DELETE' && !(request.name in ${list(acknowledgedTiers)}) && object.?spec.?order.orValue(1e9) <= ${TIERS.guardrails.order}.0`,
      deployer: `request.userInfo.username.startsWith('${username}')`,
    },
    validations: [
      {
        admits: '!variables.ours || variables.deployer',
        message: "'the tiers ' + " + text(OURS.join(', ')) + " + ' change by a deployment of the cluster only; see break-glass in the documentation of cdk-secure-eks'",
      },
      {
        admits: `!variables.early || variables.deployer || ${IS_CALICO}`,
        message: text(`a tier of order ${TIERS.guardrails.order} or less is looked at before the guardrails, and what it allows they no longer deny; give it an order above ${TIERS.guardrails.order}`),
      },
    ],
  };
}

/** Calico's API server keeps the same objects under another group, and writes them there by its own account: nobody else has to. */
export function policyStorageGuard(): Guard {
  return {
    name: GUARDS.policyStorage.name,
    mode: 'strictest',
    resources: [{ groups: ['crd.projectcalico.org'], versions: ['v1'], resources: RESOURCES, operations: WRITES }],
    validations: [{
      admits: IS_CALICO,
      message: text('crd.projectcalico.org is where Calico keeps policies, unchecked; write them as projectcalico.org/v3'),
    }],
  };
}
