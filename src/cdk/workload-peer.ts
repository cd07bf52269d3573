import { IConstruct } from 'constructs';
import { KubernetesObject, workloadOf } from '../core/connectivity/workload';
import { Labels, Peer } from '../core/policy/intent';
import { checkLabel, checkNamespaceName, checkObjectName } from '../core/policy/syntax';

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
  const subject = `NetworkPeer.fromWorkload(${construct.node.path})`;
  if (Object.keys(selector).length === 0) throw new Error(`${subject}: its pods have no labels, and an empty list never means everything; give them a label`);
  requireSelectable(subject, selector, checkNamespaceName(namespace), checkObjectName('service account', serviceAccount));
  return { kind: 'pods', namespace, labels: selector, serviceAccount, ofWorkload: true };
}

/** The pods that a Service selects. */
export function servicePeer(construct: IConstruct): Peer {
  const { kind, metadata, spec } = objectOf(construct);
  const selector: Record<string, string> | undefined = kind === 'Service' ? spec?.selector : undefined;
  if (!selector || Object.keys(selector).length === 0) {
    throw new Error(`NetworkPeer.service(${construct.node.path}): a ${kind} without a selector has no pods in view; name the pods with NetworkPeer.pods()`);
  }
  const namespace = metadata?.namespace ?? 'default';
  requireSelectable(`NetworkPeer.service(${construct.node.path})`, selector, checkNamespaceName(namespace));
  return { kind: 'pods', namespace, labels: selector, ofWorkload: true };
}

/** What an object says becomes text of a selector: a quote in it would say something else. A token is no label either. */
function requireSelectable(subject: string, labels: Labels, ...names: (string | undefined)[]): void {
  const broken = [...names, ...Object.entries(labels).map(([key, value]) => checkLabel(key, value))].find((each) => each !== undefined);
  if (broken) throw new Error(`${subject}: ${broken}`);
}
