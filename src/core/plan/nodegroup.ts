import { Diagnostic } from '../diagnostic';
import { ImagePlan, InstanceTypeRequest, planImage } from './nodegroup-image';
import { admitsPod, checkNodeLabels, checkTaints, TaintRequest } from './nodegroup-labels';
import { CELLS } from '../engine/truth-table';

/** A group of nodes as the user wrote it. */
export interface NodegroupRequest {
  /** How messages call it. */
  readonly subject: string;
  /** Default: m6i.large */
  readonly instanceTypes?: readonly InstanceTypeRequest[];
  /** As EKS names it. Default: AL2023 for the architecture of the instance types. */
  readonly amiType?: string;
  /** Default: 2 */
  readonly minSize?: number;
  /** Default: minSize */
  readonly desiredSize?: number;
  /** Default: desiredSize, at least 3 */
  readonly maxSize?: number;
  /** GiB. Default: 20 */
  readonly diskSize?: number;
  /** Default: 1 */
  readonly metadataHopLimit?: number;
  /** How many nodes an update takes away at once. Default: as EKS has it, one */
  readonly maxUnavailable?: number;
  /** The same in per cent of the nodes there are. */
  readonly maxUnavailablePercentage?: number;
  /** Default: none */
  readonly labels?: Readonly<Record<string, string>>;
  /** Default: none */
  readonly taints?: readonly TaintRequest[];
  /** What CoreDNS and Calico tolerate. Default: nothing */
  readonly toleratedTaints?: readonly TaintRequest[];
  /** Members whose value only the deployment knows: passed on unchecked. */
  readonly unresolved: readonly string[];
}

export interface NodegroupPlan extends ImagePlan {
  readonly minSize: number;
  readonly desiredSize: number;
  readonly maxSize: number;
  readonly metadataHopLimit: number;
  /** Undefined: as EKS has it, one node at a time. */
  readonly maxUnavailable?: number;
  readonly maxUnavailablePercentage?: number;
  /** Whether CoreDNS and Calico find a node in it from the start. */
  readonly takesSystemPods: boolean;
  readonly volumes: readonly NodeVolume[];
}

export interface NodeVolume {
  readonly device: string;
  readonly sizeGiB: number;
}

/** Two nodes, so that one may be lost or replaced; what EKS gives a node as disk; no hop beyond the node itself. */
export const NODE_DEFAULTS = { minSize: 2, maxSize: 3, diskSize: 20, metadataHopLimit: 1 };

/** Least and most. Sizes: https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html; the rest: EC2's API reference. */
const RANGES = {
  minSize: [0, 450],
  desiredSize: [0, 450],
  maxSize: [1, 450],
  diskSize: [20, 16384],
  metadataHopLimit: [1, 64],
} as const;
type Member = keyof typeof RANGES;
type Numbers = Readonly<Record<Member, number>>;

/** Least and most of both. https://docs.aws.amazon.com/eks/latest/APIReference/API_NodegroupUpdateConfig.html */
const UNAVAILABLE = [1, 100] as const;

/** Bottlerocket keeps its system apart from the data of containers. */
const BOTTLEROCKET_SYSTEM_GIB = 4;

export function planNodegroup(request: NodegroupRequest): { plan: NodegroupPlan; diagnostics: Diagnostic[] } {
  const image = planImage(request.subject, request.instanceTypes, request.amiType);
  const { plan: { diskSize, ...numbers }, diagnostics } = planNumbers(request);
  const { subject, labels = {}, taints = [], toleratedTaints = [] } = request;
  const update = planUpdate(request, numbers.maxSize);
  const takesSystemPods = numbers.desiredSize !== 0 && admitsPod(taints, toleratedTaints);
  return {
    plan: { ...image.plan, ...numbers, ...update.plan, takesSystemPods, volumes: volumesOf(image.plan.amiType, diskSize) },
    diagnostics: [...image.diagnostics, ...diagnostics, ...update.diagnostics, ...checkNodeLabels(subject, labels), ...checkTaints(subject, taints)],
  };
}

/** EKS holds the creation of CoreDNS open until its pods run, and all of Calico's API waits behind it. */
export function checkNodes(cluster: string, groups: readonly NodegroupPlan[]): Diagnostic[] {
  if (groups.some(({ takesSystemPods }) => takesSystemPods)) return [];
  return [{
    code: CELLS.nodesNone.code, severity: 'error', subject: cluster, acknowledgeable: true,
    message: `${groups.length === 0 ? 'it has no node group' : 'each of its node groups starts without a node or has a taint that they do not tolerate'}: ${CELLS.nodesNone.because}`,
    fix: CELLS.nodesNone.fix,
  }];
}

function planNumbers(request: NodegroupRequest): { plan: Numbers; diagnostics: Diagnostic[] } {
  const error = (code: string, message: string, fix: string): Diagnostic => ({ code, severity: 'error', subject: request.subject, message, fix });
  const unresolved = unresolvedOf(request);
  const minSize = request.minSize ?? NODE_DEFAULTS.minSize;
  const desiredSize = request.desiredSize ?? minSize;
  const numbers: Numbers = {
    minSize,
    desiredSize,
    maxSize: request.maxSize ?? (unresolved.has('desiredSize') ? desiredSize : Math.max(desiredSize, NODE_DEFAULTS.maxSize)),
    diskSize: request.diskSize ?? NODE_DEFAULTS.diskSize,
    metadataHopLimit: request.metadataHopLimit ?? NODE_DEFAULTS.metadataHopLimit,
  };
  const found: Diagnostic[] = [];
  for (const [member, [least, most]] of Object.entries(RANGES) as [Member, readonly [number, number]][]) {
    const value = numbers[member];
    if (!unresolved.has(member) && !(Number.isInteger(value) && value >= least && value <= most)) {
      found.push(error('nodegroupNumber', `${member} is ${String(value)}, and must be a whole number from ${least} to ${most}`, 'write a number in that range'));
    }
  }
  for (const [lower, upper] of [['minSize', 'desiredSize'], ['desiredSize', 'maxSize']] as const) {
    if (!unresolved.has(lower) && !unresolved.has(upper) && numbers[lower] > numbers[upper]) {
      found.push(error('nodegroupSizes', `${lower} is ${numbers[lower]} and ${upper} is ${numbers[upper]}`, 'write minSize <= desiredSize <= maxSize'));
    }
  }
  return { plan: found.length === 0 ? numbers : { ...NODE_DEFAULTS, desiredSize: NODE_DEFAULTS.minSize }, diagnostics: found };
}

/** How fast nodes are replaced: by number or by share, never both. */
function planUpdate(request: NodegroupRequest, maxSize: number): { plan: Pick<NodegroupPlan, 'maxUnavailable' | 'maxUnavailablePercentage'>; diagnostics: Diagnostic[] } {
  const { subject, maxUnavailable, maxUnavailablePercentage } = request;
  const error = (message: string, fix: string): Diagnostic => ({ code: 'nodegroupUpdate', severity: 'error', subject, message, fix });
  const unresolved = unresolvedOf(request);
  const [least, most] = UNAVAILABLE;
  const found = Object.entries({ maxUnavailable, maxUnavailablePercentage })
    .filter(([member, value]) => value !== undefined && !unresolved.has(member) && !(Number.isInteger(value) && value >= least && value <= most))
    .map(([member, value]) => error(`${member} is ${String(value)}, and must be a whole number from ${least} to ${most}`, 'write a number in that range'));
  if (maxUnavailable !== undefined && maxUnavailablePercentage !== undefined) {
    found.push(error('maxUnavailable and maxUnavailablePercentage are both set, and EKS takes one of them', 'leave one out'));
  } else if (maxUnavailable !== undefined && found.length === 0 && !unresolved.has('maxUnavailable') && !unresolved.has('maxSize') && maxUnavailable > maxSize) {
    found.push(error(`maxUnavailable is ${maxUnavailable} and maxSize is ${maxSize}`, 'write maxUnavailable <= maxSize'));
  }
  return { plan: found.length === 0 ? { maxUnavailable, maxUnavailablePercentage } : {}, diagnostics: found };
}

/** With what takes its default from a token. */
function unresolvedOf(request: NodegroupRequest): ReadonlySet<string> {
  const names = new Set(request.unresolved);
  if (names.has('minSize') && request.desiredSize === undefined) names.add('desiredSize');
  if (names.has('desiredSize') && request.maxSize === undefined) names.add('maxSize');
  return names;
}

/** Root devices: https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html */
export function volumesOf(amiType: string, diskSize: number): readonly NodeVolume[] {
  return amiType.startsWith('BOTTLEROCKET')
    ? [{ device: '/dev/xvda', sizeGiB: BOTTLEROCKET_SYSTEM_GIB }, { device: '/dev/xvdb', sizeGiB: diskSize }]
    : [{ device: '/dev/xvda', sizeGiB: diskSize }];
}
