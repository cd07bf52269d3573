import { gzipSync } from 'zlib';
import { Diagnostic } from '../../core/diagnostic';
import { KubernetesObject } from '../manifests/objects';
import { sortKeys } from '../manifests/plain-value';

/**
 * What a release's values may weigh inside an event. CloudFormation calls a function asynchronously with at most 262,144 bytes
 * where the newer limit of 1 MB is not in force; an update carries old and new values, and the rest of the event needs room.
 */
export const VALUES_LIMIT_BYTES = 96 * 1024;

/** A Secret holds 1 MiB, and Helm keeps a release in one. https://kubernetes.io/docs/concepts/configuration/secret/#restriction-data-size */
export const RELEASE_LIMIT_BYTES = 1024 * 1024;

/** Below it, no release can reach the limit, whatever it holds. */
const SURELY_SMALL_BYTES = 256 * 1024;

/** Beyond the first plane, Python writes two escapes where YAML reads one character: such text travels as a file. */
const BEYOND_FIRST_PLANE = /[\ud800-\udbff]/;

/** How the objects of one release travel. Both ways end in the same release, so an object may change its way without being lost. */
export interface ReleaseContent {
  /** In the template: visible in a diff, tokens are resolved. */
  readonly inValues: readonly KubernetesObject[];
  /** The data file in the chart, or nothing. */
  readonly file?: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** Values while they fit; beyond that everything without tokens goes into the file. */
export function planReleaseContent(
  releaseName: string, objects: readonly KubernetesObject[], hasToken: (object: KubernetesObject) => boolean,
): ReleaseContent {
  const diagnostics: Diagnostic[] = [];
  const sorted = objects.map(sortKeys);
  const tooLarge = eventBytes(sorted) > VALUES_LIMIT_BYTES;
  const inFile = sorted.filter((object) => !hasToken(object) && (tooLarge || BEYOND_FIRST_PLANE.test(JSON.stringify(object))));
  const inValues = sorted.filter((object) => !inFile.includes(object));
  const subject = `release ${releaseName}`;

  const valueBytes = eventBytes(inValues);
  if (valueBytes > VALUES_LIMIT_BYTES) {
    diagnostics.push({
      code: 'releaseTooLarge',
      severity: 'error',
      subject,
      message: `its objects with values known only at deployment take ${valueBytes} bytes, more than the ${VALUES_LIMIT_BYTES} that an event carries`,
      fix: 'put some of them into a chart of their own, or write their values out',
    });
  }
  for (const object of inValues.filter((candidate) => BEYOND_FIRST_PLANE.test(JSON.stringify(candidate)))) {
    diagnostics.push({
      code: 'textNotTransportable',
      severity: 'error',
      subject: `${object.kind} ${object.metadata.name}`,
      message: 'it holds a character beyond U+FFFF and a value known only at deployment, which cannot travel together',
      fix: 'write the character or the value in another object',
    });
  }
  const file = inFile.length === 0 ? undefined : `${JSON.stringify(inFile, undefined, 1)}\n`;
  const stored = storedBytes(sorted, file ?? '');
  if (stored > RELEASE_LIMIT_BYTES) {
    diagnostics.push({
      code: 'releaseTooLarge',
      severity: 'error',
      subject,
      message: `Helm would keep it in a Secret of about ${stored} bytes, more than the ${RELEASE_LIMIT_BYTES} that a Secret holds`,
      fix: 'divide its objects between several charts',
    });
  }
  return { inValues, file, diagnostics };
}

/** Values are JSON inside a JSON event, so that each quote counts twice. */
function eventBytes(objects: readonly KubernetesObject[]): number {
  return objects.length === 0 ? 0 : Buffer.byteLength(JSON.stringify(JSON.stringify({ objects })));
}

/** As Helm stores a release: chart files, values and rendered objects, compressed, as base64. */
function storedBytes(objects: readonly KubernetesObject[], file: string): number {
  const manifest = objects.map((object) => JSON.stringify(object)).join('\n---\n');
  if (manifest.length < SURELY_SMALL_BYTES) return manifest.length;
  const release = JSON.stringify({ files: Buffer.from(file).toString('base64'), manifest });
  return Math.ceil(gzipSync(release, { level: 9 }).length / 3) * 4;
}
