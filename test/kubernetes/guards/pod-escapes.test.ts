import { ADMINISTRATOR, GuardedServer } from './guarded-server';
import { guardObjects } from '../../../src/kubernetes/manifests/guards/guard';
import { podEscapesGuard } from '../../../src/kubernetes/manifests/guards/pod-escapes';
import { KubernetesObject } from '../../../src/kubernetes/manifests/objects';
import { START_TIMEOUT_MS, STOP_TIMEOUT_MS } from '../../kube-apiserver/api-server';
import { describeWithApiServer } from '../../kube-apiserver/available';

const SYSTEM = ['kube-system', 'calico-system', 'tigera-operator'];
const namespace = (name: string, labels = {}) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
const pod = (spec: object, container: object = {}, where = 'shop', name = 'web'): KubernetesObject => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: where }, spec: { containers: [{ name: 'web', image: 'web', ...container }], ...spec },
});
const HOST_PATH = { volumes: [{ name: 'v', hostPath: { path: '/var/lib' } }] };
const refusalOf = (...fields: string[]) => `secure-eks-pod-escapes: it asks for ${fields.join(', ')}, past which no network policy binds it; `
  + 'remove that, or have the platform set label pod-security.kubernetes.io/enforce=privileged on its namespace';
const secure = (securityContext: object) => ({ securityContext });
const init = (securityContext: object) => ({ initContainers: [{ name: 'init', image: 'init', securityContext }] });

describeWithApiServer('the guard against pods that no policy binds', () => {
  let guarded: GuardedServer;
  const running = pod({}, {}, 'shop', 'running');

  beforeAll(async () => {
    guarded = await GuardedServer.start();
    guarded.apply(namespace('shop'), namespace('restricted', { 'pod-security.kubernetes.io/enforce': 'restricted' }), namespace('agents', { 'pod-security.kubernetes.io/enforce': 'privileged' }),
      namespace('calico-system'), running);
    guarded.apply(...guardObjects(podEscapesGuard(SYSTEM), 'deny'));
    await guarded.untilRefused(pod({ hostNetwork: true }));
  }, START_TIMEOUT_MS);
  afterAll(() => guarded?.stop(), STOP_TIMEOUT_MS);

  test.each<[string, KubernetesObject]>([
    ['a plain pod', pod({})],
    ['every switch off', pod({ hostNetwork: false, hostPID: false, volumes: [] }, secure({ privileged: false, procMount: 'Default', capabilities: { drop: ['ALL'] } }))],
    ['other volumes', pod({ volumes: [{ name: 'a', emptyDir: {} }, { name: 'b', configMap: { name: 'b' } }, { name: 'c', persistentVolumeClaim: { claimName: 'c' } }] })],
    ['a harmless capability', pod({}, secure({ capabilities: { add: ['NET_BIND_SERVICE'] } }))],
    ['a port of its node, which policy binds as it does the pod\'s own', pod({}, { ports: [{ containerPort: 80, hostPort: 80 }] })],
    ['the network administration of its own network', pod({}, secure({ capabilities: { add: ['NET_ADMIN'] } }))],
    ['a namespace of the system', pod({ hostNetwork: true, hostPID: true, ...HOST_PATH }, secure({ privileged: true }), 'kube-system')],
    ['Calico itself', pod({ hostNetwork: true }, {}, 'calico-system')],
    ['a namespace that the platform made privileged', pod({ hostNetwork: true, ...HOST_PATH }, secure({ privileged: true }), 'agents')],
    ['user namespaces', pod({ hostUsers: false })],
  ])('admits %s', async (_name, object) => expect(await guarded.create(object)).toBeUndefined());

  test.each<[string, KubernetesObject, string[]]>([
    ['the host\'s network', pod({ hostNetwork: true }), ['hostNetwork']],
    ['the host\'s processes', pod({ hostPID: true }), ['hostPID']],
    ['a privileged container', pod({}, secure({ privileged: true })), ['privileged']],
    ['a privileged init container', pod(init({ privileged: true })), ['privileged']],
    ['files of the host', pod(HOST_PATH), ['hostPath']],
    ['files of the host among other volumes', pod({ volumes: [{ name: 'a', emptyDir: {} }, { name: 'v', hostPath: { path: '/', type: 'Directory' } }] }), ['hostPath']],
    ['a capability', pod({}, secure({ capabilities: { add: ['SYS_ADMIN'] } })), ['capabilities']],
    ['a capability with its prefix', pod({}, secure({ capabilities: { add: ['CAP_SYS_MODULE'] } })), ['capabilities']],
    ['a capability in other letters', pod({}, secure({ capabilities: { add: ['sys_admin'] } })), ['capabilities']],
    ['all capabilities', pod(init({ capabilities: { add: ['NET_BIND_SERVICE', 'ALL'] } })), ['capabilities']],
    ['an unmasked /proc', pod({ hostUsers: false }, secure({ procMount: 'Unmasked' })), ['procMount']],
    ['a process of a Windows host', pod({ hostNetwork: true, os: { name: 'windows' }, securityContext: { windowsOptions: { hostProcess: true } } }), ['hostNetwork', 'windowsOptions.hostProcess']],
    ['a process of a Windows host in a container', pod({ hostNetwork: true, os: { name: 'windows' } }, secure({ windowsOptions: { hostProcess: true } })), ['hostNetwork', 'windowsOptions.hostProcess']],
    ['all at once', pod({ hostNetwork: true, hostPID: true, ...HOST_PATH }, secure({ privileged: true, capabilities: { add: ['BPF'] } })), ['hostNetwork', 'hostPID', 'privileged', 'hostPath', 'capabilities']],
    ['the namespace default', pod({ hostNetwork: true }, {}, 'default'), ['hostNetwork']],
  ])('refuses %s', async (_name, object, fields) => expect(await guarded.create(object)).toBe(refusalOf(...fields)));

  test.each(['BPF', 'DAC_READ_SEARCH', 'SYS_PTRACE', 'SYS_RAWIO'])('refuses capability %s', async (name) =>
    expect(await guarded.create(pod({}, secure({ capabilities: { add: [name] } })))).toBe(refusalOf('capabilities')));

  test('administrators are bound as well: a label is the way, not a name', async () =>
    expect(await guarded.create(pod({ hostPID: true }), ADMINISTRATOR)).toBe(refusalOf('hostPID')));

  test('a level of Pod Security other than privileged is no way out', async () => {
    const escaping = pod(HOST_PATH, {}, 'restricted');
    await expect(guarded.create(escaping)).rejects.toThrow('violates PodSecurity "restricted:latest"');
  });

  describe('a pod that runs', () => {
    const debug = (securityContext: object) => ({ spec: { ephemeralContainers: [{ name: 'debug', image: 'debug', securityContext }] } });

    test('may get a container for debugging', async () =>
      expect(await guarded.update(running, debug({}), undefined, '/ephemeralcontainers')).toBeUndefined());
    test('may not get a privileged one', async () =>
      expect(await guarded.update(running, debug({ privileged: true }), undefined, '/ephemeralcontainers')).toBe(refusalOf('privileged')));
    test('may be labelled, finished and removed', async () => {
      expect(await guarded.update(running, { metadata: { labels: { a: 'b' } } })).toBeUndefined();
      expect(await guarded.update(running, { status: { phase: 'Succeeded' } }, undefined, '/status')).toBeUndefined();
      expect(await guarded.remove(running)).toBeUndefined();
    });
  });

  test('what ran before the guard came may go on, and go', async () => {
    const old = pod({ hostNetwork: true }, {}, 'agents', 'old');
    guarded.apply(old);
    guarded.apply({ ...namespace('agents', { 'pod-security.kubernetes.io/enforce': 'baseline' }) });
    try {
      expect(await guarded.update(old, { metadata: { labels: { a: 'b' }, finalizers: ['example.com/hold'] } })).toBeUndefined();
      expect(await guarded.update(old, { status: { phase: 'Failed' } }, undefined, '/status')).toBeUndefined();
      expect(await guarded.remove(old)).toBeUndefined();
    } finally {
      guarded.apply({ ...namespace('agents', { 'pod-security.kubernetes.io/enforce': 'privileged' }) });
    }
  });
});
