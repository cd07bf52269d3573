import { createHash } from 'crypto';
import { App, NestedStack, Stack } from 'aws-cdk-lib';
import { kubernetesName, stackSuffix } from '../../src/cdk/names';

describe('an id as a Kubernetes name', () => {
  test.each([
    ['WebToApi', 'web-to-api'], ['web-to-api', 'web-to-api'], ['HTTPServer', 'http-server'], ['toS3', 'to-s3'], ['a_b.c d', 'a-b-c-d'], ['--x--', 'x'], ['Über', 'ber'], ['İ1', '1'],
    ['a'.repeat(100), 'a'.repeat(100)],
  ])('%s -> %s', (id, name) => expect(kubernetesName(id)).toBe(name));

  test.each(['', '---', '日本', 'a'.repeat(101)])("'%s' makes none", (id) => {
    const name = id.length > 100 ? id : '';
    expect(() => kubernetesName(id)).toThrow(new Error(`id '${id}' becomes the Kubernetes name '${name}', which must have 1 to 100 letters, digits or hyphens; choose another id`));
  });
});

describe('what tells stacks apart', () => {
  const app = new App();
  const home = new Stack(app, 'Home');

  test('nothing in the cluster\'s own stack', () => {
    expect(stackSuffix(home, home)).toBe('');
  });

  test('elsewhere the first 8 hex digits of SHA-256 of the stack\'s name, not of its id', () => {
    const other = new Stack(app, 'Other', { stackName: 'shop' });
    expect(stackSuffix(other, home)).toBe('-8d9001d3');
    expect(stackSuffix(other, home)).toBe(`-${createHash('sha256').update('shop').digest('hex').slice(0, 8)}`);
  });

  test('a name known at deployment is refused', () => {
    expect(() => stackSuffix(new NestedStack(home, 'Nested'), home)).toThrow(new Error(
      'Home/Nested: its stack\'s name is a token (a nested stack?), and names on the cluster are made from it; use a stack with a name'));
  });
});
