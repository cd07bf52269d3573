import { flattenLists, incompleteness, KubernetesObject, objectKey } from './objects';
import { copyPlain } from './plain-value';
import { readYaml } from './yaml-reader';
import { Diagnostic } from '../../core/diagnostic';

/** The release that a rendered output is of. */
export interface RenderedRelease {
  /** Whose diagnostics these are. */
  readonly subject: string;
  readonly releaseName: string;
  readonly namespace: string;
  readonly chart?: string;
  readonly version?: string;
}

/** What a release puts onto the cluster, as `helm template` says it. */
export interface RenderedObjects {
  readonly objects: readonly KubernetesObject[];
  /** `chart.yaml, document 3`, by object. */
  readonly origins: ReadonlyMap<KubernetesObject, string>;
  /** Objects that no installation makes, and why. */
  readonly leftOut: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads the output of `helm template`: whole, or with an error for what of it cannot be read. */
export function readRendered(files: readonly { readonly name: string; readonly text: string }[], release: RenderedRelease): RenderedObjects {
  const diagnostics: Diagnostic[] = [];
  const origins = new Map<KubernetesObject, string>();
  const byKey = new Map<string, string>();
  const leftOut: string[] = [];
  const refuse = (origin: string, problem: string) => diagnostics.push({
    code: 'renderedUnreadable', severity: 'error', subject: release.subject, message: `rendered: ${origin} ${problem}`, fix: `give the whole output of: ${commandOf(release)}`,
  });
  for (const { origin, value, problem } of files.flatMap(({ name, text }) => readYaml(name, text))) {
    const { value: copy, problems } = copyPlain(problem === undefined ? value : null);
    const wrong = problem ?? problems[0];
    if (wrong !== undefined) {
      refuse(origin, wrong);
      continue;
    }
    for (const object of flattenLists(copy)) {
      const found = incompleteness(object) ?? (holdsTemplate(object as KubernetesObject) ? 'holds text of a template in what decides, and not what Helm renders from it' : undefined);
      if (found !== undefined) {
        refuse(origin, found);
        continue;
      }
      const placed = inNamespace(object as KubernetesObject, release.namespace);
      const key = objectKey(placed);
      const name = `${placed.kind} ${[placed.metadata.namespace, placed.metadata.name].filter(Boolean).join('/')}`;
      const hooks = hooksOf(placed);
      if (byKey.has(key)) {
        refuse(origin, `holds ${name}, as ${byKey.get(key)} does`);
      } else if (hooks.length > 0 && hooks.every((hook) => TESTS.includes(hook))) {
        leftOut.push(`${name}, which only \`helm test\` makes`);
      } else if (hooks.some((hook) => !TESTS.includes(hook) && !LIFECYCLE.includes(hook))) {
        leftOut.push(`${name}, whose hook Helm does not know`);
      } else {
        origins.set(placed, origin);
        if (hooks.length > 0 && POLICY.test(placed.kind)) diagnostics.push(hookPolicy(name, origin, hooks));
      }
      byKey.set(key, origin);
    }
  }
  const objects = [...origins.keys()];
  if (objects.length === 0 && diagnostics.length === 0) refuse(files.map(({ name }) => name).join(', '), 'holds no object that an installation makes');
  return { objects, origins, leftOut, diagnostics: [...diagnostics, ...renderedOtherwise(objects, release)] };
}

/** https://helm.sh/docs/topics/charts_hooks/ */
const HOOK = 'helm.sh/hook';
const TESTS = ['test', 'test-success'];
const LIFECYCLE = ['pre-install', 'post-install', 'pre-delete', 'post-delete', 'pre-upgrade', 'post-upgrade', 'pre-rollback', 'post-rollback'];
const POLICY = /(NetworkPolicy|NetworkSet|Tier)$/;

function hooksOf({ metadata }: KubernetesObject): string[] {
  return String(metadata.annotations?.[HOOK] ?? '').split(',').map((hook) => hook.trim().toLowerCase()).filter((hook) => hook !== '');
}

function hookPolicy(subject: string, origin: string, hooks: readonly string[]): Diagnostic {
  return {
    code: 'hookPolicy', severity: 'warning', subject, acknowledgeable: true,
    message: `is a hook (${hooks.join(', ')}): it is no part of the release, and may be in force only while hooks run; verdicts take it for always in force (${origin})`,
    fix: 'leave it out by the values of the chart, or acknowledge that no verdict rests on it',
  };
}

/** Free text, in which `{{` is somebody's own. */
const FREE = ['annotations', 'args', 'command', 'env'];
const FREE_KINDS = ['CustomResourceDefinition', 'ConfigMap', 'Secret'];

/** Whether a field that decides anything was never rendered. */
function holdsTemplate({ apiVersion, kind, metadata, spec }: KubernetesObject): boolean {
  const visit = (value: unknown): boolean => typeof value === 'string' ? value.includes('{{')
    : typeof value === 'object' && value !== null && Object.entries(value).some(([key, child]) => key.includes('{{') || (!FREE.includes(key) && visit(child)));
  return visit([apiVersion, kind, metadata]) || (isReadHere(apiVersion) && !FREE_KINDS.includes(kind) && visit(spec));
}

/** Groups of Kubernetes and of Calico; what other groups mean is not read. */
function isReadHere(apiVersion: string): boolean {
  const [group, version] = apiVersion.split('/');
  return version === undefined || !group.includes('.') || group.endsWith('.k8s.io') || group.endsWith('projectcalico.org');
}

/** Kinds without a namespace, of these groups. https://kubernetes.io/docs/reference/kubernetes-api/, https://docs.tigera.io/calico/latest/reference/resources/ */
const CLUSTER_WIDE = /^(Global|StagedGlobal|Cluster|CSI|Volume(Attachment|SnapshotC)|Validating|Mutating|APIService$|(BGP|Felix|KubeControllers)Configuration$|CalicoNodeStatus$|CertificateSigningRequest$|CustomResourceDefinition$|DeviceClass$|FlowSchema$|GatewayClass$|HostEndpoint$|IPAM|IPPool$|IPReservation$|IngressClass$|Namespace$|Node$|PersistentVolume$|PriorityClass$|PriorityLevelConfiguration$|RuntimeClass$|StorageClass$|Tier$)|(BGPFilter|BGPPeer|BlockAffinity)$/;

/** Helm puts what names no namespace into that of the release. */
function inNamespace(object: KubernetesObject, namespace: string): KubernetesObject {
  const { apiVersion, kind, metadata } = object;
  if (metadata.namespace || CLUSTER_WIDE.test(kind) || !isReadHere(apiVersion)) return object;
  return { ...object, metadata: { ...metadata, namespace } };
}

/** What labels and namespaces tell of another release than the one that is installed. */
function renderedOtherwise(objects: readonly KubernetesObject[], release: RenderedRelease): Diagnostic[] {
  const { chart, version, namespace, releaseName, subject } = release;
  const labelled = (key: string) => [...new Set(objects.map(({ metadata }) => metadata.labels?.[key]).filter((value) => typeof value === 'string'))];
  const plain = (text: string) => text.replace(/^v/, '').replace(/\+/g, '_');
  const versions = labelled('helm.sh/chart').filter((label) => label.startsWith(`${chart}-`)).map((label) => label.slice(chart!.length + 1)).filter((label) => /^v?\d/.test(label));
  const instances = labelled('app.kubernetes.io/instance');
  const elsewhere = namespace === 'default' ? [] : objects.filter(({ metadata }) => metadata.namespace === 'default');
  const differences = [
    ...version !== undefined && versions.length > 0 && !versions.some((label) => plain(label) === plain(version)) ? [`its labels say version ${versions.join(', ')}, and the release has ${version}`] : [],
    ...instances.length > 0 && !instances.includes(releaseName) ? [`its labels say instance ${instances.join(', ')}, and the release is ${releaseName}`] : [],
    ...elsewhere.length > 0 ? [`${elsewhere.length} of its objects are in namespace default, and the release is in ${namespace}`] : [],
  ];
  return differences.length === 0 ? [] : [{
    code: 'renderedOtherwise', severity: 'error', subject, acknowledgeable: true,
    message: `what was rendered is not what will be installed: ${differences.join('; ')}`, fix: `render it anew: ${commandOf(release)}`,
  }];
}

function commandOf({ releaseName, namespace, chart, version }: RenderedRelease): string {
  return `helm template ${releaseName} ${chart ?? 'CHART'} --namespace ${namespace}${version === undefined ? '' : ` --version ${version}`} with the same repository and values`;
}
