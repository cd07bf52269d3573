import { createHash } from 'crypto';
import { Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** `WebToApi` -> `web-to-api`: an id as part of a Kubernetes name. Never a construct path, which moves. */
export function kubernetesName(id: string): string {
  const name = id
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .replace(/[A-Z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 32));
  if (name === '' || name.length > 100) {
    throw new Error(`id '${id}' becomes the Kubernetes name '${name}', which must have 1 to 100 letters, digits or hyphens; choose another id`);
  }
  return name;
}

/** What tells apart the objects of several stacks on one cluster: empty in the cluster's own stack. */
export function stackSuffix(scope: IConstruct, cluster: IConstruct): string {
  const stack = Stack.of(scope);
  if (stack === Stack.of(cluster)) return '';
  if (Token.isUnresolved(stack.stackName)) {
    throw new Error(`${scope.node.path}: its stack's name is a token (a nested stack?), and names on the cluster are made from it; use a stack with a name`);
  }
  return `-${createHash('sha256').update(stack.stackName).digest('hex').slice(0, 8)}`;
}
