import { Construct } from 'constructs';
import { readyWhenInForce } from './cdk/in-force';
import { kubernetesName, stackSuffix } from './cdk/names';
import { NetworkModel } from './cdk/network-model';
import { requireKnown } from './cdk/tokens';
import { IClusterNetwork } from './cluster-network';
import { INetworkPeer } from './network-peer';
import { NetworkPort } from './network-port';

/** What a rule allows. */
export interface TrafficRuleOptions {
  /** Who opens the connection. */
  readonly source: INetworkPeer;

  /** Who accepts it. Pods at one end at least. */
  readonly destination: INetworkPeer;

  /** Ports that the destination's pods listen on, after service translation. At least one. */
  readonly ports: NetworkPort[];

  /**
   * Why, for the report.
   * @default - none
   */
  readonly description?: string;
}

/** A rule and where it belongs. */
export interface TrafficRuleProps extends TrafficRuleOptions {
  /** The network that it opens. */
  readonly network: IClusterNetwork;

  /**
   * What its policies are called on the cluster: `eks-allow.<name>-egress` and `-ingress`, in another stack than the
   * cluster's with a suffix made from the stack's name. One of a name on a cluster.
   * @default - the id, in Kubernetes' spelling
   */
  readonly ruleName?: string;
}

/**
 * Allows connections, in the stack of its scope: an application stack opens what it needs on another stack's cluster.
 *
 * A rule only ever opens: it isolates nothing, and removing it opens nothing. Both halves are emitted, so that neither
 * end needs a rule of its own. Guardrails still bind: kubelet, API server and instance metadata have calls of their own.
 */
export class TrafficRule extends Construct {
  public constructor(scope: Construct, id: string, props: TrafficRuleProps) {
    super(scope, id);
    const model = NetworkModel.of(props.network);
    requireKnown(props.ruleName, 'ruleName');
    model.add(model.rules, {
      construct: this,
      name: kubernetesName(props.ruleName ?? id) + stackSuffix(this, props.network),
      source: props.source,
      destination: props.destination,
      ports: props.ports.map((port) => port._toIntent()),
      description: props.description,
    });
    readyWhenInForce(this, model);
  }
}
