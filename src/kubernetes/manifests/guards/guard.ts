import { CALICO_NAMESPACE } from '../calico-facts';
import { KubernetesObject } from '../objects';

/** What the API server refuses, in its own words. https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/ */
export interface Guard {
  /** Of the policy and its binding. */
  readonly name: string;
  readonly resources: readonly GuardedResource[];
  /** CEL: the guard says nothing about a request for which one of these is false. */
  readonly when?: Readonly<Record<string, string>>;
  /** CEL, each may use those before it. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly validations: readonly Validation[];
  /** Namespaces in which it says nothing. Default: none. */
  readonly except?: NamespaceSelector;
  /** What belongs to no namespace has the mode of the cluster, policies and tiers whatever is strictest; some refuse nothing ever. Default: that of its namespace. */
  readonly mode?: 'ofCluster' | 'strictest' | 'warnsOnly';
}

export interface GuardedResource {
  readonly groups: readonly string[];
  readonly versions: readonly string[];
  readonly resources: readonly string[];
  readonly operations: readonly ('CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT')[];
}

export interface Validation {
  /** CEL: true admits. */
  readonly admits: string;
  /** CEL that gives the text of the refusal. */
  readonly message: string;
}

export interface NamespaceSelector {
  readonly matchExpressions: readonly { readonly key: string; readonly operator: 'In' | 'NotIn' | 'DoesNotExist'; readonly values?: readonly string[] }[];
}

/** Whether a guard refuses, or only tells who asks and the audit log. */
export type GuardMode = 'deny' | 'warn';

/** The API server puts it on every namespace. */
const NAME_LABEL = 'kubernetes.io/metadata.name';
const OTHER: Record<GuardMode, GuardMode> = { deny: 'warn', warn: 'deny' };
const API_VERSION = 'admissionregistration.k8s.io/v1';

/**
 * The policy and its binding. An expression that cannot be evaluated refuses (`failurePolicy: Fail`): it is evaluated inside the API
 * server, so that nothing can be out of reach. https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#failure-policy
 *
 * In `others`, which are names of namespaces, a binding of its own has the other mode. What belongs to no namespace both would judge, so
 * that such guards have no others. https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/validating-admission-policy-binding-v1/
 */
export function guardObjects(guard: Guard, mode: GuardMode, others: readonly string[] = []): KubernetesObject[] {
  const { name, resources, when = {}, variables = {}, validations } = guard;
  const list = (map: Readonly<Record<string, string>>) => Object.entries(map).map(([key, expression]) => ({ name: key, expression }));
  return [
    {
      apiVersion: API_VERSION,
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          resourceRules: resources.map((each) => ({ apiGroups: [...each.groups], apiVersions: [...each.versions], operations: [...each.operations], resources: [...each.resources] })),
        },
        ...Object.keys(when).length > 0 && { matchConditions: list(when) },
        ...Object.keys(variables).length > 0 && { variables: list(variables) },
        validations: validations.map(({ admits, message }) => ({ expression: admits, messageExpression: message, reason: 'Forbidden' })),
      },
    },
    binding(name, guard, mode, others.length > 0 ? [{ key: NAME_LABEL, operator: 'NotIn', values: others }] : []),
    ...others.length > 0 ? [binding(`${name}-${OTHER[mode]}`, guard, OTHER[mode], [{ key: NAME_LABEL, operator: 'In', values: others }])] : [],
  ];
}

function binding(name: string, guard: Guard, mode: GuardMode, where: NamespaceSelector['matchExpressions']): KubernetesObject {
  const matchExpressions = [...guard.except?.matchExpressions ?? [], ...where].map((each) => ({ ...each, ...each.values && { values: [...each.values] } }));
  return {
    apiVersion: API_VERSION,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    spec: {
      policyName: guard.name,
      // The API server refuses Deny together with Warn.
      validationActions: mode === 'deny' ? ['Deny', 'Audit'] : ['Warn', 'Audit'],
      ...matchExpressions.length > 0 && { matchResources: { namespaceSelector: { matchExpressions } } },
    },
  };
}

/** Objects on their way out are let go, whatever they are: a guard must not keep a finalizer from being removed. */
export const NOT_BEING_DELETED = { 'is-not-being-deleted': '!has(object.metadata.deletionTimestamp)' } as const;

/** CEL literals. */
export const text = (value: string): string => `'${value.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`;
export const list = (values: readonly string[]): string => `[${values.map(text).join(', ')}]`;

/** Where Calico's own accounts live: the operator, the API server, the controllers. https://docs.tigera.io/calico/3.32/reference/installation/api */
const CALICO_NAMESPACES = ['calico-apiserver', 'calico-system', CALICO_NAMESPACE];
/** Whether an account of one of these namespaces asks. */
export const isAccountOf = (namespaces: readonly string[]): string => `${list(namespaces)}.exists(n, request.userInfo.username.startsWith('system:serviceaccount:' + n + ':'))`;
export const IS_CALICO = isAccountOf(CALICO_NAMESPACES);

/** Who may change the guards may lift them anyway: the one right that makes an administrator here. */
export const IS_ADMINISTRATOR = "authorizer.group('admissionregistration.k8s.io').resource('validatingadmissionpolicies').check('update').allowed()";
