import { Token } from 'aws-cdk-lib';
import { readYamlFiles } from './yaml-files';
import { Diagnostic } from '../../core/diagnostic';
import { readRendered, RenderedObjects, RenderedRelease } from '../manifests/rendered';

/** The objects of a chart, by the output of `helm template` at a path. */
export function readRenderedChart(path: string, release: RenderedRelease): RenderedObjects {
  const { files, problems } = Token.isUnresolved(release.namespace)
    ? { files: [], problems: ['the namespace of the release is a token, and objects that name none are in it'] } : readYamlFiles(path);
  if (problems.length === 0) return readRendered(files, Token.isUnresolved(release.version) ? { ...release, version: undefined } : release);
  const diagnostics = problems.map((problem): Diagnostic => ({
    code: 'renderedUnreadable', severity: 'error', subject: release.subject, message: `rendered: ${problem}`, fix: 'give the path of a file, or of a folder, that holds the output of `helm template`',
  }));
  return { objects: [], origins: new Map(), leftOut: [], diagnostics };
}
