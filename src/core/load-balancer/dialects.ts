/**
 * Three controllers make load balancers on EKS, and each reads a dialect of its own. This file is the whole decision as data: which
 * fields of an object count, in which order they win, and what holds where none is set. `reading.ts` applies it; whatever
 * else judges the same objects is to be made from these tables.
 */
export type Dialect = 'inTree' | 'awsController' | 'autoMode';

export type Scheme = 'internal' | 'internet-facing';

/** Where a value stands: a whole annotation key, a path in the object, or one in the class parameters that the object refers to. */
export interface Field {
  readonly at: 'annotation' | 'object' | 'params';
  readonly name: string;
}

/**
 * How a scheme is spelled:
 * - `word`: `internal` or `internet-facing`; the controller refuses anything else
 * - `anyButFalse`: internal, unless empty or `false`
 * - `boolean`: Go's strconv.ParseBool, true for internal; the controller refuses anything else
 */
export interface SchemeField extends Field {
  readonly spelled: 'word' | 'anyButFalse' | 'boolean';
}

/** What makes scheme or source ranges decide nothing: a list that is not empty, a switch that is on, or attributes that let internet gateways in. */
export interface VoidingField extends Field {
  readonly spelled: 'list' | 'switch' | 'attributes';
  /** Whether it is so for load balancers of this kind, in words. */
  readonly effect: string;
}

/** How one controller decides about one kind of object. */
export interface ExposureTable {
  /** The controller, in words. */
  readonly controller: string;
  /** The first that is present decides. */
  readonly scheme: readonly SchemeField[];
  /** Where none is present. Undefined: the object does not decide it. */
  readonly schemeOtherwise?: Scheme;
  /** The first that is not empty decides. Where none is and no prefix list is named, every address is admitted. */
  readonly sources: readonly Field[];
  /** The first that is not empty is admitted besides the sources. Which addresses it holds no object says. */
  readonly prefixLists: readonly Field[];
  readonly voids: readonly VoidingField[];
  /** The first that is not empty says where it stands. It decides no exposure. */
  readonly subnets: readonly Field[];
}

const PREFIX = 'service.beta.kubernetes.io/';
const ALB = 'alb.ingress.kubernetes.io/';

/** Annotations of Services, by the controllers that read them. */
export const SERVICE_ANNOTATIONS = {
  internal: `${PREFIX}aws-load-balancer-internal`,
  scheme: `${PREFIX}aws-load-balancer-scheme`,
  type: `${PREFIX}aws-load-balancer-type`,
  targetType: `${PREFIX}aws-load-balancer-nlb-target-type`,
  targetGroupAttributes: `${PREFIX}aws-load-balancer-target-group-attributes`,
  sourceRanges: `${PREFIX}load-balancer-source-ranges`,
  prefixLists: `${PREFIX}aws-load-balancer-security-group-prefix-lists`,
  securityGroups: `${PREFIX}aws-load-balancer-security-groups`,
  extraSecurityGroups: `${PREFIX}aws-load-balancer-extra-security-groups`,
  disableSecurityGroup: `${PREFIX}aws-load-balancer-disable-nlb-sg`,
  manageRules: `${PREFIX}aws-load-balancer-manage-backend-security-group-rules`,
  subnets: `${PREFIX}aws-load-balancer-subnets`,
  healthCheckPort: `${PREFIX}aws-load-balancer-healthcheck-port`,
  attributes: `${PREFIX}aws-load-balancer-attributes`,
  healthCheckProtocol: `${PREFIX}aws-load-balancer-healthcheck-protocol`,
} as const;

/** https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/ */
export const INGRESS_ANNOTATIONS = {
  /** Wins over spec.ingressClassName. */
  legacyClass: 'kubernetes.io/ingress.class',
  scheme: `${ALB}scheme`,
  inboundCidrs: `${ALB}inbound-cidrs`,
  prefixLists: `${ALB}security-group-prefix-lists`,
  securityGroups: `${ALB}security-groups`,
  manageRules: `${ALB}manage-backend-security-group-rules`,
  subnets: `${ALB}subnets`,
  group: `${ALB}group.name`,
  targetType: `${ALB}target-type`,
  healthCheckPort: `${ALB}healthcheck-port`,
  attributes: `${ALB}load-balancer-attributes`,
  frontendNlb: `${ALB}enable-frontend-nlb`,
  frontendNlbScheme: `${ALB}frontend-nlb-scheme`,
  frontendNlbGroups: `${ALB}frontend-nlb-security-groups`,
  frontendNlbAttributes: `${ALB}frontend-nlb-attributes`,
} as const;

/**
 * By this attribute alone an internal load balancer with IPv6 addresses is closed to internet gateways; unless it is said it is true there.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#load-balancer-attributes
 */
export const CLOSED_TO_GATEWAYS = { key: 'ipv6.deny_all_igw_traffic', value: 'true' } as const;

/** Classes by which objects name their controller. */
export const CLASSES = {
  service: { 'service.k8s.aws/nlb': 'awsController', 'eks.amazonaws.com/nlb': 'autoMode' },
  ingress: { 'ingress.k8s.aws/alb': 'awsController', 'eks.amazonaws.com/alb': 'autoMode' },
  gateway: { 'gateway.k8s.aws/alb': 'awsController', 'gateway.k8s.aws/nlb': 'awsController' },
} as const satisfies Record<string, Readonly<Record<string, Dialect>>>;

/** Types of a Service without a class. `external` and `nlb-ip` are left to the AWS Load Balancer Controller. */
export const SERVICE_TYPES: Readonly<Record<string, Dialect>> = { 'elb': 'inTree', 'nlb': 'inTree', 'external': 'awsController', 'nlb-ip': 'awsController' };

export const SERVICE_CLASS = 'service.k8s.aws/nlb';
/** What the controller's chart calls its IngressClass. */
export const INGRESS_CLASS = 'alb';

const annotation = (name: string): Field => ({ at: 'annotation', name });
const object = (name: string): Field => ({ at: 'object', name });
const params = (name: string): Field => ({ at: 'params', name });
const list = (field: Field, effect = 'groups of your own decide who is let in, not source ranges'): VoidingField => ({ ...field, spelled: 'list', effect });

const attributes = (field: Field): VoidingField => ({ ...field, spelled: 'attributes', effect: 'internet gateways may let IPv6 in, also where the scheme is internal' });

const OF_SERVICE = SERVICE_ANNOTATIONS;
const OF_INGRESS = INGRESS_ANNOTATIONS;
const RANGES = object('spec.loadBalancerSourceRanges');

export const CONTROLLER_NAMES: Readonly<Record<Dialect, string>> = {
  inTree: 'the in-tree cloud controller',
  awsController: 'the AWS Load Balancer Controller',
  autoMode: 'EKS Auto Mode',
};

/** Services of type LoadBalancer. */
export const SERVICE_TABLES: Readonly<Record<Dialect, ExposureTable>> = {
  // https://cloud-provider-aws.sigs.k8s.io/service_controller/: it has no word for `aws-load-balancer-scheme`.
  inTree: {
    controller: CONTROLLER_NAMES.inTree,
    scheme: [{ ...annotation(OF_SERVICE.internal), spelled: 'anyButFalse' }],
    schemeOtherwise: 'internet-facing',
    sources: [RANGES, annotation(OF_SERVICE.sourceRanges)],
    prefixLists: [],
    voids: [list(annotation(OF_SERVICE.securityGroups)), list(annotation(OF_SERVICE.extraSecurityGroups))],
    subnets: [annotation(OF_SERVICE.subnets)],
  },
  // https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/
  // Without a word a load balancer that exists keeps its scheme, whatever the default of the controller is.
  awsController: {
    controller: CONTROLLER_NAMES.awsController,
    scheme: [{ ...annotation(OF_SERVICE.scheme), spelled: 'word' }, { ...annotation(OF_SERVICE.internal), spelled: 'boolean' }],
    sources: [RANGES, annotation(OF_SERVICE.sourceRanges)],
    prefixLists: [annotation(OF_SERVICE.prefixLists)],
    voids: [
      list(annotation(OF_SERVICE.securityGroups)),
      { ...annotation(OF_SERVICE.disableSecurityGroup), spelled: 'switch', effect: 'the load balancer has no security group, and nothing limits who is let in' },
      attributes(annotation(OF_SERVICE.attributes)),
    ],
    subnets: [annotation(OF_SERVICE.subnets)],
  },
  // https://docs.aws.amazon.com/eks/latest/userguide/auto-configure-nlb.html: neither the legacy annotation nor that of ranges.
  autoMode: {
    controller: CONTROLLER_NAMES.autoMode,
    scheme: [{ ...annotation(OF_SERVICE.scheme), spelled: 'word' }],
    sources: [RANGES],
    prefixLists: [annotation(OF_SERVICE.prefixLists)],
    voids: [list(annotation(OF_SERVICE.securityGroups)), attributes(annotation(OF_SERVICE.attributes))],
    subnets: [annotation(OF_SERVICE.subnets)],
  },
};

/** Ingresses. Their class parameters win over their annotations, but no parameter replaces `security-groups`. */
export const INGRESS_TABLES: Readonly<Record<Exclude<Dialect, 'inTree'>, ExposureTable>> = {
  // https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/ingress_class/
  awsController: {
    controller: CONTROLLER_NAMES.awsController,
    scheme: [{ ...params('spec.scheme'), spelled: 'word' }, { ...annotation(OF_INGRESS.scheme), spelled: 'word' }],
    schemeOtherwise: 'internal',
    sources: [params('spec.inboundCIDRs'), annotation(OF_INGRESS.inboundCidrs)],
    prefixLists: [params('spec.prefixListsIDs'), params('spec.PrefixListsIDs'), annotation(OF_INGRESS.prefixLists)],
    voids: [
      list(annotation(OF_INGRESS.securityGroups)), list(annotation(OF_INGRESS.frontendNlbGroups)),
      ...[params('spec.loadBalancerAttributes'), annotation(OF_INGRESS.attributes), annotation(OF_INGRESS.frontendNlbAttributes)].map(attributes),
    ],
    subnets: [params('spec.subnets.ids'), annotation(OF_INGRESS.subnets)],
  },
  // https://docs.aws.amazon.com/eks/latest/userguide/auto-configure-alb.html names the parameters, and no default of the scheme.
  autoMode: {
    controller: CONTROLLER_NAMES.autoMode,
    scheme: [{ ...params('spec.scheme'), spelled: 'word' }, { ...annotation(OF_INGRESS.scheme), spelled: 'word' }],
    sources: [params('spec.inboundCIDRs'), annotation(OF_INGRESS.inboundCidrs)],
    prefixLists: [params('spec.prefixListsIDs'), annotation(OF_INGRESS.prefixLists)],
    voids: [list(annotation(OF_INGRESS.securityGroups)), ...[params('spec.loadBalancerAttributes'), annotation(OF_INGRESS.attributes)].map(attributes)],
    subnets: [params('spec.subnets.ids'), annotation(OF_INGRESS.subnets)],
  },
};

/**
 * The scheme of the network load balancer that an Ingress may have in front of its own. Any member of a group switches it on for all, and
 * each names clients for its own ports: so it counts also where the Ingress itself does not switch it on.
 */
export const FRONTEND_NLB_SCHEME: SchemeField = { ...annotation(OF_INGRESS.frontendNlbScheme), spelled: 'word' };

/**
 * Parameters of classes: IngressClassParams of both API groups. What they say holds for every Ingress of their classes, so they
 * are judged by themselves; what they leave out each Ingress says.
 */
export const PARAMS_TABLE: ExposureTable = {
  controller: 'the controller of its classes',
  scheme: [{ ...object('spec.scheme'), spelled: 'word' }],
  sources: [object('spec.inboundCIDRs')],
  prefixLists: [object('spec.prefixListsIDs'), object('spec.PrefixListsIDs')],
  voids: [attributes(object('spec.loadBalancerAttributes'))],
  subnets: [object('spec.subnets.ids')],
};

/** Every Ingress of the class shares one load balancer. */
export const PARAMS_GROUP: Field = object('spec.group.name');

/** LoadBalancerConfiguration. https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/gateway/loadbalancerconfig/ */
export const GATEWAY_TABLE: ExposureTable = {
  controller: CONTROLLER_NAMES.awsController,
  scheme: [{ ...object('spec.scheme'), spelled: 'word' }],
  sources: [object('spec.sourceRanges')],
  prefixLists: [object('spec.securityGroupPrefixes')],
  voids: [
    list(object('spec.securityGroups')),
    { ...object('spec.disableSecurityGroup'), spelled: 'switch', effect: 'the load balancer has no security group, and nothing limits who is let in' },
    attributes(object('spec.loadBalancerAttributes')),
  ],
  subnets: [object('spec.loadBalancerSubnets')],
};
