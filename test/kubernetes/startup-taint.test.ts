import { startupTaintObjects } from '../../src/kubernetes/manifests/startup-taint';
import { ApiServer, START_TIMEOUT_MS, STOP_TIMEOUT_MS } from '../kube-apiserver/api-server';
import { describeWithApiServer } from '../kube-apiserver/available';

const ACCOUNT = '--as=system:serviceaccount:kube-system:secure-eks-startup-taint';

describeWithApiServer('the startup taint on a real API server', () => {
  let server: ApiServer;
  const objects = startupTaintObjects('settings');
  const [taint, , untaint] = (objects.at(-1) as any).spec.template.spec.initContainers.map(({ command }: { command?: string[] }) => command);
  const run = (command: readonly string[], node: string) => server.kubectl([ACCOUNT, ...command.slice(1).map((word) => word.replace('$(NODE_NAME)', node))]);
  const taints = async (node: string) => ((await server.ask('GET', `/api/v1/nodes/${node}`)).body.spec.taints ?? []).map(({ key, effect }: any) => `${key}:${effect}`);

  beforeAll(async () => {
    server = await ApiServer.start();
    for (const [name, own] of [['first', []], ['second', [{ key: 'own', effect: 'NoSchedule' }]]] as const) {
      await server.ask('POST', '/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: { taints: own } });
    }
  }, START_TIMEOUT_MS);
  afterAll(() => server?.stop(), STOP_TIMEOUT_MS);

  test('knows every field of what takes it away', () => {
    const list = { apiVersion: 'v1', kind: 'List', items: objects };
    const { status, stderr } = server.kubectl(['apply', '--server-side', '--validate=strict', '-f', '-'], JSON.stringify(list));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  }, 30_000);

  test.each(['first', 'second'])('its commands do what they say, as often as they run, with its rights: node %s', async (node) => {
    // The node controller, which is not there, would have added one of its own.
    const before = await taints(node);
    for (let round = 0; round < 2; round++) {
      expect(run(taint, node)).toMatchObject({ status: 0 });
      expect(run(taint, node)).toMatchObject({ status: 0 });
      expect(await taints(node)).toEqual(expect.arrayContaining([...before, 'secure-eks.io/policies-not-in-force:NoSchedule']));
      expect(run(untaint, node)).toMatchObject({ status: 0 });
      expect((await taints(node)).sort()).toEqual([...before].sort());
    }
  }, 60_000);

  test.each([['delete', 'node/first'], ['list', 'nodes'], ['update', 'node/first'], ['get', 'secrets'], ['create', 'pods'], ['patch', 'pods']])('it may not %s %s', (verb, what) => {
    expect(server.kubectl(['auth', 'can-i', verb, what, '--namespace', 'kube-system', ACCOUNT]).stdout.trim()).toBe('no');
  });
});
