import { Construct } from 'constructs';
import { kubernetesName } from './cdk/names';
import { NetworkModel } from './cdk/network-model';
import { IClusterNetwork } from './cluster-network';
import { INetworkPeer, NetworkPeer } from './network-peer';

/** Which pods are cut off. */
export interface QuarantineOptions {
  /** Their namespace. */
  readonly namespace: string;

  /** Labels that mark them, at least one: labelling a pod cuts it off at once. */
  readonly labels: { [key: string]: string };

  /**
   * Ends for which nothing changes: other policies go on to decide.
   * @default - none: every connection is denied, in both directions
   */
  readonly keepOpen?: INetworkPeer[];
}

/** A quarantine and where it belongs. */
export interface QuarantineProps extends QuarantineOptions {
  /** The network that it cuts. */
  readonly network: IClusterNetwork;
}

/**
 * Denies everything from and to marked pods, before every exemption and every rule, for the time of an incident. Connections
 * that are open already live on, and so do the kubelet's probes: end the pod's process to be sure.
 * @see https://docs.aws.amazon.com/eks/latest/best-practices/incident-response-and-forensics.html
 */
export class Quarantine extends Construct {
  public constructor(scope: Construct, id: string, props: QuarantineProps) {
    super(scope, id);
    const model = NetworkModel.of(props.network);
    NetworkPeer.pods(props.namespace, props.labels); // syntax, and at least one label
    model.add(model.quarantines, {
      construct: this,
      name: kubernetesName(id),
      namespace: props.namespace,
      labels: { ...props.labels },
      keepOpen: props.keepOpen ?? [],
    });
  }
}
