import { Diagnostic } from '../diagnostic';
import { ImagePlan, InstanceTypeRequest, planImage } from './nodegroup-image';

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
  /** By what they do to pods, as EKS names it. Default: none */
  readonly taints?: readonly (string | undefined)[];
  /** Members whose value only the deployment knows: passed on unchecked. */
  readonly unresolved: readonly string[];
}

export interface NodegroupPlan extends ImagePlan {
  readonly minSize: number;
  readonly desiredSize: number;
  readonly maxSize: number;
  readonly metadataHopLimit: number;
  /** Whether pods that tolerate nothing find a node in it from the start. */
  readonly takesAnyPod: boolean;
  readonly volumes: readonly { readonly device: string; readonly sizeGiB: number }[];
}

/** Two nodes, so that one may be lost or replaced; what EKS gives a node as disk; no hop beyond the node itself. */
const DEFAULTS = { minSize: 2, maxSize: 3, diskSize: 20, metadataHopLimit: 1 };

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

/** A wish of the scheduler's. https://docs.aws.amazon.com/eks/latest/APIReference/API_Taint.html */
const HARMLESS_TAINT = 'PREFER_NO_SCHEDULE';

/** Bottlerocket keeps its system apart from the data of containers. */
const BOTTLEROCKET_SYSTEM_GIB = 4;

export function planNodegroup(request: NodegroupRequest): { plan: NodegroupPlan; diagnostics: Diagnostic[] } {
  const image = planImage(request.subject, request.instanceTypes, request.amiType);
  const { plan: { diskSize, ...numbers }, diagnostics } = planNumbers(request);
  const takesAnyPod = numbers.desiredSize !== 0 && (request.taints ?? []).every((effect) => effect === HARMLESS_TAINT);
  return {
    plan: { ...image.plan, ...numbers, takesAnyPod, volumes: volumesOf(image.plan.amiType, diskSize) },
    diagnostics: [...image.diagnostics, ...diagnostics],
  };
}

/** EKS holds the creation of CoreDNS open until its pods run, and all of Calico's API waits behind it. */
export function checkNodes(cluster: string, groups: readonly NodegroupPlan[]): Diagnostic[] {
  if (groups.some(({ takesAnyPod }) => takesAnyPod)) return [];
  return [{
    code: 'nodesMissing', severity: 'error', subject: cluster, acknowledgeable: true,
    message: `${groups.length === 0 ? 'it has no node group' : 'each of its node groups starts without a node or has a taint'}: CoreDNS and Calico find no node to run on, and the deployment waits for them in vain`,
    fix: 'add a group with addNodegroup() that has a node from the start and no taint, or acknowledge where such nodes come from',
  }];
}

function planNumbers(request: NodegroupRequest): { plan: Numbers; diagnostics: Diagnostic[] } {
  const error = (code: string, message: string, fix: string): Diagnostic => ({ code, severity: 'error', subject: request.subject, message, fix });
  const unresolved = unresolvedOf(request);
  const minSize = request.minSize ?? DEFAULTS.minSize;
  const desiredSize = request.desiredSize ?? minSize;
  const numbers: Numbers = {
    minSize,
    desiredSize,
    maxSize: request.maxSize ?? (unresolved.has('desiredSize') ? desiredSize : Math.max(desiredSize, DEFAULTS.maxSize)),
    diskSize: request.diskSize ?? DEFAULTS.diskSize,
    metadataHopLimit: request.metadataHopLimit ?? DEFAULTS.metadataHopLimit,
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
  return { plan: found.length === 0 ? numbers : { ...DEFAULTS, desiredSize: DEFAULTS.minSize }, diagnostics: found };
}

/** With what takes its default from a token. */
function unresolvedOf(request: NodegroupRequest): ReadonlySet<string> {
  const names = new Set(request.unresolved);
  if (names.has('minSize') && request.desiredSize === undefined) names.add('desiredSize');
  if (names.has('desiredSize') && request.maxSize === undefined) names.add('maxSize');
  return names;
}

/** Root devices: https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html */
function volumesOf(amiType: string, diskSize: number): NodegroupPlan['volumes'] {
  return amiType.startsWith('BOTTLEROCKET')
    ? [{ device: '/dev/xvda', sizeGiB: BOTTLEROCKET_SYSTEM_GIB }, { device: '/dev/xvdb', sizeGiB: diskSize }]
    : [{ device: '/dev/xvda', sizeGiB: diskSize }];
}
