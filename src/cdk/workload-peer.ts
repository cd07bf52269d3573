import { IConstruct } from 'constructs';
import { KubernetesObject, workloadOf } from '../core/connectivity/workload';
import { Peer } from '../core/policy/intent';

/** The Kubernetes object behind a construct: of cdk8s, any cdk8s-plus or an imported API. By shape, as copies of a library differ. */
export function objectOf(construct: IConstruct): KubernetesObject {
  const rendered = [construct, construct.node.defaultChild].find((each) => typeof (each as any)?.toJson === 'function' && typeof (each as any).kind === 'string');
  if (!rendered) {
    throw new Error(`${construct.node.path}: it is no Kubernetes object and has none as its default child; give a cdk8s ApiObject or a construct around one`);
  }
  return (rendered as any).toJson();
}

/** The pods of a workload, by its own selector and service account. */
export function workloadPeer(construct: IConstruct): Peer {
  const object = objectOf(construct);
  const workload = workloadOf(object);
  if (!workload) throw new Error(`NetworkPeer.fromWorkload(${construct.node.path}): a ${object.kind} makes no pods; give a Deployment, StatefulSet, DaemonSet, Job, CronJob or Pod`);
  const { namespace, selector, serviceAccount } = workload;
  return { kind: 'pods', namespace, ...Object.keys(selector).length > 0 && { labels: selector }, serviceAccount };
}

/** The pods that a Service selects. */
export function servicePeer(construct: IConstruct): Peer {
  const { kind, metadata, spec } = objectOf(construct);
  const selector: Record<string, string> | undefined = kind === 'Service' ? spec?.selector : undefined;
  if (!selector || Object.keys(selector).length === 0) {
    throw new Error(`NetworkPeer.service(${construct.node.path}): a ${kind} without a selector has no pods in view; name the pods with NetworkPeer.pods()`);
  }
  return { kind: 'pods', namespace: metadata?.namespace ?? 'default', labels: selector };
}
