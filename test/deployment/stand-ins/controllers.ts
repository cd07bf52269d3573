import { readFileSync, readdirSync } from 'fs';
import { join } from 'path';
import { load } from 'js-yaml';
import { ApiServer } from '../../kube-apiserver/api-server';
import { CRD_FOLDER } from '../../kubernetes/crds';

const LOOK_EVERY_MS = 150;
const FINALIZER = 'stand-in/load-balancer';
const APPS = '/apis/apps/v1';

interface Item {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly generation: number; readonly deletionTimestamp?: string; readonly finalizers?: string[] };
  readonly spec: any;
  readonly status: any;
}

/**
 * Stands in for nodes and for the controllers of others. Workloads are ready and Jobs done as soon as they are written; a load
 * balancer keeps its Service or Ingress until its controller, where that runs, has let it go; Calico's v3 API is there while its
 * operator is, as definitions instead of an API server of its own.
 */
export class Controllers {
  private running = true;
  private readonly ended: Promise<void>;

  public constructor(private readonly server: ApiServer) {
    this.ended = this.run();
  }

  public async stop(): Promise<void> {
    this.running = false;
    await this.ended;
  }

  private async run(): Promise<void> {
    while (this.running) {
      const deployments = await this.list(`${APPS}/deployments`);
      const runs = (name: string) => deployments.some(({ metadata, status }) => metadata.name === name && status.readyReplicas > 0);
      for (const each of deployments) await this.settle(`${APPS}/namespaces/${each.metadata.namespace}/deployments`, each, deploymentStatus(each));
      for (const each of await this.list(`${APPS}/statefulsets`)) await this.settle(`${APPS}/namespaces/${each.metadata.namespace}/statefulsets`, each, statefulSetStatus(each));
      for (const each of await this.list(`${APPS}/daemonsets`)) await this.settle(`${APPS}/namespaces/${each.metadata.namespace}/daemonsets`, each, daemonSetStatus(each));
      for (const each of await this.list('/apis/batch/v1/jobs')) await this.settle(`/apis/batch/v1/namespaces/${each.metadata.namespace}/jobs`, each, jobStatus(each));
      const controller = runs('aws-load-balancer-controller');
      for (const each of await this.list('/api/v1/services')) {
        const theirs = each.spec.loadBalancerClass === 'service.k8s.aws/nlb';
        if (each.spec.type === 'LoadBalancer' && (!theirs || controller)) await this.balance(`/api/v1/namespaces/${each.metadata.namespace}/services`, each);
      }
      for (const each of await this.list('/apis/networking.k8s.io/v1/ingresses')) {
        if (controller) await this.balance(`/apis/networking.k8s.io/v1/namespaces/${each.metadata.namespace}/ingresses`, each);
      }
      await this.serveCalico(runs('tigera-operator'));
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  private async list(path: string): Promise<Item[]> {
    return (await this.server.ask('GET', path)).body?.items ?? [];
  }

  /** Whoever wrote in between is answered at the next look. */
  private async settle(path: string, item: Item, status: object | undefined): Promise<void> {
    if (status) await this.server.ask('PUT', `${path}/${item.metadata.name}/status`, { ...item, status: { ...item.status, ...status } });
  }

  private async balance(path: string, item: Item): Promise<void> {
    const { finalizers = [], deletionTimestamp, name } = item.metadata;
    const held = finalizers.includes(FINALIZER);
    const put = (changed: object) => this.server.ask('PUT', `${path}/${name}`, { ...item, ...changed });
    if (deletionTimestamp !== undefined && held) await put({ metadata: { ...item.metadata, finalizers: finalizers.filter((each) => each !== FINALIZER) } });
    if (deletionTimestamp === undefined && !held) await put({ metadata: { ...item.metadata, finalizers: [...finalizers, FINALIZER] } });
    if (deletionTimestamp === undefined && held && !item.status.loadBalancer.ingress) {
      await this.settle(path, item, { loadBalancer: { ingress: [{ hostname: `${name}.elb.example.com` }] } });
    }
  }

  private async serveCalico(operator: boolean): Promise<void> {
    const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const there = (await this.list(definitions)).some(({ metadata }) => metadata.name === 'tiers.projectcalico.org');
    if (there === operator) return;
    for (const file of readdirSync(CRD_FOLDER).filter((name) => name.endsWith('.yaml'))) {
      const definition = load(readFileSync(join(CRD_FOLDER, file), 'utf8')) as Item;
      if (operator) await this.server.ask('POST', definitions, definition);
      else await this.server.ask('DELETE', `${definitions}/${definition.metadata.name}`);
    }
  }
}

const condition = (type: string, reason = 'StandIn') => ({ type, status: 'True', reason, lastTransitionTime: new Date().toISOString() });

function isSettled({ metadata, status }: Item): boolean {
  return status?.observedGeneration === metadata.generation;
}

function deploymentStatus(item: Item): object | undefined {
  const replicas = item.spec.replicas ?? 1;
  return isSettled(item) ? undefined : {
    observedGeneration: item.metadata.generation, replicas, updatedReplicas: replicas, readyReplicas: replicas, availableReplicas: replicas, conditions: [condition('Available'), condition('Progressing', 'NewReplicaSetAvailable')],
  };
}

function statefulSetStatus(item: Item): object | undefined {
  const replicas = item.spec.replicas ?? 1;
  return isSettled(item) ? undefined : {
    observedGeneration: item.metadata.generation, replicas, currentReplicas: replicas, updatedReplicas: replicas, readyReplicas: replicas, availableReplicas: replicas,
    currentRevision: 'r', updateRevision: 'r',
  };
}

function daemonSetStatus(item: Item): object | undefined {
  return isSettled(item) ? undefined : {
    observedGeneration: item.metadata.generation, currentNumberScheduled: 1, desiredNumberScheduled: 1, updatedNumberScheduled: 1, numberReady: 1, numberAvailable: 1, numberMisscheduled: 0,
  };
}

function jobStatus({ status }: Item): object | undefined {
  const now = new Date().toISOString();
  return status?.succeeded ? undefined : {
    startTime: now, completionTime: now, succeeded: 1, conditions: [condition('SuccessCriteriaMet'), condition('Complete')], uncountedTerminatedPods: {},
  };
}
