import { Token } from 'aws-cdk-lib';

/** How messages call what has this id at this path: by the id where it is known. */
export function nameOf(id: string, path: string): string {
  return Token.isUnresolved(id) ? path : id;
}
