import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { NAMESPACE, testNetwork } from './deploy/fixture';
import { Releases } from './releases';
import { ApiServer, START_TIMEOUT_MS, STOP_TIMEOUT_MS } from '../kube-apiserver/api-server';
import { describeWithApiServer } from '../kube-apiserver/available';
import { blocks } from '../markdown';

const PAGE = readFileSync(join(__dirname, '..', '..', 'docs', 'upgrading-calico.md'), 'utf8');
/** How an object is handed over to a release, as the page says it. */
const HAND_OVER = blocks(PAGE, 'sh')[0].trim().split('\n');

const DEFINITION = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'globalnetworkpolicies.crd.example.com' },
  spec: {
    group: 'crd.example.com', scope: 'Cluster', names: { kind: 'GlobalNetworkPolicy', plural: 'globalnetworkpolicies', singular: 'globalnetworkpolicy' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } }],
  },
};
const POLICY = { apiVersion: 'crd.example.com/v1', kind: 'GlobalNetworkPolicy', metadata: { name: 'deny' } };

let server: ApiServer;

/** What a stack that is deployed again finds on a cluster that is still there. A local chart stands for Calico's: it holds its definition among its templates, as theirs does. */
describeWithApiServer('after a re-creation', () => {
  const folder = mkdtempSync(join(tmpdir(), 'definitions-'));

  beforeAll(async () => {
    mkdirSync(join(folder, 'templates'));
    writeFileSync(join(folder, 'Chart.yaml'), 'apiVersion: v2\nname: definitions\nversion: 1.0.0\n');
    writeFileSync(join(folder, 'templates', 'definition.yaml'), JSON.stringify(DEFINITION));
    server = await ApiServer.start();
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await server?.stop();
  }, STOP_TIMEOUT_MS);

  describe('retained definitions', () => {
    // With the arguments that aws-cdk-lib's handler gives it.
    const install = () => server.helm(['upgrade', 'calico-crds', folder, '--install', '--create-namespace', '--namespace', 'tigera-operator', '--wait', '--timeout', '30s']);
    const uids = () => [succeed('get', 'crd', DEFINITION.metadata.name, '-o', 'jsonpath={.metadata.uid}'), succeed('get', 'globalnetworkpolicies.crd.example.com', 'deny', '-o', 'jsonpath={.metadata.uid}')];
    let before: string[];

    beforeAll(() => {
      expect(install()).toMatchObject({ status: 0 });
      succeed('wait', '--for=condition=Established', '--timeout=30s', 'crd', DEFINITION.metadata.name);
      apply(POLICY);
      before = uids();
    }, 60_000);

    test('are taken over by their release, with every policy in them', () => {
      expect(install()).toMatchObject({ status: 0 });
      expect(uids()).toEqual(before);
    }, 60_000);

    test('also where the record of the release is lost', () => {
      succeed('delete', 'secret', '--namespace', 'tigera-operator', '-l', 'owner=helm');
      expect(install()).toMatchObject({ status: 0 });
      expect(uids()).toEqual(before);
    }, 60_000);

    test('of somebody else are refused, and taken over once they are handed over', () => {
      succeed('delete', 'secret', '--namespace', 'tigera-operator', '-l', 'owner=helm');
      succeed('annotate', 'crd', DEFINITION.metadata.name, 'meta.helm.sh/release-name=calico', '--overwrite');
      expect(install()).toMatchObject({ status: 1, stderr: expect.stringContaining('invalid ownership metadata') });
      expect(uids()).toEqual(before);
      handOver('crd', DEFINITION.metadata.name, 'calico-crds', 'tigera-operator');
      expect(install()).toMatchObject({ status: 0 });
      expect(uids()).toEqual(before);
    }, 60_000);
  });

  describe('kept namespaces', () => {
    const ofPlatform = () => {
      const { network, stack } = testNetwork();
      network.deployNamespaces([NAMESPACE]);
      return new Releases(server, stack);
    };
    const ofChart = () => {
      const { network, stack } = testNetwork();
      network.deployObjects(stack, 'Shop', 'shop', [NAMESPACE]);
      return new Releases(server, stack);
    };
    const uid = () => succeed('get', 'namespace', 'shop', '-o', 'jsonpath={.metadata.uid}');

    test('that a chart brought are refused to the platform, and taken over by the commands of the page, with all in them', () => {
      expect(ofChart().install('shop-kept')).toMatchObject({ status: 0 });
      expect(ofChart().uninstall('shop-kept')).toMatchObject({ status: 0 });
      apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kept', namespace: 'shop' } });
      const before = uid();

      expect(ofPlatform().install('eks-namespaces')).toMatchObject({ status: 1, stderr: expect.stringContaining('invalid ownership metadata') });
      for (const command of HAND_OVER) succeed(...command.split(' ').slice(1));
      expect(ofPlatform().install('eks-namespaces')).toMatchObject({ status: 0 });
      expect(uid()).toBe(before);
      expect(succeed('get', 'configmap', 'kept', '-n', 'shop', '-o', 'name').trim()).toBe('configmap/kept');
    }, 90_000);

    test('of the platform are taken over as they are, again and again', () => {
      const before = uid();
      for (let round = 0; round < 2; round++) {
        expect(ofPlatform().uninstall('eks-namespaces')).toMatchObject({ status: 0 });
        expect(uid()).toBe(before);
        expect(ofPlatform().install('eks-namespaces')).toMatchObject({ status: 0 });
        expect(uid()).toBe(before);
      }
    }, 120_000);

    test('that nobody\'s release made are refused until they are handed over', () => {
      succeed('delete', 'namespace', 'shop', '--wait=false');
      const other = { ...NAMESPACE, metadata: { name: 'market' } };
      apply(other);
      const { network, stack } = testNetwork();
      network.deployNamespaces([other]);
      const releases = new Releases(server, stack);
      server.helm(['uninstall', 'eks-namespaces', '--namespace', 'kube-system']);
      expect(releases.install('eks-namespaces')).toMatchObject({ status: 1, stderr: expect.stringContaining('invalid ownership metadata') });
      for (const command of HAND_OVER) succeed(...command.replace('shop', 'market').split(' ').slice(1));
      expect(releases.install('eks-namespaces')).toMatchObject({ status: 0 });
    }, 90_000);
  });
});

function handOver(kind: string, name: string, release: string, namespace: string): void {
  for (const command of HAND_OVER) {
    succeed(...command.replace('namespace shop', `${kind} ${name}`).replace('=eks-namespaces', `=${release}`).replace('=kube-system', `=${namespace}`).split(' ').slice(1));
  }
}

function apply(object: object): void {
  const { status, stderr } = server.kubectl(['apply', '-f', '-'], JSON.stringify(object));
  if (status !== 0) throw new Error(stderr);
}

function succeed(...args: string[]): string {
  const { status, stdout, stderr } = server.kubectl(args);
  if (status !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}
