import { LoadBalancerContext } from './context';
import { CLASSES, CONTROLLER_NAMES, GATEWAY_TABLE } from './dialects';
import { judge, Judged, unseen } from './judgement';
import { ExposingObject, groupOf, hiddenAmong, subjectOf, valueAt } from './objects';
import { readExposure } from './reading';

const CONTROLLER = CONTROLLER_NAMES.awsController;
const FIX = 'set spec.scheme: internal of its LoadBalancerConfiguration, or name the clients in spec.sourceRanges';

/** A Gateway is what the configurations of itself and of its class say; the class wins unless it says otherwise. */
export function gatewayExposure(object: ExposingObject, context: LoadBalancerContext): Judged {
  const subject = subjectOf(object);
  const hidden = hiddenAmong([{ at: 'object', name: 'spec.gatewayClassName' }, { at: 'object', name: 'spec.infrastructure' }], object);
  if (hidden) return unseen(subject, 'nobody in view', `${hidden} is known only at deployment, and it decides who reaches the Gateway`, 'write the value itself');
  const name = String(object.spec?.gatewayClassName);
  const gatewayClass = context.objects.find((each) => each.kind === 'GatewayClass' && groupOf(each) === 'gateway.networking.k8s.io' && each.metadata?.name === name);
  if (!gatewayClass) return unseen(subject, 'nobody in view', `its class '${name}' is not in view: who makes its load balancer is not known`, 'add the GatewayClass to this cluster, or acknowledge what you know of it');
  const controllerName = String(gatewayClass.spec?.controllerName);
  if (!(controllerName in CLASSES.gateway)) {
    return unseen(subject, 'nobody in view', `the controller of ${subjectOf(gatewayClass)} is '${controllerName}', which this cluster does not know`, 'acknowledge what you know of it');
  }
  if (context.controller !== 'awsController') {
    return unseen(subject, 'nobody in view', `its class leaves it to ${CONTROLLER}, and this cluster does not know of one`,
      'call addLoadBalancerController(), or say loadBalancerController: LoadBalancerController.AWS where somebody else installs it');
  }
  const references: [any, string | undefined][] = [
    [gatewayClass.spec?.parametersRef, gatewayClass.spec?.parametersRef?.namespace], [object.spec?.infrastructure?.parametersRef, object.metadata?.namespace],
  ];
  const named = references.filter(([reference]) => reference !== undefined).map(([reference, namespace]) => ({ reference, found: configuration(reference, namespace, context) }));
  const missing = named.find(({ found }) => !found);
  if (missing) return unseen(subject, CONTROLLER, `its LoadBalancerConfiguration '${String(missing.reference?.name)}' is not in view`, 'add it to this cluster, or acknowledge what it says');
  const found = named.map((each) => each.found!);
  const ofClass = gatewayClass.spec?.parametersRef ? found[0] : undefined;
  const winsLast = ofClass?.spec?.mergingMode === 'prefer-gateway' ? found : [...found].reverse();
  const merged = { kind: 'LoadBalancerConfiguration', metadata: {}, spec: Object.assign({}, ...winsLast.map(({ spec }) => spec)) };
  // Installed by this library, the controller makes internal load balancers where nothing is said.
  const { exposure, diagnostics } = judge(readExposure({ ...GATEWAY_TABLE, schemeOtherwise: 'internal' }, merged),
    { subject, controller: CONTROLLER, fix: FIX, unsaid: 'nothing says its scheme' }, context.publicSubnets);
  return { exposure, diagnostics };
}

function configuration(reference: any, namespace: string | undefined, { objects }: LoadBalancerContext): ExposingObject | undefined {
  return objects.find((each) => isConfiguration(each) && each.metadata?.name === reference?.name && (each.metadata?.namespace ?? 'default') === (namespace ?? 'default'));
}

export const isConfiguration = (object: ExposingObject): boolean => object.kind === 'LoadBalancerConfiguration' && groupOf(object) === 'gateway.k8s.aws';

/**
 * It opens nothing alone. What it says holds for every Gateway that refers to it, also one that comes later, and is merged field by field
 * with what the class says: groups of its own count although it is internal, prefix lists limit nothing alone, and an empty list takes away
 * the other's.
 */
export function configurationExposure(object: ExposingObject): Judged {
  const reading = readExposure(GATEWAY_TABLE, object);
  const silent = !reading.hidden && reading.schemeSaid === undefined && valueAt(GATEWAY_TABLE.sources[0], object) === undefined && reading.voids.length === 0;
  if (silent) return { diagnostics: [] };
  const words = { subject: subjectOf(object), controller: CONTROLLER, fix: 'set spec.scheme: internal, or name the clients in spec.sourceRanges', unsaid: 'it names no spec.scheme', beside: 'what it is merged with' };
  const judged = judge(reading.schemeSaid === undefined ? { ...reading, scheme: 'internet-facing' } : reading, words);
  return reading.scheme === 'internal' ? { diagnostics: judged.diagnostics } : judged;
}

/** A route adds backends to a Gateway; who reaches them is the Gateway's matter, so that has to be in view. */
export function routeExposure(object: ExposingObject, { objects }: LoadBalancerContext): Judged {
  const subject = subjectOf(object);
  const hidden = hiddenAmong([{ at: 'object', name: 'spec.parentRefs' }, { at: 'object', name: 'spec.parentRef' }], object);
  if (hidden) return unseen(subject, 'nobody in view', `${hidden} is known only at deployment, and it decides who reaches its backends`, 'write the value itself');
  const parents: any[] = object.spec?.parentRefs ?? (object.spec?.parentRef ? [object.spec.parentRef] : []);
  const unknown = parents.find((parent) => !objects.some((each) => each.kind === (parent?.kind ?? 'Gateway') && each.metadata?.name === parent?.name
    && (each.metadata?.namespace ?? 'default') === (parent?.namespace ?? object.metadata?.namespace ?? 'default')));
  return !unknown ? { diagnostics: [] } : unseen(subject, 'nobody in view', `${unknown.kind ?? 'Gateway'} '${String(unknown.name)}', which it joins, is not in view: who reaches its backends is not known`,
    'add it to this cluster, or acknowledge what you know of it');
}
