import { dialectOf, schemeOf } from './exposure-expressions';
import { Guard, GuardedResource, NOT_BEING_DELETED, text } from './guard';
import { GUARDS } from '../../../core/guard/guard-facts';
import { FRONTEND_NLB_SCHEME, GATEWAY_TABLE, INGRESS_ANNOTATIONS, INGRESS_TABLES, PARAMS_GROUP, PARAMS_TABLE, SERVICE_ANNOTATIONS, SERVICE_TABLES } from '../../../core/load-balancer/dialects';

/** Kinds differ, so that no field is checked before there is an object. */
const NOW = 'dyn(object)';
const BEFORE = 'dyn(oldObject)';

/** CEL: what makes the change one of these, and its words. */
interface Change {
  readonly of: string;
  readonly when: string;
  readonly words: string;
}

const ANEW = 'the AWS Load Balancer Controller deletes the load balancer and makes another one, with another DNS name';

/**
 * What replaces a live load balancer. Only here what was and what will be are both in view, for a synthesis sees no cluster. It warns and
 * never refuses: a change that is meant is no attack. docs/load-balancers.md has the whole list, with what no object shows.
 */
export function replacementsGuard(): Guard {
  const changes = [...ofServices(), ...ofIngresses(), ...ofConfigurations()];
  return {
    name: GUARDS.replacements.name,
    mode: 'warnsOnly',
    resources: [
      updated([''], ['v1'], 'services'), updated(['networking.k8s.io'], ['v1'], 'ingresses'), updated(['elbv2.k8s.aws', 'eks.amazonaws.com'], ['*'], 'ingressclassparams'),
      updated(['gateway.k8s.aws'], ['*'], 'loadbalancerconfigurations'), updated(['gateway.networking.k8s.io'], ['*'], 'gateways'),
    ],
    when: NOT_BEING_DELETED,
    variables: {
      dialect: dialectOf(NOW),
      service: [NOW, BEFORE].map((object) => `${object}.spec.?type.orValue('') == 'LoadBalancer'`).join(' && '),
      changes: changes.map(({ of, when, words }) => `(request.kind.kind == ${text(of)} && ${when} ? [${words}] : [])`).join(' + '),
    },
    validations: [{ admits: 'size(variables.changes) == 0', message: "variables.changes.join('; ')" }],
  };
}

/** Their class never changes while they are of type LoadBalancer: Kubernetes refuses that. */
function ofServices(): Change[] {
  const schemes = (object: string) => `(variables.dialect == 'inTree' ? ${schemeOf(SERVICE_TABLES.inTree, undefined, object)} : ${schemeOf(SERVICE_TABLES.awsController, undefined, object)})`;
  return [
    {
      of: 'Service',
      // Beside a class nobody reads it.
      when: `variables.service && ${NOW}.spec.?loadBalancerClass.orValue('') == '' && ${differ((object) => annotation(object, SERVICE_ANNOTATIONS.type))}`,
      words: text(`annotation ${SERVICE_ANNOTATIONS.type} of a live load balancer: it may stay in AWS, and another one be made, on the internet; delete the Service and create it again`),
    },
    {
      of: 'Service',
      when: `variables.service && variables.dialect == (${dialectOf(BEFORE)}) && ${becomes(schemes)}`,
      words: `'the scheme becomes ' + ${schemes(NOW)} + (variables.dialect == 'inTree' ? ': the in-tree controller leaves a live load balancer as it is; delete the Service and create it again' : ${text(`: ${ANEW}`)})`,
    },
  ];
}

function ofIngresses(): Change[] {
  const group = (object: string) => annotation(object, INGRESS_ANNOTATIONS.group);
  const scheme = (object: string) => schemeOf(INGRESS_TABLES.awsController, `(${group(object)} == '' ? 'internal' : 'unsaid')`, object);
  const inFront = (object: string) => `(${annotation(object, FRONTEND_NLB_SCHEME.name)} == 'internet-facing' ? 'internet-facing' : 'internal')`;
  const inClass = (object: string) => `${annotation(object, INGRESS_ANNOTATIONS.legacyClass)} + '/' + ${object}.spec.?ingressClassName.orValue('')`;
  return [
    { of: 'Ingress', when: becomes(scheme), words: `'the scheme becomes ' + ${scheme(NOW)} + ${text(`: ${ANEW}`)}` },
    { of: 'Ingress', when: differ(group), words: text(`annotation ${INGRESS_ANNOTATIONS.group}: it leaves its load balancer for that of another group, with another DNS name`) },
    { of: 'Ingress', when: differ(inClass), words: text('its class: another controller, or other parameters; the load balancer may be deleted and another one made, with another DNS name') },
    { of: 'Ingress', when: becomes(inFront), words: `'the scheme of the load balancer in front becomes ' + ${inFront(NOW)} + ${text(`: ${ANEW}`)}` },
  ];
}

/** What one of them says holds for many. */
function ofConfigurations(): Change[] {
  const said = (table: typeof PARAMS_TABLE) => (object: string) => schemeOf(table, undefined, object);
  const inGroup = (object: string) => field(object, PARAMS_GROUP.name);
  return [
    { of: 'IngressClassParams', when: becomes(said(PARAMS_TABLE)), words: `'spec.scheme becomes ' + ${said(PARAMS_TABLE)(NOW)} + ${text(`: for each Ingress of its classes that had another ${ANEW}`)}` },
    { of: 'IngressClassParams', when: differ(inGroup), words: text(`${PARAMS_GROUP.name}: each Ingress of its classes leaves its load balancer for that of another group, with another DNS name`) },
    { of: 'LoadBalancerConfiguration', when: becomes(said(GATEWAY_TABLE)), words: `'spec.scheme becomes ' + ${said(GATEWAY_TABLE)(NOW)} + ${text(`: for each Gateway of it that had another ${ANEW}`)}` },
    { of: 'Gateway', when: differ((object) => field(object, 'spec.gatewayClassName')), words: text('spec.gatewayClassName: the load balancer is deleted, and another one made, with another DNS name') },
  ];
}

const updated = (groups: readonly string[], versions: readonly string[], resource: string): GuardedResource => ({ groups, versions, resources: [resource], operations: ['UPDATE'] });
const annotation = (object: string, name: string): string => `${object}.metadata.?annotations[?${text(name)}].orValue('')`;
const field = (object: string, path: string): string => `${object}${path.split('.').map((key) => `.?${key}`).join('')}.orValue('')`;
const differ = (of: (object: string) => string): string => `(${of(NOW)}) != (${of(BEFORE)})`;

/** Something else is said than before. Where nothing is said a live load balancer keeps what it has. */
const becomes = (scheme: (object: string) => string): string => `${differ(scheme)} && (${scheme(NOW)}) in ['internal', 'internet-facing']`;
