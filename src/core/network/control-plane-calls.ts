import { Compiled } from '../connectivity/compile';
import { KubernetesObject } from '../connectivity/workload';
import { Diagnostic } from '../diagnostic';
import { ConnectionSet, portSet, PROTOCOL } from '../sets';
import { subjectOf } from './object-checks';
import { decidedAndAddedBy } from './reasons';
import { NetworkView } from './topology';

interface Called {
  readonly subject: string;
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

/** Webhooks, conversions and aggregated APIs whose pods the control plane cannot reach: the API would hang, or refuse every write. */
export function checkControlPlaneCalls(objects: readonly KubernetesObject[], compiled: Compiled, view: NetworkView, openPorts: readonly number[]): Diagnostic[] {
  return objects.flatMap(callsOf).flatMap((called): Diagnostic[] => {
    const { subject, namespace, name, port } = called;
    const service = objects.find(({ kind, metadata }) => kind === 'Service' && metadata?.name === name && (metadata.namespace ?? 'default') === namespace);
    const pods = service ? view.endpoints.filter((pod) => pod.namespace === namespace && selects(service.spec?.selector, pod.labels)) : [];
    if (!service || pods.length === 0) {
      return [{
        code: 'controlPlaneCallUnseen', severity: 'warning', subject,
        message: `the control plane calls Service ${namespace}/${name}, ${service ? 'whose pods are' : 'which is'} not in view: whether it can is undetermined`,
        fix: 'make sure that allowFromControlPlane() names its pods',
      }];
    }
    const target = (service.spec?.ports ?? []).find((each: any) => each.port === port)?.targetPort ?? port;
    return pods.flatMap((pod): Diagnostic[] => {
      const number = typeof target === 'number' ? target : pod.ports?.find((each) => each.name === target)?.port;
      const pieces = number === undefined ? [] : compiled.between(view.outside({ kind: 'controlPlane' }), pod, ConnectionSet.ports(PROTOCOL.TCP, portSet(number)));
      const denied = pieces.find(({ verdict }) => verdict === 'deny');
      const reason = number === undefined ? `no port named ${String(target)} is in view there`
        : denied ? decidedAndAddedBy(denied, view.origins) : openPorts.includes(number) || pod.hostNetwork ? undefined : 'the security group of nodes and pods does not admit it';
      return reason === undefined ? [] : [{
        code: 'controlPlaneCallDenied', severity: 'error', subject, acknowledgeable: true,
        message: `the control plane calls ${namespace}/${pod.name} on TCP ${String(number ?? target)} through Service ${namespace}/${name}, and cannot: ${reason}`,
        fix: number === undefined ? `give a container of ${namespace}/${pod.name} a port of that name, or the Service a number`
          : `open it with allowFromControlPlane(), destination the pods of ${namespace}/${pod.name}, ports NetworkPort.tcp(${number})`,
      }];
    });
  });
}

function callsOf(object: KubernetesObject): Called[] {
  const configured = (service: any, fallback: number): Called[] => service ? [{
    subject: subjectOf(object), namespace: service.namespace ?? 'default', name: service.name, port: service.port ?? fallback,
  }] : [];
  switch (object.kind) {
    case 'ValidatingWebhookConfiguration': case 'MutatingWebhookConfiguration':
      return ((object as any).webhooks ?? []).flatMap((webhook: any) => configured(webhook.clientConfig?.service, 443));
    case 'CustomResourceDefinition': return configured(object.spec?.conversion?.webhook?.clientConfig?.service, 443);
    case 'APIService': return configured(object.spec?.service, 443);
    default: return [];
  }
}

function selects(selector: Record<string, string> | undefined, labels: Readonly<Record<string, string>>): boolean {
  const entries = Object.entries(selector ?? {});
  return entries.length > 0 && entries.every(([key, value]) => labels[key] === value);
}
