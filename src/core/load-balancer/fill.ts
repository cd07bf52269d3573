import { LoadBalancerFacts } from './context';
import { CONTROLLER_NAMES, Dialect, ExposureTable, INGRESS_ANNOTATIONS, INGRESS_CLASS, INGRESS_TABLES, Scheme, SERVICE_ANNOTATIONS, SERVICE_CLASS, SERVICE_TABLES } from './dialects';
import { annotation, describeField, ExposingObject, groupOf, itemsOf, subjectOf, valueAt } from './objects';
import { readExposure, spelledScheme } from './reading';
import { dialectOf } from './service-exposure';

/** What was asked of an object, in whatever dialect. */
export interface LoadBalancerRequest {
  /** Who asks, for messages: `InternalLoadBalancer.apply`. */
  readonly asker: string;
  readonly scheme: Scheme;
  /** Who is admitted, which may be tokens. Absent: the VPC. */
  readonly sources?: readonly string[];
}

/** Kinds that can be asked. */
export function hasLoadBalancer(object: ExposingObject): boolean {
  return (object.kind === 'Service' && groupOf(object) === '') || (object.kind === 'Ingress' && groupOf(object) === 'networking.k8s.io');
}

/**
 * A copy of the object that asks for the load balancer in the cluster's dialect: scheme, class, sources, subnets, targets, health check,
 * traffic policy. What the user wrote stays; where it contradicts, it throws and names both values.
 */
export function fillLoadBalancer(object: ExposingObject, request: LoadBalancerRequest, facts: LoadBalancerFacts): ExposingObject {
  const refuse = (what: string): never => { throw new Error(`${request.asker}: ${subjectOf(object)}: ${what}`); };
  return object.kind === 'Ingress' ? fillIngress(object, request, facts, refuse) : fillService(object, request, facts, refuse);
}

type Refuse = (what: string) => never;
const both = (has: string, asked: string): string => `${has}, and this asks for ${asked}; remove one of them`;

function fillService(object: ExposingObject, request: LoadBalancerRequest, facts: LoadBalancerFacts, refuse: Refuse): ExposingObject {
  const { spec = {} } = object;
  if (spec.type !== 'LoadBalancer') {
    refuse(`it is a Service of type ${spec.type ?? 'ClusterIP'}, and only a Service of type LoadBalancer has a load balancer; set type LoadBalancer`);
  }
  // A class that the cluster's controller gives anyway is written down: what the webhook would do is then no matter of chance.
  const dialect = dialectOf(object, { ...facts, claimsServices: true, objects: [] })
    ?? refuse(both(spec.loadBalancerClass ? `spec.loadBalancerClass is '${spec.loadBalancerClass}'` : `annotation ${SERVICE_ANNOTATIONS.type} is '${annotation(object, SERVICE_ANNOTATIONS.type)}'`,
      `a load balancer of ${CONTROLLER_NAMES[facts.controller]}`));
  const table = SERVICE_TABLES[dialect];
  checkConflicts(object, table, request, refuse, schemeAnnotations(dialect));
  const ip = dialect !== 'inTree' && (annotation(object, SERVICE_ANNOTATIONS.targetType) || facts.targetType) === 'ip';
  return {
    ...object,
    metadata: {
      ...object.metadata,
      annotations: {
        ...dialect !== 'inTree' && { [SERVICE_ANNOTATIONS.targetType]: facts.targetType },
        // The target is the pod itself. For targets that are nodes the controller asks Kubernetes' own health check.
        ...ip && { [SERVICE_ANNOTATIONS.healthCheckProtocol]: 'TCP', [SERVICE_ANNOTATIONS.healthCheckPort]: 'traffic-port' },
        ...subnetsFor(request, facts, SERVICE_ANNOTATIONS.subnets),
        ...object.metadata?.annotations,
        ...schemeAnnotations(dialect)(request.scheme),
      },
    },
    spec: {
      ...spec,
      ...needsClass(object, dialect) && { loadBalancerClass: SERVICE_CLASS },
      loadBalancerSourceRanges: ownSources(object, table) ?? [...request.sources ?? facts.vpcRanges],
      // Keeps the load balancer's address as the source, so that the rule need not open the pods to every node.
      externalTrafficPolicy: spec.externalTrafficPolicy ?? 'Local',
    },
  };
}

const needsClass = (object: ExposingObject, dialect: Dialect): boolean =>
  dialect === 'awsController' && !object.spec?.loadBalancerClass && !['external', 'nlb-ip'].includes(annotation(object, SERVICE_ANNOTATIONS.type));

/** Both words where a controller reads both, so that neither of the two ever takes an internal one for public. */
function schemeAnnotations(dialect: Dialect): (scheme: Scheme) => Record<string, string> {
  const { internal, scheme: word } = SERVICE_ANNOTATIONS;
  return (scheme) => ({
    ...(dialect !== 'inTree' || scheme === 'internal') && { [word]: scheme },
    ...dialect !== 'autoMode' && scheme === 'internal' && { [internal]: 'true' },
  });
}

function fillIngress(object: ExposingObject, request: LoadBalancerRequest, facts: LoadBalancerFacts, refuse: Refuse): ExposingObject {
  if (facts.controller !== 'awsController') {
    refuse(`only ${CONTROLLER_NAMES.awsController} makes load balancers of Ingresses, and this cluster does not know of one; call addLoadBalancerController(), or say loadBalancerController: LoadBalancerController.AWS where somebody else installs it`);
  }
  const table = INGRESS_TABLES.awsController;
  const asScheme = (scheme: Scheme) => ({ [INGRESS_ANNOTATIONS.scheme]: scheme });
  checkConflicts(object, table, request, refuse, asScheme);
  const classless = object.spec?.ingressClassName === undefined && annotation(object, INGRESS_ANNOTATIONS.legacyClass) === '';
  return {
    ...object,
    metadata: {
      ...object.metadata,
      annotations: {
        [INGRESS_ANNOTATIONS.targetType]: facts.targetType,
        [INGRESS_ANNOTATIONS.healthCheckPort]: 'traffic-port',
        [INGRESS_ANNOTATIONS.inboundCidrs]: [...request.sources ?? facts.vpcRanges].join(','),
        ...subnetsFor(request, facts, INGRESS_ANNOTATIONS.subnets),
        ...object.metadata?.annotations,
        ...asScheme(request.scheme),
      },
    },
    spec: { ...object.spec, ...classless && { ingressClassName: INGRESS_CLASS } },
  };
}

/** Where its scheme belongs. Nothing where the subnets are not known: the controller then finds them by their tags. */
function subnetsFor({ scheme }: LoadBalancerRequest, { internalSubnets, publicSubnets }: LoadBalancerFacts, key: string): Record<string, string> {
  const subnets = scheme === 'internal' ? internalSubnets : publicSubnets;
  return subnets.length > 0 ? { [key]: subnets.join(',') } : {};
}

function ownSources(object: ExposingObject, table: ExposureTable): string[] | undefined {
  const own = table.sources.map((field) => itemsOf(valueAt(field, object))).find((sources) => sources.length > 0);
  return own && [...own];
}

function checkConflicts(object: ExposingObject, table: ExposureTable, request: LoadBalancerRequest, refuse: Refuse, writes: (scheme: Scheme) => Record<string, string>): void {
  const written = writes(request.scheme);
  for (const field of table.scheme.filter(({ at }) => at === 'annotation')) {
    const value = valueAt(field, object);
    if (value !== undefined && spelledScheme(field, value) !== request.scheme) {
      refuse(both(`${describeField(field)} is '${String(value)}'`, written[field.name] === undefined ? `an ${request.scheme} load balancer` : `'${written[field.name]}'`));
    }
  }
  // Also a word that this controller does not read, and people do.
  const word = annotation(object, SERVICE_ANNOTATIONS.scheme);
  if (object.kind === 'Service' && word !== '' && word !== request.scheme) refuse(both(`annotation ${SERVICE_ANNOTATIONS.scheme} is '${word}'`, `'${request.scheme}'`));
  const own = ownSources(object, table);
  if (own && request.sources && [...own].sort().join() !== [...request.sources].sort().join()) {
    const field = table.sources.find((each) => itemsOf(valueAt(each, object)).length > 0)!;
    refuse(both(`${describeField(field)} is ${own.join(', ')}`, request.sources.join(', ')));
  }
  const [voiding] = readExposure(table, object).voids;
  if (voiding) refuse(both(`${voiding.said}: ${voiding.effect}`, `source ranges ${(request.sources ?? ['of the VPC']).join(', ')}`));
}
