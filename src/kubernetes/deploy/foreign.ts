import { CfnResource, Stage, Token } from 'aws-cdk-lib';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import { Dependable, IConstruct } from 'constructs';
import { judgePatch } from './foreign-patch';
import { policiesAndNamespacesIn } from './manifest-kinds';
import { KubernetesNetwork } from './network';
import { propertiesOf, referencesIn, upstreamOf } from './references';
import { makeWait } from './release-order';
import { KubernetesObject } from '../../core/connectivity/workload';
import { Diagnostic } from '../../core/diagnostic';
import { FOREIGN_TYPES } from '../../core/template/foreign-types';

/** Where pods run, before the network; the checks of the final template judge nodes made elsewhere. */
const NODES = 'AWS::EKS::Nodegroup';

/** Something that the cluster gets, but not through this library. */
export interface ForeignConstruct {
  /** Construct path of what its author wrote. */
  readonly path: string;
  readonly what: string;
  /** Release, add-on or resource, where the template says it. */
  readonly name?: string;
  /** False where waiting would make a circle: it may land before the policies. */
  readonly waits: boolean;
}

export interface ForeignOptions {
  /** Made by this library and ordered already, besides the network itself and its prerequisites. */
  readonly ours?: readonly IConstruct[];
  /** What every node needs. */
  readonly beforeNodes?: readonly IConstruct[];
  /** What is wrong with objects that are in view. */
  readonly check?: (objects: readonly KubernetesObject[]) => readonly Diagnostic[];
}

export interface OrderedForeign {
  readonly diagnostics: Diagnostic[];
  readonly found: ForeignConstruct[];
  /** Nodes too: everything that was seen, in time to be ordered. */
  readonly resources: readonly CfnResource[];
}

/** Finds what others added to the cluster anywhere in the app and makes it wait for the network. To be called once, just before synth. */
export function orderForeign(network: KubernetesNetwork, options: ForeignOptions = {}): OrderedForeign {
  const ours = options.ours ?? [];
  const identity = identityOf(network.cluster);
  // Another stage is another assembly: nothing can wait across the two.
  const stage = Stage.of(network);
  const foreign = (stage ?? network.node.root).node.findAll()
    .filter((construct) => Stage.of(construct) === stage)
    .filter((construct): construct is CfnResource => CfnResource.isCfnResource(construct))
    .filter(({ cfnResourceType }) => cfnResourceType in FOREIGN_TYPES || cfnResourceType === NODES)
    .filter((resource) => !network.isOrdered(resource) && !resource.node.scopes.some((scope) => ours.includes(scope)))
    .map((resource) => ({ resource, properties: propertiesOf(resource) }))
    .filter(({ resource, properties }) => isOn(identity, resource, properties));
  const diagnostics: Diagnostic[] = [];
  const nodes = foreign.filter(({ resource }) => resource.cfnResourceType === NODES).map(({ resource }) => resource);
  makeWait(nodes.flatMap((later) => (options.beforeNodes ?? []).map((earlier) => ({ later, earlier }))));
  const candidates = foreign.filter(({ resource }) => resource.cfnResourceType in FOREIGN_TYPES);
  if (candidates.length === 0) return { diagnostics, found: [], resources: foreign.map(({ resource }) => resource) };

  // Computed before anything is made to wait, so that one foreign construct does not hide another.
  const neededByNetwork = upstreamOf(Dependable.of(network.ready).dependencyRoots);
  const found = candidates.map(({ resource, properties }) => {
    const { what, nameIn } = FOREIGN_TYPES[resource.cfnResourceType];
    const path = authoredPath(resource);
    const waits = !neededByNetwork.has(resource);
    if (waits) resource.node.addDependency(network.ready);
    else diagnostics.push(circle(path, what));
    if (what === FOREIGN_TYPES['Custom::AWSCDK-EKS-KubernetesPatch'].what) diagnostics.push(...judgePatch(path, properties));
    if ('Manifest' in properties) diagnostics.push(...judgeManifest(path, properties, options.check));
    const name = properties[nameIn];
    return { path, what, waits, ...(typeof name === 'string' ? { name } : {}) };
  });
  return { diagnostics, found: found.sort((a, b) => (a.path < b.path ? -1 : 1)), resources: foreign.map(({ resource }) => resource) };
}

interface Properties {
  readonly [name: string]: unknown;
}

interface ClusterIdentity {
  readonly constructs: ReadonlySet<IConstruct>;
  readonly names: ReadonlySet<string>;
}

/** A cluster is known by the resources that its name and its kubectl provider refer to, or by a literal name. */
function identityOf(cluster: eks.ICluster): ClusterIdentity {
  const token = cluster.kubectlProvider?.serviceToken;
  const given = (cluster.node.defaultChild as { readonly name?: string } | undefined)?.name;
  return {
    constructs: new Set([...referencesIn(cluster.clusterName, cluster), ...(token === undefined ? [] : referencesIn(token, cluster))]),
    names: new Set([given, cluster.clusterName, token].filter((name) => name !== undefined).filter((name) => !Token.isUnresolved(name))),
  };
}

function isOn({ constructs, names }: ClusterIdentity, resource: CfnResource, { ClusterName, ServiceToken }: Properties): boolean {
  if ([ClusterName, ServiceToken].some((value) => typeof value === 'string' && names.has(value))) return true;
  const raw = rawProperties(resource);
  const targets = [raw.ClusterName ?? raw.clusterName, raw.ServiceToken].flatMap((value) => [...referencesIn(value, resource)]);
  return targets.some((target) => constructs.has(target));
}

/** The properties before tokens are resolved: only they still know which construct is meant. */
function rawProperties(resource: CfnResource): Properties {
  const { _cfnProperties, cfnProperties } = resource as unknown as { readonly _cfnProperties?: object; readonly cfnProperties?: object };
  return { ..._cfnProperties, ...cfnProperties };
}

/** `Addon/Resource` and `Chart/Resource/Default` are ours to fold: their author wrote the parent. */
function authoredPath(resource: CfnResource): string {
  return resource.node.path.replace(/(\/(Resource|Default))+$/, '');
}

function circle(path: string, what: string): Diagnostic {
  return {
    code: 'foreignBeforeNetwork',
    severity: 'error',
    subject: path,
    acknowledgeable: true,
    message: `this ${what} should wait for the network, but what the network needs depends on it: what it starts may run before any policy`,
    fix: 'remove the dependency on it from node groups and add-ons, or acknowledge that it starts before the policies',
  };
}

/** What a manifest outside the model does when something leaves it. */
function judgeManifest(path: string, { Manifest, PruneLabel }: Properties, check: ForeignOptions['check'] = () => []): Diagnostic[] {
  const { objects, policies, namespaces, unreadable } = policiesAndNamespacesIn(Manifest);
  const prune = PruneLabel !== undefined;
  return [
    ...check(objects),
    ...policies.map((policy): Diagnostic => ({
      code: 'policyOutsideModel',
      severity: 'error',
      subject: path,
      acknowledgeable: true,
      message: `${policy} is deployed by kubectl, which leaves it in force when it is removed from the app${prune ? ' (its prune skips policies)' : ''}, and no check knows it`,
      fix: 'add it by addManifest of this cluster',
    })),
    ...(prune ? namespaces : []).map((namespace): Diagnostic => ({
      code: 'namespacePruned',
      severity: 'warning',
      subject: path,
      message: `${namespace} would be deleted with all in it as soon as it leaves this manifest (kubectl apply --prune)`,
      fix: 'use addNamespace of this cluster, or set prune: false on the manifest',
    })),
    ...(unreadable ? [{
      code: 'manifestUnreadable',
      severity: 'warning' as const,
      subject: path,
      message: 'the manifest is known only at deployment: whether it holds policies or namespaces cannot be checked',
      fix: 'add its objects by addManifest of this cluster, with tokens inside text only',
    }] : []),
  ];
}
