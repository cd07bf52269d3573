import { IConstruct } from 'constructs';
import { Wait } from './release-order';
import { KubernetesObject } from '../manifests/objects';

/** Something on the cluster that may hold what the controller serves. */
export interface Served {
  readonly construct: IConstruct;
  readonly what: string;
  /** Absent: not in view. */
  readonly objects?: readonly KubernetesObject[];
}

const GROUPS = ['networking.k8s.io', 'elbv2.k8s.aws', 'gateway.networking.k8s.io', 'gateway.k8s.aws', 'aga.k8s.aws'];

/**
 * Its webhooks refuse Services while no pod of it answers, and its kinds come with its chart. On the way back it is the other way
 * round: only it takes load balancers away, so it goes after the last of them.
 */
export function waitsForController(earlier: IConstruct, served: readonly Served[]): Wait[] {
  return served.filter(({ construct, objects }) => construct !== earlier && (objects ?? [undefined]).some(isServed)).map(({ construct, what }): Wait => ({
    later: construct,
    earlier,
    circle: {
      code: 'loadBalancerControllerLater',
      severity: 'error',
      acknowledgeable: true,
      subject: construct.node.path,
      message: `this ${what} may hold load balancers, and the controller that makes them (${earlier.node.path}) comes only after it: on deletion they would stay in AWS`,
      fix: 'remove the dependency of the controller on it, or acknowledge that nothing in it has a load balancer',
    },
  }));
}

function isServed(object: KubernetesObject | undefined): boolean {
  if (!object) return true;
  const [group, version] = object.apiVersion.split('/');
  return version === undefined ? object.kind === 'Service' : GROUPS.includes(group);
}
