import { Diagnostic } from '../diagnostic';

export type Architecture = 'arm64' | 'x86_64';

export interface InstanceTypeRequest {
  readonly name: string;
  /** Undefined where the type is a token. */
  readonly architecture?: Architecture;
}

export interface ImagePlan {
  readonly instanceTypes: readonly string[];
  readonly amiType: string;
}

/** Available in every region that has EKS. */
const DEFAULT_INSTANCE_TYPE: InstanceTypeRequest = { name: 'm6i.large', architecture: 'x86_64' };

/** GPU, Inferentia, Trainium and Gaudi: https://docs.aws.amazon.com/ec2/latest/instancetypes/ac.html */
const ACCELERATED = /^(p\d|g\d|gr\d|inf\d|trn\d|dl\d)/;

const LINUX_FAMILY = /^(AL2023|BOTTLEROCKET)_/;

type Report = (code: string, message: string, fix: string) => Diagnostic;

/** The image for the instance types: AL2023 of their architecture, unless another is named that fits. */
export function planImage(
  subject: string, requested: readonly InstanceTypeRequest[] | undefined, namedAmiType: string | undefined,
): { plan: ImagePlan; diagnostics: Diagnostic[] } {
  const error: Report = (code, message, fix) => ({ code, severity: 'error', subject, message, fix });
  const types = requested?.length ? requested : [DEFAULT_INSTANCE_TYPE];
  const amiType = namedAmiType ?? `AL2023_${types[0].architecture === 'arm64' ? 'ARM_64' : 'x86_64'}_STANDARD`;
  const diagnostics = [
    ...requested?.length === 0
      ? [error('instanceTypesMissing', 'instanceTypes is an empty list', `name at least one instance type, or leave it out for ${DEFAULT_INSTANCE_TYPE.name}`)]
      : [],
    ...checkArchitecture(types, namedAmiType, error),
    ...checkDriver(subject, types, amiType),
  ];
  return { plan: { instanceTypes: types.map(({ name }) => name), amiType }, diagnostics };
}

function checkArchitecture(types: readonly InstanceTypeRequest[], amiType: string | undefined, error: Report): Diagnostic[] {
  const known = [...new Set(types.flatMap(({ architecture }) => architecture ?? []))];
  const found: Diagnostic[] = [];
  if (known.length > 1) {
    found.push(error('instanceTypesMixed', `instanceTypes ${names(types)} are of several architectures, and one image runs on one`, 'make a node group for each architecture'));
  }
  if (amiType === undefined) {
    const unknown = types.some(({ architecture }) => architecture === undefined);
    if (unknown) found.push(error('amiTypeUnknown', 'an instance type is a token or no type, so that its architecture is not known', 'set amiType'));
  } else if (!LINUX_FAMILY.test(amiType)) {
    found.push(error('amiTypeUnsupported', `amiType is '${amiType}', and a Linux node group is AL2023 or Bottlerocket`, 'leave it out, or choose one of those two families'));
  } else if (known.length === 1 && amiType.includes('ARM_64') !== (known[0] === 'arm64')) {
    found.push(error('amiTypeArchitecture', `amiType '${amiType}' does not run on ${names(types)}`, 'leave it out, or match the architecture'));
  }
  return found;
}

function checkDriver(subject: string, types: readonly InstanceTypeRequest[], amiType: string): Diagnostic[] {
  const accelerated = types.filter(({ name }) => ACCELERATED.test(name));
  return accelerated.length === 0 || !amiType.endsWith('_STANDARD') ? [] : [{
    code: 'amiTypeWithoutDriver',
    severity: 'warning',
    subject,
    message: `${names(accelerated)} have accelerators, for which the image '${amiType}' has no driver`,
    fix: 'set amiType to the NVIDIA or NEURON one of the family',
    acknowledgeable: true,
  }];
}

function names(types: readonly InstanceTypeRequest[]): string {
  return types.map(({ name }) => name).join(', ');
}
