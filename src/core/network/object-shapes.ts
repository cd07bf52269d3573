import { subjectOf } from './object-checks';
import { KubernetesObject } from '../connectivity/workload';
import { Diagnostic } from '../diagnostic';
import { isUnknown } from '../policy/syntax';

/** What a field must be: text and so on, a map of texts, a list of one shape, or a map of which some fields are read. */
type Shape = 'text' | 'number' | 'flag' | 'texts' | readonly [Shape] | { readonly [field: string]: Shape };

const SERVICE_REFERENCE: Shape = { name: 'text', namespace: 'text', port: 'number' };
const HANDLER: Shape = { httpGet: { host: 'text' }, tcpSocket: { host: 'text' } };
const WINDOWS: Shape = { hostProcess: 'flag' };
const CONTAINER: Shape = {
  image: 'text', securityContext: { privileged: 'flag', procMount: 'text', capabilities: { add: ['text'] }, windowsOptions: WINDOWS },
  livenessProbe: HANDLER, readinessProbe: HANDLER, startupProbe: HANDLER, lifecycle: { postStart: HANDLER, preStop: HANDLER },
  ports: [{ name: 'text', containerPort: 'number', protocol: 'text' }],
};
const POD: Shape = {
  containers: [CONTAINER], initContainers: [CONTAINER], ephemeralContainers: [CONTAINER], volumes: [{}], securityContext: { windowsOptions: WINDOWS },
  serviceAccountName: 'text', serviceAccount: 'text', hostNetwork: 'flag', hostPID: 'flag',
};
const TEMPLATE: Shape = { metadata: { labels: 'texts', annotations: 'texts' }, spec: POD };
const TEMPLATED: Shape = { spec: { selector: { matchLabels: 'texts' }, template: TEMPLATE } };
const WEBHOOKS: Shape = { webhooks: [{ clientConfig: { service: SERVICE_REFERENCE } }] };

const EVERY: Shape = { apiVersion: 'text', kind: 'text', metadata: { name: 'text', namespace: 'text', labels: 'texts', annotations: 'texts' } };
const BY_KIND: { readonly [kind: string]: Shape } = {
  Pod: { spec: POD },
  DaemonSet: TEMPLATED, Deployment: TEMPLATED, Job: TEMPLATED, ReplicaSet: TEMPLATED, ReplicationController: TEMPLATED, StatefulSet: TEMPLATED,
  CronJob: { spec: { jobTemplate: { spec: { template: TEMPLATE } } } },
  Service: { spec: { type: 'text', loadBalancerClass: 'text', selector: 'texts', ports: [{ port: 'number' }], loadBalancerSourceRanges: ['text'], externalIPs: ['text'] } },
  ValidatingWebhookConfiguration: WEBHOOKS, MutatingWebhookConfiguration: WEBHOOKS,
  CustomResourceDefinition: { spec: { conversion: { webhook: { clientConfig: { service: SERVICE_REFERENCE } } } } },
  APIService: { spec: { service: SERVICE_REFERENCE } },
};

/** The objects whose fields are of the types that the Kubernetes API has for them, and an error for each other one: it would be refused, and is not to be misread. */
export function wellShaped(objects: readonly KubernetesObject[]): { objects: KubernetesObject[]; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const sound = objects.filter((object) => {
    const problem = misfit(object, EVERY, '') ?? (Object.prototype.hasOwnProperty.call(BY_KIND, object.kind ?? '') ? misfit(object, BY_KIND[object.kind!], '') : undefined);
    if (problem !== undefined) diagnostics.push({ code: 'objectMalformed', severity: 'error', subject: subjectOf(object), message: problem, fix: 'write it as the Kubernetes API has it' });
    return problem === undefined;
  });
  return { objects: sound, diagnostics };
}

/** The first field that is something else than it must be. What only the deployment knows is judged elsewhere. */
function misfit(value: unknown, shape: Shape, path: string): string | undefined {
  if (value === undefined || value === null || isUnknown(value)) return undefined;
  const wrong = (what: string) => `${path || 'it'} is ${JSON.stringify(value)?.slice(0, 80)}, and must be ${what}`;
  if (shape === 'text') return typeof value === 'string' ? undefined : wrong('text');
  if (shape === 'number') return typeof value === 'number' ? undefined : wrong('a number');
  if (shape === 'flag') return typeof value === 'boolean' ? undefined : wrong('true or false');
  if (isList(shape)) {
    if (!Array.isArray(value)) return wrong('a list');
    return first(value.map((item, index) => item === null ? `${path}[${index}] is null` : misfit(item, shape[0], `${path}[${index}]`)));
  }
  if (typeof value !== 'object' || Array.isArray(value)) return wrong('a map');
  if (shape === 'texts') return first(Object.entries(value).map(([key, item]) => misfit(item, 'text', `${path}['${key}']`)));
  return first(Object.entries(shape).map(([field, inner]) => misfit((value as Record<string, unknown>)[field], inner, path === '' ? field : `${path}.${field}`)));
}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}

function first(problems: readonly (string | undefined)[]): string | undefined {
  return problems.find((problem) => problem !== undefined);
}
