import { CfnResource, Stack } from 'aws-cdk-lib';
import { ObjectsRelease } from './objects-release';
import { inApplyOrder } from '../manifests/object-order';
import { yamlDocuments } from '../manifests/yaml';

/**
 * What the releases in the templates carry, a file for each stack, in the order in which it is applied: for people, and for tools that
 * read YAML. To be asked when templates are written: before that, a reference to another stack is not yet the import that it becomes.
 */
export function listReleases(releases: readonly ObjectsRelease[]): Map<string, string> {
  const files = new Map<string, string>();
  for (const release of releases.filter(isInTemplate)) {
    const stack = Stack.of(release);
    const objects = inApplyOrder(stack.resolve(release.objects) as typeof release.objects);
    const file = `${stack.artifactId}.kubernetes.yaml`;
    files.set(file, `${files.get(file) ?? ''}# release ${release.releaseName}\n${yamlDocuments(objects)}`);
  }
  return files;
}

/** Whoever takes a release, or something around it, out of the tree takes it out of the template. */
function isInTemplate(release: ObjectsRelease): boolean {
  return release.node.scopes.every(({ node }, index, path) => index === 0 || path[index - 1].node.tryFindChild(node.id)?.node === node)
    && release.node.findAll().some((each) => CfnResource.isCfnResource(each));
}
