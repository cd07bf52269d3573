import { LoadBalancerContext } from './context';
import { CLASSES, CONTROLLER_NAMES, Dialect, FRONTEND_NLB_SCHEME, INGRESS_ANNOTATIONS, INGRESS_CLASS, INGRESS_TABLES, PARAMS_GROUP, PARAMS_TABLE } from './dialects';
import { judge, Judged, problem, SMALLEST_PREFIX, unseen, warning } from './judgement';
import { annotation, ExposingObject, groupOf, hiddenAmong, subjectOf, valueAt } from './objects';
import { isOff, Reading, readExposure, spelledScheme } from './reading';
import { Diagnostic } from '../diagnostic';
import { isUnknown } from '../policy/syntax';
import { checkNamedSources } from '../sets/named-sources';

const KEYS = INGRESS_ANNOTATIONS;
const FIX = 'use InternalLoadBalancer.apply(), or name the clients with RestrictedLoadBalancer.apply()';
const DECIDING = [
  { at: 'object', name: 'spec.ingressClassName' }, { at: 'annotation', name: KEYS.legacyClass }, { at: 'annotation', name: KEYS.group },
  { at: 'annotation', name: KEYS.frontendNlbScheme },
] as const;

type IngressDialect = keyof typeof INGRESS_TABLES;

/** Who an Ingress belongs to, and the parameters of its class. */
interface Classified {
  readonly dialect?: IngressDialect;
  readonly params?: ExposingObject;
  /** Why nobody in view can tell, in words, and what to do about it. */
  readonly unclear?: readonly [string, string];
}

export function ingressExposure(object: ExposingObject, context: LoadBalancerContext): Judged {
  const subject = subjectOf(object);
  const hidden = hiddenAmong(DECIDING, object);
  if (hidden) return unseen(subject, 'nobody in view', `${hidden} is known only at deployment, and it decides who reaches the Ingress`, 'write the value itself');
  const { dialect, params, unclear } = classify(object, context);
  if (unclear || !dialect) return unseen(subject, 'nobody in view', ...unclear ?? ['nobody in view makes a load balancer for it', FIX]);
  const found = judge(readIngress(object, dialect, params), {
    subject, controller: CONTROLLER_NAMES[dialect], fix: FIX,
    unsaid: groupOfIngress(object, params) !== undefined ? `it is in a group without annotation ${KEYS.scheme}, and another member may say internet-facing`
      : `it has no annotation ${KEYS.scheme}, and ${CONTROLLER_NAMES[dialect]} documents no default`,
  }, context.publicSubnets);
  const key = KEYS.manageRules;
  const unmanaged = !isOff(object.metadata?.annotations?.[key]) ? [] : [warning(subject, 'loadBalancerRulesUnmanaged',
    `annotation ${key} is '${annotation(object, key)}': no rule opens the security group of nodes and pods to the load balancer`, 'remove it, or open the group by `connections`')];
  return { exposure: found.exposure && { ...found.exposure, reaches: backendsOf(object) }, diagnostics: [...found.diagnostics, ...inFront(object, subject), ...unmanaged] };
}

const schemeInFront = (object: ExposingObject) => {
  const said = annotation(object, FRONTEND_NLB_SCHEME.name);
  return said === '' || spelledScheme(FRONTEND_NLB_SCHEME, said) === 'internal' ? undefined : said;
};

/** Whom it admits class parameters and other members of the group say, for each port by themselves. */
function inFront(object: ExposingObject, subject: string): Diagnostic[] {
  const said = schemeInFront(object);
  return said === undefined ? [] : [problem(subject, 'exposureUnknown',
    `annotation ${FRONTEND_NLB_SCHEME.name} is '${said}', and whom the load balancer in front admits this Ingress does not decide`, 'set it to internal, or acknowledge who reaches it')];
}

/** The table, and two things beside it: a group takes its scheme from any member, and a network load balancer may stand in front. */
function readIngress(object: ExposingObject, dialect: IngressDialect, params?: ExposingObject): Reading {
  const grouped = groupOfIngress(object, params) !== undefined;
  const reading = readExposure({ ...INGRESS_TABLES[dialect], ...grouped && { schemeOtherwise: undefined } }, object, params);
  const front = schemeInFront(object);
  if (front === undefined) return reading;
  return { ...reading, scheme: spelledScheme(FRONTEND_NLB_SCHEME, front), schemeSaid: `annotation ${FRONTEND_NLB_SCHEME.name} is '${front}'` };
}

/** The legacy annotation, then the class by name, then the default class. */
export function classify(object: ExposingObject, { controller, objects }: LoadBalancerContext): Classified {
  const legacy = annotation(object, KEYS.legacyClass);
  if (legacy !== '') {
    return legacy === INGRESS_CLASS ? withController('awsController', controller)
      : { unclear: [`annotation ${KEYS.legacyClass} is '${legacy}', which leaves it to a controller that this cluster does not know`, 'acknowledge what you know of it'] };
  }
  const classes = objects.filter((each) => each.kind === 'IngressClass' && groupOf(each) === 'networking.k8s.io');
  const asked: string | undefined = object.spec?.ingressClassName ?? classes.find((each) => annotation(each, 'ingressclass.kubernetes.io/is-default-class') === 'true')?.metadata?.name;
  if (asked === undefined) return { unclear: ['it names no spec.ingressClassName, and no default class is in view: who makes its load balancer is not known', FIX] };
  const found = classes.find(({ metadata }) => metadata?.name === asked);
  if (!found) {
    if (asked === INGRESS_CLASS && controller === 'awsController') return { dialect: 'awsController' };
    return { unclear: [`its class '${asked}' is not in view: who makes its load balancer is not known`, 'add the IngressClass to this cluster, or acknowledge what you know of it'] };
  }
  const speaks = (CLASSES.ingress as Record<string, IngressDialect>)[found.spec?.controller];
  if (!speaks) return { unclear: [`the controller of ${subjectOf(found)} is '${String(found.spec?.controller)}', which this cluster does not know`, 'acknowledge what you know of it'] };
  const { parameters } = found.spec;
  const known = withController(speaks, controller);
  if (!parameters || known.unclear) return known;
  const params = objects.find((each) => each.kind === 'IngressClassParams' && each.metadata?.name === parameters.name && groupOf(each) === parameters.apiGroup);
  return params ? { ...known, params } : { unclear: [`the IngressClassParams '${String(parameters.name)}' of its class are not in view, and they win over what it says`, 'add them to this cluster, or acknowledge what they say'] };
}

function withController(dialect: IngressDialect, controller: Dialect): Classified {
  return dialect === controller ? { dialect } : { unclear: [`its class leaves it to ${CONTROLLER_NAMES[dialect]}, and this cluster does not know of one`,
    dialect === 'awsController' ? 'call addLoadBalancerController(), or say loadBalancerController: LoadBalancerController.AWS where somebody else installs it' : 'acknowledge what you know of it'] };
}

export function groupOfIngress(object: ExposingObject, params?: ExposingObject): string | undefined {
  return params?.spec?.group?.name ?? (annotation(object, KEYS.group) || undefined);
}

/** Parameters hold for whoever uses the class: they open nothing alone, so what they leave out is no mistake. */
export function paramsExposure(object: ExposingObject): Judged {
  const subject = subjectOf(object);
  const hidden = hiddenAmong([PARAMS_GROUP], object);
  const reading = { ...readExposure(PARAMS_TABLE, object), ...hidden && { hidden } };
  if (!reading.hidden && reading.schemeSaid === undefined && valueAt(PARAMS_GROUP, object) !== undefined) {
    return unseen(subject, PARAMS_TABLE.controller, `${PARAMS_GROUP.name} is '${String(valueAt(PARAMS_GROUP, object))}' without spec.scheme: every Ingress of the class shares one load balancer, and any of them may say internet-facing`, 'set spec.scheme');
  }
  if (!reading.hidden && reading.schemeSaid === undefined && reading.sources.length === 0 && reading.voids.length === 0) return { diagnostics: [] };
  const words = { subject, controller: PARAMS_TABLE.controller, fix: 'set spec.scheme: internal, or name the clients in spec.inboundCIDRs', unsaid: 'it names no spec.scheme', beside: 'each Ingress of its classes' };
  const { diagnostics, exposure } = judge(reading.schemeSaid === undefined ? { ...reading, scheme: 'internet-facing' } : reading, words);
  return { diagnostics, ...reading.hidden !== undefined || reading.scheme === 'internet-facing' ? { exposure } : {} };
}

/** Ingresses of a group share one load balancer, which admits what all of them name together. */
export function checkGroups(objects: readonly ExposingObject[], context: LoadBalancerContext): Diagnostic[] {
  const groups = new Map<string, { subject: string; reading: Reading }[]>();
  for (const object of objects) {
    if (hiddenAmong(DECIDING, object)) continue;
    const { dialect, params } = classify(object, context);
    const group = groupOfIngress(object, params);
    if (!dialect || group === undefined) continue;
    groups.set(group, [...groups.get(group) ?? [], { subject: subjectOf(object), reading: readIngress(object, dialect, params) }]);
  }
  return [...groups].flatMap(([group, members]): Diagnostic[] => {
    if (members.length < 2 || !members.some(({ reading }) => reading.scheme === 'internet-facing')) return [];
    const sources = [...new Set(members.flatMap(({ reading }) => reading.sources).filter((source) => !isUnknown(source)))];
    const { findings } = checkNamedSources(sources, { addresses: 'any', smallestPrefix: SMALLEST_PREFIX });
    return findings.filter(({ source, flaw }) => source === undefined && (flaw === 'broad' || flaw === 'everything')).map((found) => problem(
      `ingress group ${group}`, 'loadBalancerOpen', `${members.map(({ subject }) => subject).join(', ')} share a load balancer, which got ${found.problem}`, found.fix));
  });
}

/** Which Services its paths lead to. */
export function backendsOf({ spec, metadata }: ExposingObject): string {
  const found = backendServices(spec).map(({ name, port }) => `Service ${metadata?.namespace ? `${metadata.namespace}/` : ''}${name}, port ${port}`);
  return found.length > 0 ? found.join('; ') : 'what its actions say';
}

export interface BackendService {
  readonly name: string;
  /** Number or name of a port of the Service. */
  readonly port: string | number;
}

export function backendServices(spec: any): BackendService[] {
  const backends: any[] = [spec?.defaultBackend, ...(spec?.rules ?? []).flatMap((rule: any) => (rule?.http?.paths ?? []).map((path: any) => path?.backend))];
  const found = backends.flatMap((backend): BackendService[] => {
    const name = backend?.service?.name ?? backend?.serviceName;
    const port = backend?.service?.port?.number ?? backend?.service?.port?.name ?? backend?.servicePort;
    // Actions and redirects are written as a Service with this port.
    return name === undefined || port === 'use-annotation' ? [] : [{ name: String(name), port }];
  });
  return found.filter(({ name, port }, index) => found.findIndex((other) => other.name === name && other.port === port) === index);
}
