import { ADMINISTRATOR, Case, DEVELOPER, GuardedServer, testCases } from './guarded-server';
import { workloadOf } from '../../../src/core/connectivity/workload';
import { guardObjects } from '../../../src/kubernetes/manifests/guards/guard';
import { podEscapesGuard, volumeEscapesGuard } from '../../../src/kubernetes/manifests/guards/pod-escapes';
import { KubernetesObject } from '../../../src/kubernetes/manifests/objects';
import { START_TIMEOUT_MS, STOP_TIMEOUT_MS } from '../../kube-apiserver/api-server';
import { describeWithApiServer } from '../../kube-apiserver/available';

const SYSTEM = ['kube-system', 'calico-system', 'tigera-operator'];
const namespace = (name: string, labels = {}) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
const pod = (spec: object, container: object = {}, where = 'shop', name = 'web'): KubernetesObject => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: where }, spec: { containers: [{ name: 'web', image: 'web', ...container }], ...spec },
});
const volume = (source: object): KubernetesObject => ({
  apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'data' },
  spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], ...source },
});
const ANOTHER_HOST = 'another host in a probe or hook';
const HOST_PATH = { volumes: [{ name: 'v', hostPath: { path: '/var/lib' } }] };
const refusalOf = (...fields: string[]) => `secure-eks-pod-escapes: it asks for ${fields.join(', ')}, past which no network policy binds it; `
  + 'remove that, or have the platform set label pod-security.kubernetes.io/enforce=privileged on its namespace';
const secure = (securityContext: object) => ({ securityContext });
const init = (securityContext: object) => ({ initContainers: [{ name: 'init', image: 'init', securityContext }] });

const owned = (object: KubernetesObject): KubernetesObject => ({
  ...object, metadata: { ...object.metadata, ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent', uid: '6f2d3a1e-0000-4000-8000-000000000000', controller: true }] },
}) as KubernetesObject;
const MANY = pod({
  containers: Array.from({ length: 400 }, (_, index) => ({ name: `c${index}`, image: 'web', securityContext: { capabilities: { add: ['NET_BIND_SERVICE', 'NET_RAW', 'CHOWN', 'FOWNER'] } } })),
  volumes: Array.from({ length: 1000 }, (_, index) => ({ name: `v${index}`, emptyDir: {} })),
});

describeWithApiServer('the guard against pods that no policy binds', () => {
  let guarded: GuardedServer;
  const running = pod({}, {}, 'shop', 'running');

  beforeAll(async () => {
    guarded = await GuardedServer.start();
    guarded.apply(namespace('shop'), namespace('restricted', { 'pod-security.kubernetes.io/enforce': 'restricted' }), namespace('agents', { 'pod-security.kubernetes.io/enforce': 'privileged' }),
      namespace('calico-system'), namespace('kube-system2'), namespace('masked', { 'kubernetes.io/metadata.name': 'kube-system' }), running);
    guarded.apply(...guardObjects(podEscapesGuard(SYSTEM), 'deny'), ...guardObjects(volumeEscapesGuard(SYSTEM), 'deny'));
    await guarded.untilRefused(pod({ hostNetwork: true }));
    await guarded.untilRefused(volume({ hostPath: { path: '/' } }));
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
    ['a pod that its Windows host runs apart', pod({ os: { name: 'windows' }, securityContext: { windowsOptions: { hostProcess: false } } })],
    ['a capability that is only taken away', pod({}, secure({ capabilities: { drop: ['SYS_ADMIN', 'ALL'] } }))],
    ['processes shared within the pod', pod({ shareProcessNamespace: true })],
    ['a sidecar', pod({ initContainers: [{ name: 'side', image: 'side', restartPolicy: 'Always' }] })],
    ['a pod of a DaemonSet of the system', owned(pod({ hostNetwork: true, ...HOST_PATH }, secure({ privileged: true }), 'kube-system', 'aws-node-x'))],
    ['probes and hooks of its own', pod({}, { livenessProbe: { httpGet: { path: '/', port: 80 } }, readinessProbe: { tcpSocket: { port: 80 } }, lifecycle: { preStop: { httpGet: { path: '/', port: 80, host: '' } } } })],
    ['as many containers and volumes as one may have', MANY],
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
    ['a privileged sidecar', pod({ initContainers: [{ name: 'side', image: 'side', restartPolicy: 'Always', securityContext: { privileged: true } }] }), ['privileged']],
    ['a Windows host in an init container too', pod({ hostNetwork: true, os: { name: 'windows' }, ...init({ windowsOptions: { hostProcess: true } }) }, secure({ windowsOptions: { hostProcess: true } })), ['hostNetwork', 'windowsOptions.hostProcess']],
    ['a capability of an init container', pod(init({ capabilities: { add: ['SYS_PTRACE'] } })), ['capabilities']],
    ['a pod of a DaemonSet elsewhere', owned(pod({ hostNetwork: true }, {}, 'shop', 'agent-x')), ['hostNetwork']],
    ['a pod without a name', { ...pod({ hostPID: true }), metadata: { generateName: 'web-', namespace: 'shop' } } as never, ['hostPID']],
    ['a namespace that calls itself the system', pod({ hostPID: true }, {}, 'masked'), ['hostPID']],
    ['a namespace of nearly the system\'s name', pod({ hostPID: true }, {}, 'kube-system2'), ['hostPID']],
    ['a share of whoever it says', pod({ volumes: [{ name: 'v', nfs: { server: 'attacker.example.com', path: '/' } }] }), ['nfs']],
    ['a disk of whoever it says', pod({ volumes: [{ name: 'v', iscsi: { targetPortal: '198.51.100.7:3260', iqn: 'iqn.2024-01.com.example:a', lun: 0 } }] }), ['iscsi']],
    ['a repository of whoever it says', pod({ volumes: [{ name: 'v', gitRepo: { repository: 'https://attacker.example.com/x' } }] }), ['gitRepo']],
    ['a driver on its node', pod({ volumes: [{ name: 'v', flexVolume: { driver: 'example.com/driver' } }] }), ['flexVolume']],
    ['a probe of instance metadata', pod({}, { livenessProbe: { httpGet: { path: '/latest/', port: 80, host: '169.254.169.254' } } }), [ANOTHER_HOST]],
    ['a probe of a port anywhere', pod({}, { readinessProbe: { tcpSocket: { port: 443, host: 'attacker.example.com' } } }), [ANOTHER_HOST]],
    ['a probe of its node', pod({}, { startupProbe: { httpGet: { path: '/', port: 10255, host: '127.0.0.1' } } }), [ANOTHER_HOST]],
    ['a hook that calls elsewhere', pod({}, { lifecycle: { postStart: { httpGet: { path: '/', port: 80, host: '198.51.100.7' } } } }), [ANOTHER_HOST]],
    ['a last word elsewhere', pod({}, { lifecycle: { preStop: { tcpSocket: { port: 80, host: '198.51.100.7' } } } }), [ANOTHER_HOST]],
    ['a probe of a sidecar', pod({ initContainers: [{ name: 's', image: 's', restartPolicy: 'Always', livenessProbe: { tcpSocket: { port: 1, host: '10.0.0.1' } } }] }), [ANOTHER_HOST]],
    ['as much as a pod may have', { ...MANY, spec: { ...MANY.spec as object, hostPID: true } } as KubernetesObject, ['hostPID']],
  ])('refuses %s, as the check at synthesis does', async (_name, object, fields) => {
    expect(await guarded.create(object)).toBe(refusalOf(...fields));
    const { hostNetwork, escapes } = workloadOf(object as never)!;
    expect([...hostNetwork ? ['hostNetwork'] : [], ...escapes]).toEqual(fields);
  });

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
    test.each([{ capabilities: { add: ['SYS_ADMIN'] } }, { procMount: 'Unmasked' }])('nor one that escapes: %j', async (context) => {
      const answer = await guarded.update(running, debug(context), undefined, '/ephemeralcontainers').catch((error: Error) => error.message);
      expect(answer).toMatch(/secure-eks-pod-escapes|procMount/);
    });
    test('may not get a privileged one by a patch', async () =>
      expect(await guarded.patch(running, 'strategic-merge-patch', debug({ privileged: true }), DEVELOPER, '/ephemeralcontainers')).toBe(refusalOf('privileged')));
    test('may not become what a new one may not be', async () => {
      await expect(guarded.update(running, { spec: { hostPID: true } })).rejects.toThrow(/422 .*pod updates may not change fields/);
    });
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

  describe('volumes that are files of a node:', () => {
    const REFUSED = /^secure-eks-volume-escapes: spec.hostPath and spec.local are files of a node/;
    const affinity = { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['a'] }] }] } } };
    const local = { local: { path: '/mnt/disks/a' }, ...affinity };
    const sources: [string, object, boolean][] = [
      ['a folder', { hostPath: { path: '/' } }, true], ['a folder of a type', { hostPath: { path: '/var/lib', type: 'Directory' } }, true], ['a disk', local, true], ['a disk with a class', { ...local, storageClassName: 'local' }, true],
      ['a volume of a driver', { csi: { driver: 'ebs.csi.aws.com', volumeHandle: 'vol-1' } }, false], ['a share', { nfs: { server: 'fs.example.com', path: '/' } }, false],
    ];
    const users: [string, string, boolean][] = [
      ['a developer', DEVELOPER, true], ['a namesake of the system', 'system:serviceaccount:kube-system2:provisioner', true], ['an account of a team', 'system:serviceaccount:shop:provisioner', true],
      ['an administrator', ADMINISTRATOR, false], ['a provisioner of the system', 'system:serviceaccount:kube-system:provisioner', false],
    ];
    beforeAll(() => guarded.bind(users.map(([, user]) => user).filter((user) => user.startsWith('system:'))));

    testCases([
      ...sources.flatMap(([what, source, escapes]) => users.map(([who, user, bound]): Case => [`${who} makes ${what}`, () => guarded.create(volume(source), user), escapes && bound ? REFUSED : undefined])),
      ...sources.slice(0, 4).flatMap(([what, source]): Case[] => [
        [`${what} by apply`, () => guarded.patch(volume(source), 'apply-patch', volume(source)), REFUSED],
        [`${what} of a name that the server makes`, () => guarded.create({ ...volume(source), metadata: { generateName: 'data-' } } as never), REFUSED],
        [`${what} as if it were on its way out`, () => guarded.create({ ...volume(source), metadata: { name: 'data', deletionTimestamp: '2026-01-01T00:00:00Z' } } as never), REFUSED],
      ]),
    ]);

    test('what was there goes on, and goes', async () => {
      const old = { ...volume({ hostPath: { path: '/' } }), metadata: { name: 'old' } };
      guarded.apply(old);
      expect(await guarded.update(old, { metadata: { labels: { a: 'b' } }, spec: { persistentVolumeReclaimPolicy: 'Retain' } })).toBeUndefined();
      expect(await guarded.update(old, { status: { phase: 'Bound' } }, DEVELOPER, '/status')).toBeUndefined();
      expect(await guarded.remove(old)).toBeUndefined();
    });
  });
});
