import { IConstruct } from 'constructs';
import { ObjectsRelease } from './objects-release';
import { resourcesOf } from './references';
import { Wait } from './release-order';
import { KubernetesObject, workloadOf } from '../../core/connectivity/workload';
import { wellShaped } from '../../core/network/object-shapes';

/** What puts objects into namespaces. */
export interface Tenant {
  readonly construct: IConstruct;
  readonly what: string;
  readonly namespaces: readonly string[];
  /** `namespace/name` of those that its pods are known to run as. */
  readonly accounts: readonly string[];
}

export function tenantOf(construct: IConstruct, what: string, objects: readonly KubernetesObject[], others: readonly string[] = []): Tenant {
  const namespaces = objects.map(({ metadata }) => metadata?.namespace).filter((namespace) => namespace !== undefined);
  const accounts = wellShaped(objects).objects.flatMap((object) => workloadOf(object) ?? []).map(({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}`);
  return { construct, what, namespaces: [...new Set([...namespaces, ...others])].sort(), accounts };
}

export function releaseTenant(release: ObjectsRelease): Tenant {
  return tenantOf(release, `release ${release.releaseName}`, release.objects);
}

/** The platform's own namespaces come before all of users' anyway; a namespace among users' objects comes with its release. */
export function waitsForNamespaces(tenants: readonly Tenant[], users: readonly ObjectsRelease[], platform: readonly ObjectsRelease[]): Wait[] {
  const namespacesIn = (release: ObjectsRelease) => release.objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name);
  const creators = new Map(users.flatMap((release) => namespacesIn(release).map((namespace) => [namespace, release])));
  for (const namespace of platform.flatMap(namespacesIn)) creators.delete(namespace);
  return tenants.flatMap(({ construct, what, namespaces }) => namespaces.flatMap((namespace): Wait[] => {
    const creator = creators.get(namespace);
    return creator === undefined ? [] : [{
      later: construct,
      earlier: creator,
      circle: {
        code: 'namespaceCreatedLater',
        severity: 'error',
        subject: construct.node.path,
        message: `this ${what} needs namespace '${namespace}', which release ${creator.releaseName} (${creator.node.path}) creates only after it`,
        fix: `create it with addNamespace('${namespace}') instead, which comes before all of them`,
      },
    }];
  }));
}

/** What gives the pods of a service account their rights in AWS. */
export interface Identity {
  readonly construct: IConstruct;
  readonly namespace: string;
  readonly name: string;
}

/**
 * A pod that starts before its association runs without credentials for ever: EKS gives them when the pod is created. Which pods a
 * controller makes in the namespace nobody knows, so everything there waits.
 * @see https://docs.aws.amazon.com/eks/latest/userguide/pod-id-association.html
 */
export function waitsForIdentities(tenants: readonly Tenant[], identities: readonly Identity[]): Wait[] {
  const granted = identities.filter(({ construct }) => resourcesOf([construct]).length > 0);
  return tenants.flatMap(({ construct, what, namespaces, accounts }) => granted.filter(({ namespace }) => namespaces.includes(namespace)).map((identity): Wait => ({
    later: construct,
    earlier: identity.construct,
    circle: !accounts.includes(`${identity.namespace}/${identity.name}`) ? undefined : {
      code: 'identityCreatedLater',
      severity: 'error',
      acknowledgeable: true,
      subject: construct.node.path,
      message: `pods of this ${what} run as ${identity.namespace}/${identity.name}, and ${identity.construct.node.path}, which gives that its role, comes only after it: they would start without credentials`,
      fix: 'create the service account in the same stack or in one before it, and grant it nothing that waits for this release',
    },
  })));
}
