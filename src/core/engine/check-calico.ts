import { CALICO_IMAGES, CALICO_OPERATOR_IMAGE, CALICO_RELEASES, CalicoRelease, CRD_CHART_SOURCE, FIRST_WITH_CRD_CHART } from './calico-releases';
import { Diagnostic } from '../diagnostic';
import { DIGEST } from '../image';

/** Calico as it was asked for; what only the deployment knows is absent and named. */
export interface CalicoRequest {
  /** Absent: known only at deployment. */
  readonly version?: string;
  /** `1.35`. Absent: known only at deployment. */
  readonly kubernetes?: string;
  /** By image: `calico/node`, `tigera/operator`. A digest that is absent is known only at deployment. */
  readonly digests?: Readonly<Record<string, string | undefined>>;
  /** Tag of the operator's image, where it was named. */
  readonly operatorVersion?: string;
}

const SUBJECT = 'calico';
const VERSION = /^v(\d+)\.(\d+)\.(\d+)$/;

/** Whether this release of Calico is known to work on EKS with this Kubernetes, and is pinned whole where it is pinned. */
export function checkCalico(request: CalicoRequest): Diagnostic[] {
  return [...checkVersion(request), ...checkDigests(request)];
}

/** What is known of a release. */
export function calicoRelease(version: string): CalicoRelease | undefined {
  return CALICO_RELEASES.find((release) => release.version === version);
}

function checkVersion({ version, kubernetes, operatorVersion }: CalicoRequest): Diagnostic[] {
  const safe = CALICO_RELEASES.filter(({ broken }) => broken === undefined).map((release) => release.version).join(', ');
  const untested = (message: string): Diagnostic => ({
    code: 'calicoUntested', severity: 'warning', subject: SUBJECT, acknowledgeable: true, message, fix: `use ${safe}, which was looked at on EKS, or try it out and acknowledge it`,
  });
  if (version === undefined) return [untested('version is known only at deployment: whether this release of Calico works on EKS is not known')];
  const [, major, minor] = (VERSION.exec(version) ?? []).map(Number);
  if (major === undefined) {
    return [{
      code: 'calicoVersionInvalid', severity: 'error', subject: SUBJECT,
      message: `version is '${version}', and charts of Calico are called like 'v3.32.1'`, fix: `write one like it: ${safe}`,
    }];
  }
  const release = calicoRelease(version);
  const [firstMajor, firstMinor] = FIRST_WITH_CRD_CHART;
  const older = major < firstMajor || major === firstMajor && minor < firstMinor;
  const broken = release?.broken ?? (older ? `before v${firstMajor}.${firstMinor} there is no chart of its definitions, and its installation fails (${CRD_CHART_SOURCE})` : undefined);
  if (broken !== undefined) {
    return [{
      code: 'calicoBroken', severity: 'error', subject: SUBJECT, acknowledgeable: true,
      message: `version is '${version}': ${broken}${release ? ` (${release.source})` : ''}`, fix: `use ${safe}, or acknowledge it where you know better`,
    }];
  }
  if (!release) {
    return [untested(`version is '${version}', which nobody has looked at for EKS${operatorVersion === undefined ? '; its operator is not known either, so cluster.images names it without a tag (operatorVersion)' : ''}`)];
  }
  if (kubernetes === undefined) return [untested(`the version of Kubernetes is known only at deployment: whether ${version} was tested with it is not known`)];
  return release.kubernetes.includes(kubernetes) ? [] : [untested(`${version} was tested with Kubernetes ${release.kubernetes.join(', ')} and not with ${kubernetes} (${release.source})`)];
}

/** One image that is fetched by its tag makes the rest pointless, and the operator refuses an ImageSet that leaves out what it needs. */
function checkDigests({ digests, version, operatorVersion }: CalicoRequest): Diagnostic[] {
  if (digests === undefined) return [];
  const needed = [...Object.keys(CALICO_IMAGES), CALICO_OPERATOR_IMAGE];
  const missing = needed.filter((image) => !(image in digests));
  const unknown = Object.keys(digests).filter((image) => !needed.includes(image)).sort();
  const invalid = Object.entries(digests).filter(([, digest]) => digest !== undefined && !DIGEST.test(digest)).map(([image, digest]) => `${image} '${digest}'`).sort();
  const deferred = Object.entries(digests).filter(([, digest]) => digest === undefined).map(([image]) => image).sort();
  const error = (message: string, fix: string): Diagnostic => ({ code: 'calicoDigests', severity: 'error', subject: `${SUBJECT}.imageDigests`, message, fix });
  const operator = operatorVersion ?? (version === undefined ? undefined : calicoRelease(version)?.operator);
  return [
    ...operator !== undefined || !(CALICO_OPERATOR_IMAGE in digests) ? [] : [error(`it names the digest of ${CALICO_OPERATOR_IMAGE}, which its chart takes behind a tag, and the tag is not known`, 'write operatorVersion')],
    ...missing.length === 0 ? [] : [error(`it leaves out ${missing.join(', ')}, and the operator starts nothing where one is missing`, 'name the digest of each')],
    ...unknown.length === 0 ? [] : [error(`it names ${unknown.join(', ')}, which is not among the images that run here`, `name ${needed.join(', ')}`)],
    ...invalid.length === 0 ? [] : [error(`no digest is ${invalid.join(', ')}: 'sha256:' and 64 hexadecimal digits`, 'copy it from the registry')],
    ...deferred.length === 0 ? [] : [{
      code: 'calicoDigestUnknown', severity: 'warning' as const, subject: `${SUBJECT}.imageDigests`, acknowledgeable: true,
      message: `the digest of ${deferred.join(', ')} is known only at deployment, and was not checked`, fix: 'write the value itself, or check it where it is set and acknowledge it',
    }],
  ];
}
