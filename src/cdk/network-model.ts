import { Duration, Stage } from 'aws-cdk-lib';
import { IConstruct, IDependable } from 'constructs';
import { DiagnosticLog } from './diagnostics';
import { KubernetesObject } from '../core/connectivity/workload';
import { Enforcement } from '../core/policy/enforcement';
import { Guardrail, Labels, Peer, PortIntent } from '../core/policy/intent';
import { ProbeOptionsRequest } from '../core/probe/probe-options';

/** A peer as its public class shows it here: read only when the network is decided. */
export interface PeerSource {
  _toPeer(): Peer;
}

/** What was asked for at `construct`. `name` becomes part of names on the cluster. */
interface Entry {
  readonly construct: IConstruct;
}

export interface RuleEntry extends Entry {
  readonly name: string;
  readonly source: PeerSource;
  readonly destination: PeerSource;
  readonly ports: readonly PortIntent[];
  readonly description?: string;
}

export interface ExemptionEntry extends Entry {
  readonly name: string;
  readonly guardrail: Guardrail;
  readonly namespace: string;
  readonly serviceAccounts: readonly string[];
  readonly reason: string;
}

export interface ExpectationEntry extends Entry {
  readonly expected: 'allow' | 'deny';
  readonly source: PeerSource;
  readonly destination: PeerSource;
  readonly ports: readonly PortIntent[];
}

export interface QuarantineEntry extends Entry {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly keepOpen: readonly PeerSource[];
}

export interface NamespaceEntry extends Entry {
  readonly name: string;
  /** Somebody else creates it. */
  readonly existing: boolean;
  /** Whether nobody but the platform can make pods there, so that a service account there is an identity. */
  readonly platformOnly: boolean;
  /** Default: that of the cluster. */
  readonly enforcement?: Enforcement;
  readonly labels: Labels;
  readonly annotations: Labels;
}

export interface ServiceAccountEntry extends Entry {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  readonly annotations: Labels;
}

/** Objects of a user's, rendered when the network is decided. */
export interface ObjectsEntry extends Entry {
  readonly releaseName: string;
  readonly options: { readonly wait?: boolean; readonly timeout?: Duration };
  /** Where its objects are constructs. */
  readonly chart?: IConstruct;
  render(): object[];
}

/** A chart of someone else's. */
export interface HelmEntry extends Entry {
  readonly releaseName: string;
  readonly namespace: string;
  readonly createNamespace: boolean;
  readonly chart: string;
  /** Its objects, where they are in view. */
  readonly rendered?: { readonly objects: readonly KubernetesObject[]; readonly origins: ReadonlyMap<KubernetesObject, string>; readonly leftOut: readonly string[] };
}

/** A probe, one a stack. */
export interface ProbeEntry extends Entry {
  readonly suffix: string;
  readonly request: Omit<ProbeOptionsRequest, 'wayOut'>;
}

const MODEL = Symbol.for('cdk-secure-eks.model');

/** All that was said about one cluster's network, from any stack, until it is decided. */
export class NetworkModel {
  /** The model of a network; one that this library did not make has none. */
  public static of(network: IConstruct): NetworkModel {
    const model = (network as IConstruct & { [MODEL]?: NetworkModel })[MODEL];
    if (!model) throw new Error(`${network.node.path} is no network of this library's; give a SecureEksCluster as 'network'`);
    return model;
  }

  public readonly log = new DiagnosticLog();
  public readonly rules: RuleEntry[] = [];
  public readonly exemptions: ExemptionEntry[] = [];
  public readonly quarantines: QuarantineEntry[] = [];
  public readonly expectations: ExpectationEntry[] = [];
  public readonly namespaces: NamespaceEntry[] = [];
  public readonly serviceAccounts: ServiceAccountEntry[] = [];
  public readonly objects: ObjectsEntry[] = [];
  public readonly helmCharts: HelmEntry[] = [];
  public readonly probes: ProbeEntry[] = [];
  /** What a rule of each stack waits for: its release, known once the network is decided. */
  public readonly releases = new Map<IConstruct, IDependable[]>();
  /** What makes load balancers, where it was installed by the cluster. */
  public controller?: IConstruct;
  /** Of the cluster. */
  public enforcement: Enforcement = 'enforced';
  private decided = false;

  /** @param remember to be told of what is made for the cluster, as it is made */
  public constructor(private readonly network: IConstruct, public readonly remember: (...made: readonly IConstruct[]) => void = () => undefined) {
    Object.defineProperty(network, MODEL, { value: this });
  }

  /** Adds while open. Afterwards nothing is dropped silently: it throws. */
  public add<T extends Entry>(list: T[], entry: T): void {
    this.requireOpen(entry.construct.node.path);
    if (Stage.of(entry.construct) !== Stage.of(this.network)) {
      throw new Error(`${entry.construct.node.path} is in another stage than ${this.network.node.path}, and a stage cannot use another's resources; put both in one`);
    }
    list.push(entry);
  }

  public requireOpen(subject: string): void {
    if (this.decided) {
      throw new Error(`${subject}: the network of ${this.network.node.path} was decided already, just before synthesis; add it while the app is being built, not in an aspect`);
    }
  }

  /** True once only. */
  public close(): boolean {
    const first = !this.decided;
    this.decided = true;
    return first;
  }
}
