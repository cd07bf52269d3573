import { LoadBalancerContext } from './context';
import { CLASSES, CONTROLLER_NAMES, Dialect, SERVICE_ANNOTATIONS, SERVICE_CLASS, SERVICE_TABLES, SERVICE_TYPES } from './dialects';
import { Exposure, judge, Judged, problem, unseen, warning } from './judgement';
import { annotation, ExposingObject, hiddenAmong, subjectOf } from './objects';
import { isOff, readExposure } from './reading';
import { Diagnostic } from '../diagnostic';
import { isUnknown } from '../policy/syntax';

/** What decides before any dialect does. */
const DECIDING = [
  { at: 'object', name: 'spec.type' }, { at: 'object', name: 'spec.externalIPs' }, { at: 'object', name: 'spec.loadBalancerClass' },
  { at: 'annotation', name: SERVICE_ANNOTATIONS.type },
] as const;

const PORTS_OF_NODES = 'its port on every node admits whom the security group of nodes admits (`connections`)';

export function serviceExposure(object: ExposingObject, context: LoadBalancerContext): Judged {
  const subject = subjectOf(object);
  const hidden = hiddenAmong(DECIDING, object);
  if (hidden) return unseen(subject, 'nobody in view', `${hidden} is known only at deployment, and it decides who reaches the Service`, 'write the value itself');
  const diagnostics = externalIps(object, subject);
  if (object.spec?.type === 'NodePort') return nodePort(object, subject, diagnostics);
  if (object.spec?.type !== 'LoadBalancer') return { diagnostics };

  const dialect = dialectOf(object, context);
  if (!dialect) {
    const { loadBalancerClass } = object.spec;
    const said = loadBalancerClass ? `spec.loadBalancerClass is '${loadBalancerClass}'` : `annotation ${SERVICE_ANNOTATIONS.type} is '${annotation(object, SERVICE_ANNOTATIONS.type)}'`;
    const found = unseen(subject, 'nobody in view', `${said}, which leaves it to a controller that this cluster does not know`, 'remove it');
    return { ...found, diagnostics: [...diagnostics, ...found.diagnostics] };
  }
  const found = judge(readExposure(SERVICE_TABLES[dialect], object), { subject, ...WORDS[dialect] }, context.publicSubnets);
  return {
    exposure: withBackend(found.exposure, object),
    diagnostics: [
      ...diagnostics, ...absentController(object, subject, dialect, context), ...classUnsaid(object, subject, dialect), ...madeByAnother(object, subject, dialect),
      ...found.diagnostics, ...unmanagedRules(object, subject),
    ],
  };
}

/** The class decides, then the type, then whose webhook claims what names neither. Undefined: none that is known. */
export function dialectOf({ spec, ...object }: ExposingObject, { controller, claimsServices }: LoadBalancerContext): Dialect | undefined {
  const { loadBalancerClass } = spec ?? {};
  if (loadBalancerClass) return (CLASSES.service as Record<string, Dialect>)[loadBalancerClass];
  const type = annotation(object, SERVICE_ANNOTATIONS.type);
  if (SERVICE_TYPES[type] === 'awsController') return 'awsController';
  if (controller === 'awsController' && claimsServices) return 'awsController';
  return type === '' ? 'inTree' : SERVICE_TYPES[type];
}

const WORDS: Readonly<Record<Dialect, { controller: string; unsaid: string; fix: string }>> = {
  inTree: {
    controller: CONTROLLER_NAMES.inTree,
    unsaid: `it is of type LoadBalancer without annotation ${SERVICE_ANNOTATIONS.internal}`,
    fix: 'use InternalLoadBalancer.apply(), or name the clients with RestrictedLoadBalancer.apply()',
  },
  awsController: {
    controller: CONTROLLER_NAMES.awsController,
    unsaid: `it has no annotation ${SERVICE_ANNOTATIONS.scheme}, without which a load balancer that exists keeps the scheme it has`,
    fix: 'use InternalLoadBalancer.apply(), or name the clients with RestrictedLoadBalancer.apply()',
  },
  autoMode: {
    controller: CONTROLLER_NAMES.autoMode,
    unsaid: `it has no annotation ${SERVICE_ANNOTATIONS.scheme}, the only one that EKS Auto Mode reads`,
    fix: `set annotation ${SERVICE_ANNOTATIONS.scheme}: internal, or name the clients in spec.loadBalancerSourceRanges`,
  },
};

function externalIps({ spec }: ExposingObject, subject: string): Diagnostic[] {
  return !(spec?.externalIPs?.length > 0) ? [] : [problem(subject, 'serviceExternalIps',
    `spec.externalIPs is ${JSON.stringify(spec.externalIPs)}: it takes over addresses for every pod of the cluster (CVE-2020-8554)`, 'remove it')];
}

function nodePort(object: ExposingObject, subject: string, before: Diagnostic[]): Judged {
  return {
    exposure: withBackend({ subject, scheme: 'node-ports', controller: 'kube-proxy', admits: 'whom the security group of nodes admits' }, object),
    diagnostics: [...before, warning(subject, 'serviceNodePort', `spec.type is NodePort: ${PORTS_OF_NODES}, past every load balancer`,
      'use type ClusterIP, or acknowledge who needs the port')],
  };
}

/** A dialect that nobody on the cluster speaks: the object waits, and whoever comes later decides. */
function absentController({ spec, ...object }: ExposingObject, subject: string, dialect: Dialect, { controller }: LoadBalancerContext): Diagnostic[] {
  if (dialect === 'inTree' || dialect === controller) return [];
  const said = spec.loadBalancerClass ? `spec.loadBalancerClass is '${spec.loadBalancerClass}'` : `annotation ${SERVICE_ANNOTATIONS.type} is '${annotation(object, SERVICE_ANNOTATIONS.type)}'`;
  return [problem(subject, 'exposureUnknown', `${said}, which leaves it to ${CONTROLLER_NAMES[dialect]}, and this cluster does not know of one`,
    dialect === 'awsController' ? 'call addLoadBalancerController(), say loadBalancerController: LoadBalancerController.AWS where somebody else installs it, or remove it' : 'remove it')];
}

/** The webhook gives its class to new Services only: one that exists stays with the controller that made its load balancer. */
function classUnsaid({ spec, ...object }: ExposingObject, subject: string, dialect: Dialect): Diagnostic[] {
  if (dialect !== 'awsController' || spec.loadBalancerClass || SERVICE_TYPES[annotation(object, SERVICE_ANNOTATIONS.type)] === 'awsController') return [];
  return [warning(subject, 'loadBalancerClassUnsaid',
    `it names no spec.loadBalancerClass: new, it is given '${SERVICE_CLASS}'; where it exists already, it stays with ${CONTROLLER_NAMES.inTree}, which reads other annotations`,
    'name the class, which replaces a load balancer that exists, or use InternalLoadBalancer.apply() or RestrictedLoadBalancer.apply()')];
}

/** The type tells who made the load balancer, if there is one: its class leaves it to another. */
function madeByAnother({ spec, ...object }: ExposingObject, subject: string, dialect: Dialect): Diagnostic[] {
  const type = annotation(object, SERVICE_ANNOTATIONS.type);
  return !spec.loadBalancerClass || SERVICE_TYPES[type] !== 'inTree' || type === '' ? [] : [warning(subject, 'loadBalancerReplaced',
    `annotation ${SERVICE_ANNOTATIONS.type} is '${type}', by which ${CONTROLLER_NAMES.inTree} makes load balancers, and spec.loadBalancerClass leaves it to ${CONTROLLER_NAMES[dialect]}: where the Service exists already, Kubernetes refuses the class, and its load balancer has to be replaced`,
    'remove the annotation where the Service is new; else remove the Service with one deployment and add it with the next, and expect another DNS name')];
}

function unmanagedRules(object: ExposingObject, subject: string): Diagnostic[] {
  const key = SERVICE_ANNOTATIONS.manageRules;
  return !isOff(object.metadata?.annotations?.[key]) ? [] : [warning(subject, 'loadBalancerRulesUnmanaged',
    `annotation ${key} is '${annotation(object, key)}': no rule opens the security group of nodes and pods to the load balancer`, 'remove it, or open the group by `connections`')];
}

/** Which pods are behind it. */
function withBackend(exposure: Exposure | undefined, { metadata, spec }: ExposingObject): Exposure | undefined {
  if (!exposure) return undefined;
  const labels = Object.entries(spec?.selector ?? {}).map(([key, value]) => [key, value].some(isUnknown) ? 'a label known at deployment' : `${key}=${String(value)}`).sort().join(',');
  const ports = (spec?.ports ?? []).map(({ port, targetPort, protocol = 'TCP' }: any) => `${protocol} ${isUnknown(targetPort ?? port) ? 'known at deployment' : targetPort ?? port}`).join(', ');
  return { ...exposure, reaches: labels === '' ? 'what its own endpoints say' : `pods ${labels} in ${metadata?.namespace ?? 'default'}, ${ports}` };
}
