import { isDeepStrictEqual } from 'util';
import { ACCOUNT } from './cloudformation';
import { KubectlFunctions } from './functions';
import { Controllers } from './stand-ins/controllers';
import { ApiServer } from '../kube-apiserver/api-server';

/** What is in a cluster, by kind, namespace and name. */
export type Snapshot = Map<string, Found>;

export interface Found {
  readonly version: string;
  /** All but what the server keeps for itself, and status, which controllers write. */
  readonly content: string;
  /** Whether a controller has looked at it. */
  readonly seen: boolean;
}

/** Written by the server and its controllers all the time, or by Helm at every release. */
const RESTLESS = /^(Lease|Event|Endpoints|EndpointSlice|APIService|FlowSchema|PriorityLevelConfiguration|ComponentStatus)\b/;
const HELM_SECRET = /^Secret [^ ]+ sh\.helm\.release\.v1\./;

/** A cluster without nodes: a real API server with real controllers, and stand-ins for the rest. */
export class TestCluster {
  public static async start(lifetimeSeconds?: number): Promise<TestCluster> {
    const server = await ApiServer.start({ controllers: true, lifetimeSeconds });
    const cluster = new TestCluster(server);
    // As the access entry of the role that deploys.
    await server.ask('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
      metadata: { name: 'deployer' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: DEPLOYER }],
    });
    // What the cluster begins with, its controllers' share included.
    await until(async () => (await cluster.snapshot()).has('ServiceAccount kube-system generic-garbage-collector'));
    cluster.first = new Set((await cluster.snapshot()).keys());
    return cluster;
  }

  public readonly functions: KubectlFunctions;
  private readonly controllers: Controllers;
  private first: ReadonlySet<string> = new Set();

  private constructor(public readonly server: ApiServer) {
    this.functions = new KubectlFunctions(server.kubeconfigAs(DEPLOYER));
    this.controllers = new Controllers(server);
  }

  public async stop(): Promise<void> {
    await this.controllers.stop();
    await this.server.stop();
  }

  /** The same once controllers have written what they write after a change. */
  public async settled(): Promise<Snapshot> {
    let last = await this.snapshot();
    await until(async () => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      const before = last;
      last = await this.snapshot();
      return isDeepStrictEqual(before, last) && [...last].every(([key, { seen }]) => seen || !key.startsWith('ValidatingAdmissionPolicy '));
    });
    return last;
  }

  /** All that was not there at the start, but what never rests. */
  public async snapshot(): Promise<Snapshot> {
    const groups: string[] = (await this.server.ask('GET', '/apis')).body.groups.map(({ preferredVersion }: any) => `/apis/${preferredVersion.groupVersion}`);
    const found: Snapshot = new Map();
    await Promise.all(['/api/v1', ...groups].map(async (path) => {
      const { resources = [] } = (await this.server.ask('GET', path)).body;
      for (const { name, kind, verbs } of resources as { name: string; kind: string; verbs: string[] }[]) {
        if (!verbs.includes('list') || RESTLESS.test(kind)) continue;
        for (const { metadata, status, ...rest } of (await this.server.ask('GET', `${path}/${name}`)).body.items ?? []) {
          const key = `${kind} ${metadata.namespace ?? '-'} ${metadata.name}`;
          const { labels, annotations, finalizers, deletionTimestamp } = metadata;
          if (this.first.has(key)) continue;
          const content = JSON.stringify([rest, labels, annotations, finalizers, deletionTimestamp]);
          found.set(key, { version: metadata.resourceVersion, seen: status?.observedGeneration !== undefined, content });
        }
      }
    }));
    return found;
  }
}

/** What Helm keeps of its releases changes with each. */
export function withoutHelm(snapshot: Snapshot): Snapshot {
  return new Map([...snapshot].filter(([key]) => !HELM_SECRET.test(key)));
}

export async function until(holds: () => Promise<boolean>, withinMs = 30_000): Promise<void> {
  for (const deadline = Date.now() + withinMs; !await holds();) {
    if (Date.now() > deadline) throw new Error(`not so after ${withinMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** How the API server knows the function that deploys: CloudFormation names a role here by its logical id. */
export const DEPLOYER = `arn:aws:sts::${ACCOUNT}:assumed-role/clusterkubectlproviderhandlerservicerole1f31c848/function`;
