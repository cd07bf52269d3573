import { Construct } from 'constructs';
import { NetworkModel } from './cdk/network-model';
import { IClusterNetwork } from './cluster-network';
import { INetworkPeer } from './network-peer';
import { NetworkPort } from './network-port';

/** A flow that must or must not be possible. */
export interface ConnectivityExpectationOptions {
  /** Who opens the connection: every workload that the peer names. */
  readonly source: INetworkPeer;

  /** Who accepts it: every workload that the peer names. */
  readonly destination: INetworkPeer;

  /**
   * The connections in question: each of them.
   * @default - every connection, or for the well-known peers their own ports
   */
  readonly ports?: NetworkPort[];
}

/** An expectation and where it belongs. */
export interface ConnectivityExpectationProps extends ConnectivityExpectationOptions {
  /** The network that is asked. */
  readonly network: IClusterNetwork;

  /** Whether the connections must be possible (true) or impossible (false). */
  readonly allowed: boolean;
}

/**
 * Checked at synthesis over the very policies that are emitted; an unmet one fails synthesis and names the policy and
 * rule that decided. What cannot be decided is no met expectation either: it is undetermined, and fails.
 *
 * It quantifies over all that the peers name. `allowed` is asked of the workloads in view. `denied` is asked of any pod that
 * fits the description, with any other labels, under the service accounts and with the named ports of the workloads in view;
 * `NetworkPeer.fromWorkload()` and `.service()` mean those pods and no others. Where no workload is in view, any pod of that
 * description is asked about. A node reaches the pods that run on it whatever policies say, so a denial from there is undetermined.
 */
export class ConnectivityExpectation extends Construct {
  public constructor(scope: Construct, id: string, props: ConnectivityExpectationProps) {
    super(scope, id);
    const model = NetworkModel.of(props.network);
    model.add(model.expectations, {
      construct: this,
      expected: props.allowed ? 'allow' : 'deny',
      source: props.source,
      destination: props.destination,
      ports: (props.ports ?? []).map((port) => port._toIntent()),
    });
  }
}
