import { Stack } from 'aws-cdk-lib';
import { CfnPodIdentityAssociation } from 'aws-cdk-lib/aws-eks';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { readyWhenInForce } from './cdk/in-force';
import { NetworkModel } from './cdk/network-model';
import { requireKnown, requireKnownLabels } from './cdk/tokens';
import { IClusterNetwork } from './cluster-network';
import { INTERNET_FACING_LABEL, POD_SECURITY_LABEL, POD_SECURITY_MODES } from './core/guard/guard-facts';
import { BUILT_IN_NAMESPACES, SYSTEM_NAMESPACES } from './core/policy/facts';
import { Peer } from './core/policy/intent';
import { checkLabel, checkNamespaceName, checkObjectName } from './core/policy/syntax';
import { INetworkPeer, NetworkPeer } from './network-peer';
import { PolicyEnforcement } from './policy-enforcement';

/** Who can make pods in a namespace, and so run them as any service account of it. */
export enum PodCreators {
  /** Not said: whoever may create pods there may run them as any of its service accounts. */
  ANYONE = 'anyone',
  /** A claim of yours, which the report lists: RBAC lets nobody but the platform create pods, or what creates pods, there. */
  PLATFORM_ONLY = 'platformOnly',
}

/**
 * What Pod Security admission refuses in a namespace.
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export enum PodSecurityLevel {
  /** Nothing: its pods may take over their node, past every network policy. For agents of the platform only. */
  PRIVILEGED = 'privileged',
  /** Known ways out of a pod: the host's network, processes and files, privileged containers. */
  BASELINE = 'baseline',
  /** Also what hardened pods do without: running as root, most capabilities. */
  RESTRICTED = 'restricted',
}

/** How a namespace is made. */
export interface ClusterNamespaceOptions {
  /**
   * Somebody else creates it: it is declared, so that rules may name it, and not created.
   * @default false
   */
  readonly existing?: boolean;

  /**
   * Labels of the namespace, which `NetworkPeer.namespaces()` and policies can select. Of an existing one: those it has.
   * @default - none but Kubernetes' own `kubernetes.io/metadata.name`
   */
  readonly labels?: { [key: string]: string };

  /**
   * Annotations of the namespace.
   * @default - none
   */
  readonly annotations?: { [key: string]: string };

  /**
   * What Pod Security admission refuses in it; beyond `RESTRICTED` it warns and writes to the audit log. Of an existing
   * namespace its labels say it.
   * @default PodSecurityLevel.BASELINE, and nothing where the namespace is staged
   * @see https://kubernetes.io/docs/concepts/security/pod-security-admission/
   */
  readonly podSecurity?: PodSecurityLevel;

  /**
   * Whether load balancers of this namespace may be open to everyone: it gets the label `secure-eks.io/allow-internet-facing`, and
   * the guard in the cluster says nothing about them. Those in view are checked at synthesis all the same.
   * @default false
   */
  readonly allowInternetFacing?: boolean;

  /**
   * Whether policies of the platform have an effect in it: `STAGED` on an enforced cluster leaves this namespace out of whatever is
   * enforced, `ENFORCED` on a staged one enforces it alone. What is staged is previewed there, and its guards warn instead of refusing.
   * `ALLOWS_ENFORCED` is for the whole cluster only.
   * @default - that of the cluster
   * @see https://docs.tigera.io/calico/latest/network-policy/staged-network-policies
   */
  readonly enforcement?: PolicyEnforcement;

  /**
   * Who can make pods in it. An exemption of a service account here warns until it is said.
   * @default PodCreators.ANYONE
   */
  readonly podCreators?: PodCreators;
}

/** A namespace and its network. */
export interface ClusterNamespaceProps extends ClusterNamespaceOptions {
  /** The network of the cluster that it is on. */
  readonly network: IClusterNetwork;

  /** Name of the namespace: a DNS label. */
  readonly namespaceName: string;
}

/**
 * A namespace of the cluster, inside the default deny. As a peer it is every pod in it.
 *
 * It is kept on the cluster when it is removed from the code, with all that is in it.
 */
export class ClusterNamespace extends Construct implements INetworkPeer {
  /** Name of the namespace. */
  public readonly namespaceName: string;
  public readonly peerName: string;
  private readonly network: IClusterNetwork;

  public constructor(scope: Construct, id: string, props: ClusterNamespaceProps) {
    super(scope, id);
    requireKnown(props.namespaceName, 'the namespace');
    requireKnownLabels(props.labels);
    if (props.enforcement !== undefined) requireKnown(props.enforcement, 'enforcement');
    const { namespaceName: name, existing = false, annotations = {} } = props;
    const model = NetworkModel.of(props.network);
    const enforced = (props.enforcement ?? model.enforcement) === PolicyEnforcement.ENFORCED;
    const guarded = existing ? {} : guardLabels(props, enforced ? PodSecurityLevel.BASELINE : undefined);
    const labels = { ...guarded, ...props.labels };
    this.network = props.network;
    this.namespaceName = name;
    this.peerName = `every pod in ${name}`;
    const platformOnly = props.podCreators === PodCreators.PLATFORM_ONLY;
    model.add(model.namespaces, { construct: this, name, existing, platformOnly, enforcement: props.enforcement, labels, annotations: { ...annotations } });
    report(model, `namespace ${name}`, checkNamespaceName(name), ...Object.entries(labels).map(([key, value]) => checkLabel(key, value)));
    for (const key of Object.keys(annotations).filter(isHelms)) reportHelmAnnotation(model, `namespace ${name}`, key);
    const level = labels[POD_SECURITY_LABEL];
    if (!existing && props.podSecurity !== undefined && level !== props.podSecurity) {
      model.log.add({
        code: 'namespaceLabelTwice', severity: 'error', subject: `namespace ${name}`,
        message: `label '${POD_SECURITY_LABEL}' is '${level}' in labels, and podSecurity is '${props.podSecurity}'`, fix: 'say it by podSecurity only',
      });
    }
    if (existing && (props.podSecurity !== undefined || props.allowInternetFacing !== undefined)) {
      model.log.add({
        code: 'namespaceOptionUnused', severity: 'error', subject: `namespace ${name}`,
        message: 'podSecurity and allowInternetFacing label a namespace that is made, but somebody else makes this one', fix: 'leave them out, and give the labels that it has',
      });
    }
    if (!existing && [...BUILT_IN_NAMESPACES, ...SYSTEM_NAMESPACES].includes(name)) {
      model.log.add({
        code: 'namespaceBuiltIn', severity: 'error', subject: `namespace ${name}`,
        message: 'the cluster has it already, and Helm refuses to create what exists', fix: 'declare it with { existing: true }',
      });
    }
    readyWhenInForce(this, model, Stack.of(props.network));
  }

  /**
   * The pods of this namespace that carry all of these labels.
   * @throws when there is no label, or one breaks Kubernetes' syntax
   */
  public pods(labels: { [key: string]: string }): NetworkPeer {
    return NetworkPeer.pods(this.namespaceName, labels);
  }

  /** The pods of this namespace that run as this service account, which somebody else creates. */
  public serviceAccount(name: string): NetworkPeer {
    return NetworkPeer.serviceAccount(this.namespaceName, name);
  }

  /** Creates a service account in this namespace. As a peer it is the pods that run as it. */
  public addServiceAccount(id: string, options: ClusterServiceAccountOptions = {}): ClusterServiceAccount {
    return new ClusterServiceAccount(this, id, { ...options, network: this.network, namespaceName: this.namespaceName });
  }

  /** @internal */
  public _toPeer(): Peer {
    return { kind: 'pods', namespace: this.namespaceName };
  }
}

/** How a service account is made. */
export interface ClusterServiceAccountOptions {
  /**
   * Name of the service account: a DNS subdomain.
   * @default - the id
   */
  readonly name?: string;

  /**
   * Labels of the service account, which Calico policies can select.
   * @default - none
   */
  readonly labels?: { [key: string]: string };

  /**
   * Annotations of the service account.
   * @default - none
   */
  readonly annotations?: { [key: string]: string };
}

/** A service account, its namespace and its network. */
export interface ClusterServiceAccountProps extends ClusterServiceAccountOptions {
  /** The network of the cluster that it is on. */
  readonly network: IClusterNetwork;

  /** Name of its namespace. */
  readonly namespaceName: string;
}

/**
 * A Kubernetes service account. What is granted to it in AWS it gets by EKS Pod Identity, through the agent's link-local
 * address that every pod may reach: no instance metadata, no OIDC provider.
 * @see https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html
 */
export class ClusterServiceAccount extends Construct implements INetworkPeer, iam.IGrantable {
  /** Name of the service account. */
  public readonly serviceAccountName: string;
  public readonly peerName: string;
  private readonly props: ClusterServiceAccountProps;
  private lazyRole?: iam.Role;

  public constructor(scope: Construct, id: string, props: ClusterServiceAccountProps) {
    super(scope, id);
    const { namespaceName: namespace, labels = {}, annotations = {} } = props;
    const name = props.name ?? id;
    requireKnown(namespace, 'the namespace');
    requireKnown(name, 'the service account');
    requireKnownLabels(labels);
    const model = NetworkModel.of(props.network);
    this.props = props;
    this.serviceAccountName = name;
    this.peerName = `service account ${name} in ${namespace}`;
    model.add(model.serviceAccounts, { construct: this, namespace, name, labels: { ...labels }, annotations: { ...annotations } });
    report(model, `service account ${namespace}/${name}`, checkObjectName('service account', name), ...Object.entries(labels).map(([key, value]) => checkLabel(key, value)));
    for (const key of Object.keys(annotations).filter(isHelms)) reportHelmAnnotation(model, `service account ${namespace}/${name}`, key);
    readyWhenInForce(this, model, Stack.of(props.network));
  }

  /** The role of its pods, made with the first grant. */
  public get role(): iam.IRole {
    if (!this.lazyRole) {
      this.lazyRole = new iam.Role(this, 'Role', {
        description: `pods that run as ${this.props.namespaceName}/${this.serviceAccountName}`,
        assumedBy: new iam.SessionTagsPrincipal(new iam.ServicePrincipal('pods.eks.amazonaws.com')),
      });
      new CfnPodIdentityAssociation(this, 'Association', {
        clusterName: this.props.network.clusterName,
        namespace: this.props.namespaceName,
        serviceAccount: this.serviceAccountName,
        roleArn: this.lazyRole.roleArn,
      });
      NetworkModel.of(this.props.network).remember(this);
    }
    return this.lazyRole;
  }

  /** Whom AWS permissions are granted to: the role of its pods. */
  public get grantPrincipal(): iam.IPrincipal {
    return this.role;
  }

  /** @internal */
  public _toPeer(): Peer {
    return { kind: 'pods', namespace: this.props.namespaceName, serviceAccount: this.serviceAccountName };
  }
}

/** What admission reads of a namespace. Warnings and the audit log follow the strictest level, whatever is enforced. */
function guardLabels({ podSecurity, allowInternetFacing = false }: ClusterNamespaceOptions, usual: PodSecurityLevel | undefined): Record<string, string> {
  const levels = POD_SECURITY_MODES.map((mode) => [`pod-security.kubernetes.io/${mode}`, mode === 'enforce' ? podSecurity ?? usual : PodSecurityLevel.RESTRICTED] as const);
  return {
    ...Object.fromEntries(levels.flatMap(([key, level]) => level === undefined ? [] : [[key, level]])),
    ...allowInternetFacing && { [INTERNET_FACING_LABEL]: 'true' },
  };
}

const isHelms = (key: string): boolean => /(^|\.)helm\.sh\//.test(key);

function report(model: NetworkModel, subject: string, ...broken: (string | undefined)[]): void {
  for (const message of broken) {
    if (message) model.log.add({ code: 'kubernetesSyntax', severity: 'error', subject, message, fix: 'write it as the rule says' });
  }
}

function reportHelmAnnotation(model: NetworkModel, subject: string, key: string): void {
  model.log.add({
    code: 'helmAnnotation', severity: 'error', subject,
    message: `annotation '${key}' is Helm's, which carries the object and would act on it`, fix: 'remove it',
  });
}
