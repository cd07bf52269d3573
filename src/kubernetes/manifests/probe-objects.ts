import { KubernetesObject } from './objects';
import { policyObject } from './policy-objects';
import { POD_SECURITY_LABEL } from '../../core/guard/guard-facts';
import { Policy } from '../../core/policy/policy';
import { JUDGE, ProbeFlow, ProbeIdentity, TARGET } from '../../core/probe/probe';
import { PROBE_NAMESPACE, PROBE_NAMESPACES, PROBE_TARGET_NAMESPACE, PROBE_TARGET_PORT } from '../../core/probe/probe-facts';

/** A probe as it is deployed. */
export interface ProbeObjectsIntent {
  /** Tells this run from every other: part of the names of whatever is not removed with it. */
  readonly tag: string;
  /** Of the stack, in the names of what the next run replaces. */
  readonly suffix: string;
  readonly identities: readonly ProbeIdentity[];
  readonly image: string;
  /** `fail`: the deployment waits for the verdict. `report`: the log has it, and nothing waits. */
  readonly mode: 'fail' | 'report';
  readonly timeoutSeconds: number;
  readonly holdSeconds: number;
  readonly tolerations: readonly object[];
}

/** The message of a run is to say where to look. */
const HELP = `Look further: docs/verify-enforcement.md of cdk-secure-eks; kubectl get pods -n calico-system; kubectl get jobs,pods,events -n ${PROBE_NAMESPACE}.`;

const PROGRAM = 'probe.js';
const FOLDER = '/probe';
/** Of the official image, in which it is called `node`. https://github.com/nodejs/docker-node/blob/main/docs/BestPractices.md#non-root-user */
const USER = 1000;
/** Left for a look at what became of them, then Kubernetes removes them. */
const KEPT_SECONDS = 3600;
/** Longer than a run may take: the last resort where nobody is left to end it. */
const beyond = ({ timeoutSeconds }: ProbeObjectsIntent): number => timeoutSeconds + 120;

/** One try, and the pause after it. */
const TRY_MS = 3000;
const PAUSE_MS = 1000;

/** What makes pods: the model judges these very objects. */
export function probePods(intent: ProbeObjectsIntent): KubernetesObject[] {
  return intent.identities.map((identity) => {
    if (identity.name === JUDGE) return judgeJob(identity, intent);
    return job(`${identity.name}-${intent.tag}`, identity, identity.name === TARGET ? ['listen', String(PROBE_TARGET_PORT), String(beyond(intent) - 30)] : ['try', identity.name], intent);
  });
}

/** Everything of a run: what it may do, and the verdict that is waited for, are there for the run only. */
export function probeObjects(intent: ProbeObjectsIntent, flows: readonly ProbeFlow[], policies: readonly Policy[], program: string): KubernetesObject[] {
  const { tag, suffix, identities, mode } = intent;
  const namespaces = [...new Set([...PROBE_NAMESPACES, ...identities.map(({ namespace }) => namespace)])];
  const readable = [...new Set([PROBE_NAMESPACE, ...identities.filter(({ borrowed }) => borrowed).map(({ namespace }) => namespace)])];
  const pods = probePods(intent);
  const runOnly = (object: KubernetesObject, weight: number) => mode === 'fail' ? hook(object, weight) : object;
  return [
    ...identities.filter(({ borrowed }) => !borrowed).map(({ namespace, serviceAccount: name }): KubernetesObject => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace }, automountServiceAccountToken: false })),
    ...namespaces.map((namespace): KubernetesObject => ({
      apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `probe-${tag}`, namespace }, data: { [PROGRAM]: program, 'config.json': JSON.stringify(configOf(intent, flows)) },
    })),
    targetService(tag),
    ...pods.filter(({ metadata }) => metadata.name !== judgeName(tag)),
    // Allows first: a Pass without one would open nothing, and an allow without a Pass neither.
    ...mode === 'fail' ? policies.map((policy) => hook(policyObject(policy), policy.name.endsWith('-exempt') ? -20 : -30)) : [],
    ...readable.flatMap((namespace) => readerRole(mode === 'fail' ? `eks-probe${suffix}` : `probe-${tag}`, namespace, identities.find(({ name }) => name === JUDGE)!)).map((object) => runOnly(object, -10)),
    ...pods.filter(({ metadata }) => metadata.name === judgeName(tag)).map((object) => runOnly(object, 0)),
  ];
}

/** Its name is all that Helm says where its pod never ran. */
const judgeName = (tag: string): string => `enforcement-unproven-see-events-${tag}`;

function configOf(intent: ProbeObjectsIntent, flows: readonly ProbeFlow[]): object {
  const { tag, identities, mode, timeoutSeconds, holdSeconds } = intent;
  return {
    probe: tag, mode, help: HELP,
    limits: { attemptMs: TRY_MS, everyMs: PAUSE_MS, holdMs: holdSeconds * 1000, withinMs: timeoutSeconds * 500, endMs: (timeoutSeconds - 30) * 1000 },
    probers: identities.filter(({ name }) => name !== JUDGE && name !== TARGET).map(({ name, namespace }) => ({ name, namespace })),
    checks: flows.flatMap(({ checks }) => checks.map(({ flow, by, expected, target }) => ({ flow, by, expected, ...target }))),
  };
}

/** Created after everything else of the release, removed when it is over; what a killed run left is removed first. */
function hook(object: KubernetesObject, weight: number): KubernetesObject {
  const annotations = {
    'helm.sh/hook': 'post-install,post-upgrade',
    'helm.sh/hook-weight': String(weight),
    'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded,hook-failed',
    // Helm 4 prints the log of a Job that fails: the way of its message to CloudFormation. https://helm.sh/community/hips/hip-0019
    ...object.kind === 'Job' && { 'helm.sh/hook-output-log-policy': 'hook-failed' },
  };
  return { ...object, metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...annotations } } };
}

/** Its own, so that it can tell why a pod found nothing. */
function readerRole(name: string, namespace: string, judge: ProbeIdentity): KubernetesObject[] {
  const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name, namespace } };
  return [
    { ...rbac, kind: 'Role', rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }] },
    {
      ...rbac, kind: 'RoleBinding', roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name: judge.serviceAccount, namespace: judge.namespace }],
    },
  ];
}

function targetService(tag: string): KubernetesObject {
  return {
    apiVersion: 'v1', kind: 'Service', metadata: { name: `${TARGET}-${tag}`, namespace: PROBE_TARGET_NAMESPACE },
    // Its name is known once its pod listens: nobody takes a target that is not there yet for a denial.
    spec: { clusterIP: 'None', selector: labelsOf(tag, TARGET), ports: [{ port: PROBE_TARGET_PORT }] },
  };
}

const labelsOf = (tag: string, identity: string) => ({ 'secure-eks.io/probe': tag, 'secure-eks.io/probe-identity': identity });

function judgeJob(identity: ProbeIdentity, intent: ProbeObjectsIntent): KubernetesObject {
  return job(judgeName(intent.tag), identity, [JUDGE], intent);
}

function job(name: string, identity: ProbeIdentity, args: readonly string[], intent: ProbeObjectsIntent): KubernetesObject {
  const { tag, image, tolerations } = intent;
  const isTarget = identity.name === TARGET;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: identity.namespace, labels: labelsOf(tag, identity.name) },
    spec: {
      // What a pod finds is no failure of the pod; what fails is judged once, but for a node that goes away.
      backoffLimit: identity.name === JUDGE ? 0 : 2,
      podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }] },
      activeDeadlineSeconds: beyond(intent),
      ttlSecondsAfterFinished: KEPT_SECONDS,
      template: {
        metadata: { labels: { ...identity.labels, ...labelsOf(tag, identity.name) } },
        spec: {
          serviceAccountName: identity.serviceAccount,
          automountServiceAccountToken: identity.name === JUDGE,
          restartPolicy: 'Never',
          enableServiceLinks: false,
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          ...tolerations.length > 0 && { tolerations: tolerations.map((each) => ({ ...each })) },
          // Never ready, a borrowed identity gets none of the traffic that is meant for those who look alike.
          ...identity.borrowed && { readinessGates: [{ conditionType: 'secure-eks.io/never-ready' }] },
          securityContext: { runAsNonRoot: true, runAsUser: USER, runAsGroup: USER, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [{
            name: 'probe',
            image,
            command: ['node', `${FOLDER}/${PROGRAM}`, ...args],
            env: [{ name: 'HOST_IP', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } }],
            ...isTarget && { ports: [{ containerPort: PROBE_TARGET_PORT }], readinessProbe: { tcpSocket: { port: PROBE_TARGET_PORT }, periodSeconds: 1 } },
            resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '128Mi' } },
            securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
            volumeMounts: [{ name: 'probe', mountPath: FOLDER, readOnly: true }],
          }],
          volumes: [{ name: 'probe', configMap: { name: `probe-${tag}` } }],
        },
      },
    },
  };
}

/** The namespaces of every probe, closed to everyone's pods by a guard of their own. */
export function probeNamespaces(): ProbeNamespace[] {
  return PROBE_NAMESPACES.map((name) => ({ name, existing: false, labels: { [POD_SECURITY_LABEL]: 'restricted' }, annotations: {} }));
}

interface ProbeNamespace {
  readonly name: string;
  readonly existing: boolean;
  readonly labels: { readonly [key: string]: string };
  readonly annotations: { readonly [key: string]: string };
}
