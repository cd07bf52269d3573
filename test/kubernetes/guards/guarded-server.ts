import { KubernetesObject } from '../../../src/kubernetes/manifests/objects';
import { Answer, ApiServer } from '../../kube-apiserver/api-server';

/** Somebody who may write everything but guards. */
export const DEVELOPER = 'developer';
/** Who may change the guards. */
export const ADMINISTRATOR = 'administrator';
/** How the API server knows the role that deploys. */
export const DEPLOYER_PREFIX = 'arn:aws:sts::111122223333:assumed-role/deployer/';
export const DEPLOYER = `${DEPLOYER_PREFIX}kubectl`;
export const CALICO_API_SERVER = 'system:serviceaccount:calico-system:calico-apiserver';

/** Longer than a new guard needs to be in force. */
const IN_FORCE_WITHIN_MS = 30_000;

/** A real API server, and what it says to requests that guards judge. */
export class GuardedServer {
  public static async start(): Promise<GuardedServer> {
    const server = await ApiServer.start();
    await server.ask('POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles', {
      metadata: { name: 'everything-but-guards' },
      rules: [{ apiGroups: ['', 'apps', 'batch', 'networking.k8s.io', 'gateway.networking.k8s.io', 'gateway.k8s.aws', 'elbv2.k8s.aws', 'eks.amazonaws.com', 'aga.k8s.aws', 'projectcalico.org', 'crd.projectcalico.org'], resources: ['*'], verbs: ['*'] }],
    });
    await bind(server, 'everything-but-guards', [DEVELOPER, ADMINISTRATOR, DEPLOYER, CALICO_API_SERVER]);
    await bind(server, 'cluster-admin', [ADMINISTRATOR, DEPLOYER]);
    return new GuardedServer(server);
  }

  private constructor(public readonly server: ApiServer) {}

  /** Lets more users write everything but guards. */
  public bind(users: readonly string[]): Promise<void> {
    return bind(this.server, 'everything-but-guards', users, 'more');
  }

  public stop(): Promise<void> {
    return this.server.stop();
  }

  /** Applies objects as the holder of the server, past RBAC but not past guards. */
  public apply(...objects: object[]): void {
    const { status, stderr } = this.server.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
    if (status !== 0) throw new Error(`kubectl apply: ${stderr}`);
  }

  /** A guard takes a while: asks for something that it must refuse until it does. */
  public async untilRefused(object: KubernetesObject, as = DEVELOPER): Promise<void> {
    const deadline = Date.now() + IN_FORCE_WITHIN_MS;
    while (await this.create(object, as) === undefined) {
      if (Date.now() > deadline) throw new Error(`no guard refuses ${object.kind} ${object.metadata?.name} after ${IN_FORCE_WITHIN_MS / 1000} s`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  /** What a guard says to its creation; undefined where it is admitted. Nothing is kept. */
  public async create(object: KubernetesObject, as = DEVELOPER): Promise<string | undefined> {
    return refusal(await this.server.ask('POST', `${collection(object)}?dryRun=All`, object, as), `create ${describe(object)}`);
  }

  /** What the server says to its creation, by a guard or by its own rules. */
  public async judge(object: KubernetesObject): Promise<string | undefined> {
    const { status, body } = await this.server.ask('POST', `${collection(object)}?dryRun=All`, object, DEVELOPER);
    if (status < 300) return undefined;
    if (status !== 403 && status !== 422) throw new Error(`create ${describe(object)}: ${status} ${body?.message}`);
    return String(body.message);
  }

  /** The same of a change: merged into what is there. */
  public async update(object: KubernetesObject, change: object, as = DEVELOPER, subresource = ''): Promise<string | undefined> {
    const path = `${collection(object)}/${object.metadata?.name}`;
    const { body: now } = await this.server.ask('GET', path);
    return refusal(await this.server.ask('PUT', `${path}${subresource}?dryRun=All`, merge(now, change), as), `update ${describe(object)}`);
  }

  /** The same by a patch: `merge-patch`, `strategic-merge-patch`, `json-patch`, or `apply-patch` of the server's side. */
  public async patch(object: KubernetesObject, type: string, change: object, as = DEVELOPER, subresource = ''): Promise<string | undefined> {
    const query = type === 'apply-patch' ? '&fieldManager=test&force=true' : '';
    const contentType = `application/${type}+${type === 'apply-patch' ? 'yaml' : 'json'}`;
    return refusal(await this.server.ask('PATCH', `${collection(object)}/${object.metadata?.name}${subresource}?dryRun=All${query}`, change, as, contentType), `patch ${describe(object)}`);
  }

  /** Removes it, which a finalizer of its own holds up. */
  public async startRemoval(object: KubernetesObject): Promise<void> {
    const { status, body } = await this.server.ask('DELETE', `${collection(object)}/${object.metadata?.name}`);
    if (status >= 300) throw new Error(`delete ${describe(object)}: ${status} ${body?.message}`);
  }

  /** What the server says to the removal of everything of a kind. */
  public async removeAll(object: KubernetesObject, as = DEVELOPER): Promise<string | undefined> {
    return refusal(await this.server.ask('DELETE', `${collection(object)}?dryRun=All`, undefined, as), `delete all ${object.kind}`);
  }

  public async remove(object: KubernetesObject, as = DEVELOPER): Promise<string | undefined> {
    return refusal(await this.server.ask('DELETE', `${collection(object)}/${object.metadata?.name}?dryRun=All`, undefined, as), `delete ${describe(object)}`);
  }
}

/** What is asked, how, and the refusal that it must get; nothing where it must be admitted. */
export type Case = readonly [string, () => Promise<string | undefined>, string | RegExp | undefined];

/** Enough of them to try a guard from every side. */
export function testCases(cases: readonly Case[]): void {
  test.each(cases)('%s', async (_what, ask, refused) => {
    const answer = await ask();
    if (refused === undefined) expect(answer).toBeUndefined();
    else expect(answer).toMatch(refused);
  });
  test('are 40 or more', () => expect(cases.length).toBeGreaterThanOrEqual(40));
}

/** Changes by field; null removes. Lists are replaced. */
function merge(now: any, change: any): any {
  if (typeof change !== 'object' || change === null || Array.isArray(change) || typeof now !== 'object' || now === null) return change;
  return Object.fromEntries([...new Set([...Object.keys(now), ...Object.keys(change)])]
    .filter((key) => change[key] !== null).map((key) => [key, key in change ? merge(now[key], change[key]) : now[key]]));
}

/** Only a guard's no is an answer; anything else is a mistake of the test. */
function refusal({ status, body }: Answer, what: string): string | undefined {
  if (status < 300) return undefined;
  const message = String(body?.message);
  const [, guard] = /ValidatingAdmissionPolicy '([^']+)' with binding '[^']+' denied request: /.exec(message) ?? [];
  if (!guard) throw new Error(`${what}: ${status} ${message}`);
  return `${guard}: ${message.slice(message.indexOf('denied request: ') + 'denied request: '.length)}`;
}

const describe = ({ kind, metadata }: KubernetesObject): string => `${kind} ${metadata?.namespace ?? ''}/${metadata?.name}`;

const CLUSTER_SCOPED = ['Namespace', 'PersistentVolume', 'Tier', 'GlobalNetworkPolicy', 'StagedGlobalNetworkPolicy', 'IngressClassParams', 'IngressClass', 'GatewayClass'];
const PLURALS: Record<string, string> = {
  NetworkPolicy: 'networkpolicies', GlobalNetworkPolicy: 'globalnetworkpolicies', StagedGlobalNetworkPolicy: 'stagedglobalnetworkpolicies', StagedNetworkPolicy: 'stagednetworkpolicies',
  Ingress: 'ingresses', IngressClass: 'ingressclasses', IngressClassParams: 'ingressclassparams',
};

function collection({ apiVersion, kind, metadata }: KubernetesObject): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const place = CLUSTER_SCOPED.includes(kind) ? '' : `/namespaces/${metadata?.namespace ?? 'default'}`;
  return `${root}${place}/${PLURALS[kind] ?? `${kind.toLowerCase()}s`}`;
}

async function bind(server: ApiServer, role: string, users: readonly string[], name = role): Promise<void> {
  await server.ask('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    metadata: { name: `test-${name}` }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: users.map((user) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user })),
  });
}

/** A definition of a kind with any content, for groups whose own definitions are not part of this repository. */
export function openDefinition(group: string, version: string, kind: string, scope: 'Cluster' | 'Namespaced', plural = PLURALS[kind] ?? `${kind.toLowerCase()}s`): object {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, ...group.endsWith('k8s.io') && { annotations: { 'api-approved.kubernetes.io': 'https://github.com/kubernetes/enhancements/pull/1111' } } },
    spec: {
      group, scope, names: { kind, plural, singular: kind.toLowerCase() },
      versions: [{ name: version, served: true, storage: true, subresources: { status: {} }, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } }],
    },
  };
}
