import { Stack } from 'aws-cdk-lib';
import { ObjectsRelease } from './objects-release';
import { inApplyOrder } from '../manifests/object-order';
import { yamlDocuments } from '../manifests/yaml';

/** The objects of each stack as it applies them, for people and for tools that read YAML. */
export function listReleases(releases: readonly ObjectsRelease[]): Map<Stack, string> {
  const byStack = new Map<Stack, string[]>();
  for (const release of releases) {
    const stack = Stack.of(release);
    const objects = inApplyOrder(stack.resolve(release.objects) as typeof release.objects);
    const text = `# release ${release.releaseName}\n${yamlDocuments(objects)}`;
    byStack.set(stack, [...byStack.get(stack) ?? [], text]);
  }
  return new Map([...byStack].map(([stack, texts]) => [stack, texts.join('')]));
}
