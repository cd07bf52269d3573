import { TaintRequest } from './nodegroup-labels';

/** As a pod has it. */
export interface Toleration {
  readonly key: string;
  readonly operator: 'Exists' | 'Equal';
  readonly value?: string;
  readonly effect: string;
}

/** As EKS names effects. https://docs.aws.amazon.com/eks/latest/APIReference/API_Taint.html */
const EFFECTS: Readonly<Record<string, string>> = { NO_SCHEDULE: 'NoSchedule', NO_EXECUTE: 'NoExecute', PREFER_NO_SCHEDULE: 'PreferNoSchedule' };

/** What a pod must have to run beside these taints. Those without key or effect are refused elsewhere. */
export function tolerationsOf(taints: readonly TaintRequest[]): Toleration[] {
  return taints.flatMap(({ key, value, effect }) => key === undefined || effect === undefined ? []
    : [{ key, operator: value ? 'Equal' as const : 'Exists' as const, ...value && { value }, effect: EFFECTS[effect] ?? effect }]);
}
