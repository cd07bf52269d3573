import { Diagnostic } from '../diagnostic';
import { checkLabel, isUnknown } from '../policy/syntax';

export interface TaintRequest {
  readonly key?: string;
  readonly value?: string;
  /** As EKS names it. */
  readonly effect?: string;
}

/** https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html, API_Taint.html: of the key with its prefix, too. */
const MAX_LENGTH = 63;

/** https://docs.aws.amazon.com/eks/latest/userguide/node-taints-managed-node-groups.html */
const MAX_TAINTS = 50;

/**
 * A kubelet does not start with labels of these domains, but for the subdomains below; EKS keeps its own domain.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction
 */
const RESERVED = /(^|\.)(kubernetes\.io|k8s\.io|eks\.amazonaws\.com)\//;
const OPEN_TO_KUBELETS = /(^|\.)(node|kubelet)\.kubernetes\.io\//;

/** A wish of the scheduler's. https://docs.aws.amazon.com/eks/latest/APIReference/API_Taint.html */
const HARMLESS_TAINT = 'PREFER_NO_SCHEDULE';

/** Whether a pod that tolerates these taints and no others may run there. */
export function admitsPod(taints: readonly TaintRequest[], tolerated: readonly TaintRequest[]): boolean {
  return taints.every(({ key, value, effect }) => effect === HARMLESS_TAINT
    || tolerated.some((each) => each.key === key && each.effect === effect && (!each.value || each.value === value)));
}

/** What EKS, or the kubelet at its start, would refuse. Values that are tokens are passed on unchecked. */
export function checkNodeLabels(subject: string, labels: Readonly<Record<string, string>>): Diagnostic[] {
  return Object.entries(labels).flatMap(([key, value]): Diagnostic[] => {
    if (isUnknown(key)) return [{ code: 'nodeLabel', severity: 'error', subject, message: 'the name of a label is a token, and a template takes names as they are written only', fix: 'write the name; its value may be a token' }];
    const broken = brokenText('label', key, value);
    if (broken) return [{ code: 'nodeLabel', severity: 'error', subject, message: broken, fix: 'write a label that Kubernetes takes' }];
    return RESERVED.test(key) && !OPEN_TO_KUBELETS.test(key) ? [{
      code: 'nodeLabelReserved', severity: 'error', subject,
      message: `label '${key}' is of a domain that Kubernetes and EKS keep to themselves: no node that asks for it joins the cluster`,
      fix: 'use a domain of your own, or node.kubernetes.io',
    }] : [];
  });
}

export function checkTaints(subject: string, taints: readonly TaintRequest[]): Diagnostic[] {
  const error = (message: string, fix: string): Diagnostic => ({ code: 'nodeTaint', severity: 'error', subject, message, fix });
  const seen = new Set<string>();
  const found = taints.flatMap(({ key, value, effect }): Diagnostic[] => {
    if (key === undefined || effect === undefined) {
      return [error(`the taint ${textOf({ key, value, effect })} has no ${key === undefined ? 'key' : 'effect'}`, 'give it a key and an effect')];
    }
    const broken = isUnknown(key) ? undefined : brokenText('taint', key, value || undefined);
    if (broken) return [error(broken, 'write a taint that Kubernetes takes')];
    const identity = `${key}:${effect}`;
    if (seen.has(identity)) return [error(`there are two taints '${key}' with the effect ${effect}`, 'keep one of them')];
    seen.add(identity);
    return [];
  });
  return taints.length > MAX_TAINTS
    ? [...found, error(`there are ${taints.length} taints, and a node group has at most ${MAX_TAINTS}`, 'leave some out')]
    : found;
}

/** `value` undefined: none is needed. */
function brokenText(kind: 'label' | 'taint', key: string, value: string | undefined): string | undefined {
  const known = value === undefined || isUnknown(value) ? undefined : value;
  if (known === '') return `${kind} '${key}' has an empty value, which EKS does not take`;
  if (key.length > MAX_LENGTH) return `${kind} key '${key}' has ${key.length} characters, and EKS takes ${MAX_LENGTH}`;
  return checkLabel(key, known ?? '')?.replace(/^label/, kind);
}

function textOf({ key = '', value, effect = '' }: TaintRequest): string {
  return `'${key}${value ? `=${value}` : ''}:${effect}'`;
}
