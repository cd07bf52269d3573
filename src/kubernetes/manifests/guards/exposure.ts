import { dialectOf, firstItems, isPresent, schemeOf, SOURCE_VARIABLES, unchanged, voidsOf } from './exposure-expressions';
import { Guard, GuardedResource, list, NamespaceSelector, NOT_BEING_DELETED, text, Validation } from './guard';
import { GUARDS, INTERNET_FACING_LABEL } from '../../../core/guard/guard-facts';
import {
  Dialect, ExposureTable, Field, FRONTEND_NLB_SCHEME, GATEWAY_TABLE, INGRESS_ANNOTATIONS, INGRESS_TABLES, PARAMS_GROUP, PARAMS_TABLE, SERVICE_ANNOTATIONS, SERVICE_TABLES,
} from '../../../core/load-balancer/dialects';

/** Who makes load balancers on the cluster, and what was accepted by name. */
export interface ExposureGuardIntent {
  readonly dialects: readonly Dialect[];
  /** Users as which those controllers run: they make bindings of their own. */
  readonly controllerAccounts: readonly string[];
  /** `Service shop/web`. */
  readonly accepted: readonly string[];
}

const OUTSIDE_OPEN_NAMESPACES: NamespaceSelector = { matchExpressions: [{ key: INTERNET_FACING_LABEL, operator: 'NotIn', values: ['true'] }] };
const WAY_OUT = `, or have the platform set label ${INTERNET_FACING_LABEL}=true on its namespace`;

/** Guards of whatever a load balancer is made of: internal, or limited to named sources, in the dialect of whoever makes it. */
export function exposureGuards(intent: ExposureGuardIntent): Guard[] {
  return [serviceGuard(intent), addressGuard(intent), ingressGuard(intent), classParametersGuard(intent), gatewayGuard(intent), bindingGuard(intent)];
}

/**
 * An address of a Service's own, which no load balancer has: also where load balancers may be open, for it takes from every pod of the cluster; and
 * while the Service is being deleted, as long as a finalizer holds it.
 */
function addressGuard({ accepted }: ExposureGuardIntent): Guard {
  return {
    name: GUARDS.serviceAddresses.name,
    resources: [builtIn([''], 'services')],
    when: { ...unlessAccepted(accepted), 'takes-addresses': 'size(object.spec.?externalIPs.orValue([])) > 0' },
    validations: [{
      admits: 'oldObject != null && object.spec.externalIPs.all(i, i in oldObject.spec.?externalIPs.orValue([]))',
      message: text('spec.externalIPs takes over addresses for every pod of the cluster; remove it'),
    }],
  };
}

function serviceGuard({ dialects, accepted }: ExposureGuardIntent): Guard {
  const by = (read: (table: ExposureTable) => string, otherwise: string) =>
    dialects.reduceRight((rest, dialect) => `(variables.dialect == ${text(dialect)} ? ${read(SERVICE_TABLES[dialect])} : ${rest})`, otherwise);
  const deciding: Field[] = [
    ...['spec.type', 'spec.loadBalancerClass'].map((name): Field => ({ at: 'object', name })), { at: 'annotation', name: SERVICE_ANNOTATIONS.type },
    ...dialects.flatMap((dialect) => fieldsOf(SERVICE_TABLES[dialect])),
  ];
  return {
    name: GUARDS.services.name,
    resources: [builtIn([''], 'services')],
    when: { ...NOT_BEING_DELETED, ...unlessAccepted(accepted), 'has-a-load-balancer': "object.spec.?type.orValue('ClusterIP') == 'LoadBalancer'" },
    variables: {
      dialect: dialectOf('object'),
      scheme: by((table) => schemeOf(table), "'unknown'"),
      sources: by((table) => firstItems(table.sources), '[]'),
      prefixLists: by((table) => firstItems(table.prefixLists), '[]'),
      voids: by((table) => voidsOf(table), '[]'),
      ...SOURCE_VARIABLES,
      same: unchanged(deciding),
    },
    validations: [
      {
        admits: `variables.same || variables.dialect in ${list(dialects)}`,
        message: text(`spec.loadBalancerClass or annotation ${SERVICE_ANNOTATIONS.type} leaves it to a controller that this cluster does not know; remove it${WAY_OUT}`),
      },
      ...limited('variables.same', 'spec.loadBalancerSourceRanges',
        `annotation ${SERVICE_ANNOTATIONS.internal}: "true" and ${SERVICE_ANNOTATIONS.scheme}: internal`),
    ],
    except: OUTSIDE_OPEN_NAMESPACES,
  };
}

/** What its class parameters say is guarded with them. An Ingress in a group takes its scheme from any member that names one. */
function ingressGuard({ accepted }: ExposureGuardIntent): Guard {
  const table = INGRESS_TABLES.awsController;
  const annotation = (name: string): Field => ({ at: 'annotation', name });
  const group = `object.metadata.?annotations[?${text(INGRESS_ANNOTATIONS.group)}].orValue('')`;
  const front = annotation(INGRESS_ANNOTATIONS.frontendNlb);
  return {
    name: GUARDS.ingresses.name,
    resources: [builtIn(['networking.k8s.io'], 'ingresses')],
    when: { ...NOT_BEING_DELETED, ...unlessAccepted(accepted) },
    variables: {
      scheme: schemeOf(table, `(${group} == '' ? 'internal' : 'unsaid')`),
      sources: firstItems(table.sources),
      prefixLists: firstItems(table.prefixLists),
      voids: voidsOf(table),
      ...SOURCE_VARIABLES,
      same: unchanged([...fieldsOf(table), annotation(INGRESS_ANNOTATIONS.group), front, FRONTEND_NLB_SCHEME]),
    },
    validations: [
      ...limited('variables.same', INGRESS_ANNOTATIONS.inboundCidrs, `annotation ${INGRESS_ANNOTATIONS.scheme}: internal`),
      {
        // Any member of a group switches it on, and whom it admits class parameters and other members say: no guard sees them.
        admits: `variables.same || object.metadata.?annotations[?${text(FRONTEND_NLB_SCHEME.name)}].orValue('internal') in ['', 'internal']`,
        message: text(`annotation ${FRONTEND_NLB_SCHEME.name}: whom the load balancer in front admits this Ingress does not decide; set it to internal${WAY_OUT}`),
      },
    ],
    except: OUTSIDE_OPEN_NAMESPACES,
  };
}

/**
 * They hold for every Ingress of their classes: what they leave out each Ingress says, ranges beside prefix lists too, and in a group
 * the scheme of all. They hold also while they are being deleted.
 */
function classParametersGuard({ accepted }: ExposureGuardIntent): Guard {
  return {
    name: GUARDS.classParameters.name,
    mode: 'ofCluster',
    resources: [written(['elbv2.k8s.aws', 'eks.amazonaws.com'], ['*'], ['ingressclassparams'])],
    when: unlessAccepted(accepted),
    variables: configurationVariables(PARAMS_TABLE, [PARAMS_GROUP]),
    validations: [
      {
        admits: `variables.same || variables.said != 'unsaid' || !(${isPresent(PARAMS_GROUP)})`,
        message: text(`${PARAMS_GROUP.name} without spec.scheme: every Ingress of the class shares one load balancer, and any of them may say internet-facing; set spec.scheme`),
      },
      ...limited("variables.same || (variables.said == 'unsaid' && size(variables.sources) == 0 && size(variables.voids) == 0)", 'spec.inboundCIDRs', 'spec.scheme: internal', 'size(variables.sources) > 0'),
    ],
  };
}

/** The configuration of a class and that of a Gateway are merged field by field: each must be safe with what the other may say. */
function gatewayGuard({ accepted }: ExposureGuardIntent): Guard {
  return {
    name: GUARDS.gateways.name,
    resources: [written(['gateway.k8s.aws'], ['*'], ['loadbalancerconfigurations'])],
    when: unlessAccepted(accepted),
    variables: configurationVariables(GATEWAY_TABLE),
    validations: limited(
      `variables.same || (variables.said == 'unsaid' && !(${isPresent(GATEWAY_TABLE.sources[0])}) && size(variables.voids) == 0)`,
      'spec.sourceRanges', 'spec.scheme: internal', 'size(variables.sources) > 0'),
    except: OUTSIDE_OPEN_NAMESPACES,
  };
}

/** A configuration that names clients and no scheme may be used on the internet. */
function configurationVariables(table: ExposureTable, more: readonly Field[] = []): Record<string, string> {
  return {
    said: schemeOf(table),
    scheme: "variables.said == 'unsaid' ? 'internet-facing' : variables.said",
    sources: firstItems(table.sources),
    prefixLists: firstItems(table.prefixLists),
    voids: voidsOf(table),
    ...SOURCE_VARIABLES,
    same: unchanged([...fieldsOf(table), ...more]),
  };
}

/** Pods behind a load balancer that somebody else made, perhaps on the internet. The controllers bind what they make themselves. */
function bindingGuard({ accepted, controllerAccounts }: ExposureGuardIntent): Guard {
  return {
    name: GUARDS.bindings.name,
    resources: [written(['elbv2.k8s.aws', 'eks.amazonaws.com'], ['*'], ['targetgroupbindings']), written(['aga.k8s.aws'], ['*'], ['globalaccelerators'])],
    when: { ...NOT_BEING_DELETED, ...unlessAccepted(accepted), 'is-not-a-controllers': `!(request.userInfo.username in ${list(controllerAccounts)})` },
    validations: [{
      admits: 'oldObject != null && object.spec == oldObject.spec',
      message: text(`who reaches the load balancer in front of it no object says; use a Service or an Ingress${WAY_OUT}`),
    }],
    except: OUTSIDE_OPEN_NAMESPACES,
  };
}

/** The judgement: `passes` admits whatever the rest says; `named`: whether it says who its clients are. */
function limited(passes: string, sources: string, internal: string, named = 'size(variables.sources) + size(variables.prefixLists) > 0'): Validation[] {
  return [
    { admits: `${passes} || variables.scheme in ['internal', 'internet-facing']`, message: text(`nothing that its controller understands says its scheme; set ${internal}, or name the clients in ${sources} and say internet-facing`) },
    { admits: `${passes} || size(variables.voids) == 0`, message: `variables.voids.join(', ') + ${text(`: groups of its own, or none, or a way in past its scheme decide who is let in, not source ranges; remove that and name the clients in ${sources}${WAY_OUT}`)}` },
    { admits: `${passes} || variables.usable`, message: text(`${sources}: a range is no CIDR, or has bits set behind its prefix; write address and prefix length`) },
    {
      admits: `${passes} || variables.scheme != 'internet-facing' || (${named} && variables.narrow)`,
      message: text(`its load balancer would be open to the internet, or to sources that are together broader than a /8 (IPv6: a /16); set ${internal}, or name the clients in ${sources}${WAY_OUT}`),
    },
  ];
}

function fieldsOf({ scheme, sources, prefixLists, voids }: ExposureTable): Field[] {
  return [...scheme, ...sources, ...prefixLists, ...voids];
}

/** With its status: whoever writes that of a kind of Kubernetes' own may change annotations with it. */
function builtIn(groups: readonly string[], resource: string): GuardedResource {
  return written(groups, ['v1'], [resource, `${resource}/status`]);
}

function written(groups: readonly string[], versions: readonly string[], resources: readonly string[]): GuardedResource {
  return { groups, versions, resources, operations: ['CREATE', 'UPDATE'] };
}

function unlessAccepted(accepted: readonly string[]): Record<string, string> {
  if (accepted.length === 0) return {};
  const subject = "request.kind.kind + ' ' + (request.?namespace.orValue('') != '' ? request.namespace + '/' : '') + object.metadata.?name.orValue('')";
  return { 'is-not-accepted-by-name': `!(${subject} in ${list([...accepted].sort())})` };
}
