import { LoadBalancerContext } from './context';
import { configurationExposure, gatewayExposure, routeExposure } from './gateway-exposure';
import { checkGroups, ingressExposure, paramsExposure } from './ingress-exposure';
import { Exposure, Judged, unseen } from './judgement';
import { ExposingObject, groupOf, subjectOf } from './objects';
import { serviceExposure } from './service-exposure';
import { Diagnostic } from '../diagnostic';

type Judge = (object: ExposingObject, context: LoadBalancerContext) => Judged;

/** Registers pods with a load balancer that somebody else made. */
const joinsElsewhere = (what: string): Judge => (object) => unseen(subjectOf(object), 'nobody in view', what, 'use a Service or an Ingress, or acknowledge who reaches it');

const TARGETS = joinsElsewhere('it registers pods with a target group that exists, and who reaches the load balancer in front of that no object says');

/** Kinds that expose pods, by API group and kind. */
const JUDGES: Readonly<Record<string, Judge | undefined>> = {
  '/Service': serviceExposure,
  'networking.k8s.io/Ingress': ingressExposure,
  'extensions/Ingress': ingressExposure,
  'elbv2.k8s.aws/IngressClassParams': paramsExposure,
  'eks.amazonaws.com/IngressClassParams': paramsExposure,
  'elbv2.k8s.aws/TargetGroupBinding': TARGETS,
  'eks.amazonaws.com/TargetGroupBinding': TARGETS,
  'aga.k8s.aws/GlobalAccelerator': joinsElsewhere('it gives load balancers addresses on the internet, also internal ones'),
  'gateway.networking.k8s.io/Gateway': gatewayExposure,
  'gateway.k8s.aws/LoadBalancerConfiguration': configurationExposure,
  ...Object.fromEntries(['HTTPRoute', 'GRPCRoute', 'TCPRoute', 'UDPRoute', 'TLSRoute', 'ListenerSet', 'XListenerSet'].flatMap((kind) =>
    ['gateway.networking.k8s.io', 'gateway.networking.x-k8s.io'].map((group) => [`${group}/${kind}`, routeExposure]))),
};

/** Kinds that say how, not to whom: `GatewayClass`, `IngressClass`, `TargetGroupConfiguration`, `ListenerRuleConfiguration` are read with what refers to them. */
const READ_WITH_OTHERS: readonly string[] = [
  'networking.k8s.io/IngressClass', 'gateway.networking.k8s.io/GatewayClass', 'gateway.networking.k8s.io/ReferenceGrant', 'gateway.networking.k8s.io/BackendTLSPolicy',
  'gateway.k8s.aws/TargetGroupConfiguration', 'gateway.k8s.aws/ListenerRuleConfiguration',
];

const keyOf = (object: ExposingObject): string => `${groupOf(object)}/${object.kind}`;

/** Whether an object of this kind is judged here, or together with one that is. */
export function isJudged(object: ExposingObject): boolean {
  return keyOf(object) in JUDGES || READ_WITH_OTHERS.includes(keyOf(object));
}

/** What an object exposes, and what is wrong with that. Nothing for an object that exposes nothing. */
export function exposureOf(object: ExposingObject, context: LoadBalancerContext): Judged {
  return JUDGES[keyOf(object)]?.(object, context) ?? { diagnostics: [] };
}

/** What all of them expose, each by itself and those that share a load balancer together. */
export function exposuresOf(objects: readonly ExposingObject[], context: LoadBalancerContext): { exposures: Exposure[]; diagnostics: Diagnostic[] } {
  const judged = objects.map((object) => exposureOf(object, context));
  const ingresses = objects.filter((object) => JUDGES[keyOf(object)] === ingressExposure);
  return {
    exposures: judged.flatMap(({ exposure }) => exposure ? [exposure] : []),
    diagnostics: [...judged.flatMap(({ diagnostics }) => diagnostics), ...checkGroups(ingresses, context)],
  };
}

