import { Guard, IS_ADMINISTRATOR, list } from './guard';
import { GUARDS } from '../../../core/guard/guard-facts';
import { PROBE_NAMESPACES } from '../../../core/probe/probe-facts';

/** Jobs are made by who deploys, their pods by Kubernetes itself. https://kubernetes.io/docs/reference/access-authn-authz/rbac/#controller-roles */
const JOB_CONTROLLERS = ['system:serviceaccount:kube-system:job-controller', 'system:kube-controller-manager'];

/**
 * The accounts of probes pass guardrails while they run: nobody else may have pods in their namespaces, nor enter those that run.
 * Whatever makes pods makes them through `pods`; who may change the guards could lift this one anyway.
 */
export function probePodsGuard(): Guard {
  return {
    name: GUARDS.probePods.name,
    resources: [
      { groups: [''], versions: ['v1'], resources: ['pods'], operations: ['CREATE'] },
      { groups: [''], versions: ['v1'], resources: ['pods/ephemeralcontainers'], operations: ['UPDATE'] },
      { groups: [''], versions: ['v1'], resources: ['pods/exec', 'pods/attach', 'pods/portforward'], operations: ['CONNECT'] },
      { groups: ['batch'], versions: ['v1'], resources: ['jobs', 'cronjobs'], operations: ['CREATE', 'UPDATE'] },
    ],
    when: { 'is-in-a-namespace-of-probes': `request.namespace in ${list(PROBE_NAMESPACES)}` },
    variables: { controllers: `request.userInfo.username in ${list(JOB_CONTROLLERS)} && request.operation != 'CONNECT'` },
    validations: [{
      admits: `(variables.controllers && (request.resource.resource == 'pods' || request.operation == 'UPDATE')) || ${IS_ADMINISTRATOR}`,
      message: "'the namespaces of probes are closed to all other pods; use a namespace of your own'",
    }],
  };
}
