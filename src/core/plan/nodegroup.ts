import { Diagnostic } from '../diagnostic';

export type Architecture = 'arm64' | 'x86_64';

/** A group of nodes as the user wrote it. */
export interface NodegroupRequest {
  /** How messages call it. */
  readonly subject: string;
  /** Default: m6i.large. The architecture is undefined where the type is a token. */
  readonly instanceTypes?: readonly { readonly name: string; readonly architecture?: Architecture }[];
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
  /** Members whose value only the deployment knows: passed on unchecked. */
  readonly unresolved: readonly string[];
}

export interface NodegroupPlan {
  readonly instanceTypes: readonly string[];
  readonly amiType: string;
  readonly minSize: number;
  readonly desiredSize: number;
  readonly maxSize: number;
  readonly metadataHopLimit: number;
  readonly volumes: readonly { readonly device: string; readonly sizeGiB: number }[];
}

/** Available in every region that has EKS. */
const DEFAULT_INSTANCE_TYPE = { name: 'm6i.large', architecture: 'x86_64' } as const;
/** Two nodes, so that one may be lost or replaced. */
const DEFAULT_MIN_SIZE = 2;
const DEFAULT_MAX_SIZE = 3;
/** GPU, Inferentia, Trainium and Gaudi: https://docs.aws.amazon.com/ec2/latest/instancetypes/ac.html */
const ACCELERATED = /^(p\d|g\d|gr\d|inf\d|trn\d|dl\d)/;
/** What EKS gives a node without a launch template. */
const DEFAULT_DISK_GIB = 20;
/** An answer of the metadata service with one hop reaches the node and no pod with a network of its own. */
const DEFAULT_HOP_LIMIT = 1;
/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchTemplateInstanceMetadataOptionsRequest.html */
const MAX_HOP_LIMIT = 64;
/** Bottlerocket keeps its system apart from the data of containers. */
const BOTTLEROCKET_SYSTEM_GIB = 4;

export function planNodegroup(request: NodegroupRequest): { plan: NodegroupPlan; diagnostics: Diagnostic[] } {
  const error = (code: string, message: string, fix: string): Diagnostic => ({ code, severity: 'error', subject: request.subject, message, fix });
  const types = request.instanceTypes?.length ? request.instanceTypes : [DEFAULT_INSTANCE_TYPE];
  const architectures = [...new Set(types.map(({ architecture }) => architecture))];
  const amiType = request.amiType ?? `AL2023_${architectures[0] === 'arm64' ? 'ARM_64' : 'x86_64'}_STANDARD`;
  const minSize = request.minSize ?? DEFAULT_MIN_SIZE;
  const desiredSize = request.desiredSize ?? minSize;
  const unresolved = unresolvedOf(request);
  const maxSize = request.maxSize ?? (unresolved.has('desiredSize') ? desiredSize : Math.max(desiredSize, DEFAULT_MAX_SIZE));
  const hopLimit = request.metadataHopLimit ?? DEFAULT_HOP_LIMIT;
  const diskSize = request.diskSize ?? DEFAULT_DISK_GIB;
  const found: Diagnostic[] = [];

  if (request.instanceTypes?.length === 0) {
    found.push(error('instanceTypesMissing', 'instanceTypes is an empty list', `name at least one instance type, or leave it out for ${DEFAULT_INSTANCE_TYPE.name}`));
  }
  const described = architectures.filter((architecture) => architecture !== undefined);
  if (described.length > 1) {
    found.push(error('instanceTypesMixed', `instanceTypes ${types.map(({ name }) => name).join(', ')} are of several architectures, and one image runs on one`, 'make a node group for each architecture'));
  }
  if (architectures.includes(undefined) && request.amiType === undefined) {
    found.push(error('amiTypeUnknown', 'an instance type is a token, so that its architecture is not known', 'set amiType'));
  }
  if (!/^(AL2023|BOTTLEROCKET)_/.test(amiType)) {
    found.push(error('amiTypeUnsupported', `amiType is '${amiType}', and a Linux node group is AL2023 or Bottlerocket`, 'leave it out, or choose one of those two families'));
  } else if (described.length === 1 && request.amiType !== undefined && /ARM_64/.test(amiType) !== (described[0] === 'arm64')) {
    found.push(error('amiTypeArchitecture', `amiType '${amiType}' does not run on ${types.map(({ name }) => name).join(', ')}`, 'leave it out, or match the architecture'));
  }
  const accelerated = types.filter(({ name }) => ACCELERATED.test(name)).map(({ name }) => name);
  if (accelerated.length > 0 && amiType.endsWith('_STANDARD')) {
    found.push({
      code: 'amiTypeWithoutDriver',
      severity: 'warning',
      subject: request.subject,
      message: `${accelerated.join(', ')} have accelerators, for which the image '${amiType}' has no driver`,
      fix: 'set amiType to the NVIDIA or NEURON one of the family',
      acknowledgeable: true,
    });
  }
  const known = (...names: string[]) => names.every((name) => !unresolved.has(name));
  const whole = (name: string, value: number, least: number, most: number) => {
    if (known(name) && !(Number.isInteger(value) && value >= least && value <= most)) {
      found.push(error('nodegroupNumber', `${name} is ${String(value)}, and must be a whole number from ${least} to ${most}`, 'write a number in that range'));
    }
  };
  whole('minSize', minSize, 0, 450);
  whole('desiredSize', desiredSize, 0, 450);
  whole('maxSize', maxSize, 1, 450);
  whole('metadataHopLimit', hopLimit, 1, MAX_HOP_LIMIT);
  whole('diskSize', diskSize, DEFAULT_DISK_GIB, 16384);
  const sized = known('minSize', 'desiredSize', 'maxSize');
  const ordered = !sized || (minSize <= desiredSize && desiredSize <= maxSize);
  if (!ordered) {
    found.push(error('nodegroupSizes', `minSize ${minSize}, desiredSize ${desiredSize}, maxSize ${maxSize} are not in this order`, 'write minSize <= desiredSize <= maxSize'));
  }
  return {
    plan: {
      instanceTypes: types.map(({ name }) => name),
      amiType,
      ...ordered ? { minSize, desiredSize, maxSize } : { minSize: DEFAULT_MIN_SIZE, desiredSize: DEFAULT_MIN_SIZE, maxSize: DEFAULT_MAX_SIZE },
      metadataHopLimit: hopLimit,
      volumes: volumesOf(amiType, diskSize),
    },
    diagnostics: found,
  };
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
