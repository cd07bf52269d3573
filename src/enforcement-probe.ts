import { Duration, Stack, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { stackSuffix } from './cdk/names';
import { NetworkModel } from './cdk/network-model';
import { IClusterNetwork } from './cluster-network';

/** What a probe tries. */
export enum EnforcementFlow {
  /** No pod without a right reaches the kubelet of its node, TCP 10250; an exempted one does. */
  KUBELET = 'kubelet',
  /** No pod without a right reaches the API server; an exempted one does. */
  API_SERVER = 'apiServer',
  /** No pod without a right reaches the instance metadata service, by TCP connect; an exempted one does. */
  INSTANCE_METADATA = 'instanceMetadata',
  /** No pod without a right reaches a pod of another namespace; an allowed one does. */
  CROSS_NAMESPACE = 'crossNamespace',
  /** No pod without a right reaches the internet; an allowed one does. */
  INTERNET = 'internet',
  /** Every pod resolves names by the cluster DNS. */
  DNS = 'dns',
  /** Every pod reaches the Pod Identity agent. */
  POD_IDENTITY = 'podIdentity',
  /** What `expectAllowed()`, `expectDenied()` and `ConnectivityExpectation` say, where it can be tried. */
  EXPECTATIONS = 'expectations',
}

/** What is tried in the live cluster, and how. */
export interface EnforcementProbeOptions {
  /**
   * What is tried. What is left out is listed in the report.
   * @default - all of them
   */
  readonly flows?: EnforcementFlow[];

  /**
   * The image that the probe runs in: Node.js 20 or newer as `node`, for amd64 and arm64 where nodes are of both. A whole reference,
   * `111122223333.dkr.ecr.eu-west-1.amazonaws.com/mirror/node:24.11.0-alpine3.22`, or with `@sha256:` and a digest. `cluster.images` lists it.
   * @default - public.ecr.aws/docker/library/node:24.11.0-alpine3.22
   */
  readonly image?: string;

  /**
   * A host outside the VPC that a pod with the right reaches by TCP, without scheme or port: a public name or address.
   * @default - checkip.amazonaws.com where the VPC is known to have a way out; without one the internet is not tried
   */
  readonly internetTarget?: string;

  /**
   * Its port, 1 to 65535.
   * @default 443
   */
  readonly internetPort?: number;

  /**
   * How long a run may take, 120 to 360 seconds: starting pods, waiting until policies are in force, seeing that they hold.
   * @default Duration.minutes(5)
   */
  readonly timeout?: Duration;

  /**
   * How long each flow must stay as expected, 5 to 60 seconds.
   * @default Duration.seconds(10)
   */
  readonly hold?: Duration;
}

/** A probe and its network. */
export interface EnforcementProbeProps extends EnforcementProbeOptions {
  /** The network that is tried. */
  readonly network: IClusterNetwork;
}

/**
 * Tries real connections in the live cluster before the deployment of its stack counts as done: what must be denied is denied, and a
 * positive twin of each denial, to the same place by an identity that is allowed, shows that the path works at all. A deployment that
 * changes a policy, Calico, or what nodes are made of, probes again; any other does not.
 *
 * It tries what its stack, and stacks before it, deploy: in the cluster's own stack also what holds on every cluster, in another stack
 * the expectations that are said there. One for each stack; what none covers is in the report. While enforcement is staged it only
 * writes its log. See docs/verify-enforcement.md.
 */
export class EnforcementProbe extends Construct {
  /**
   * @throws when the stack has a probe of this network already, or its name is a token
   */
  public constructor(scope: Construct, id: string, props: EnforcementProbeProps) {
    super(scope, id);
    const model = NetworkModel.of(props.network);
    const other = model.probes.find(({ construct }) => Stack.of(construct) === Stack.of(this));
    if (other) throw new Error(`${this.node.path}: ${other.construct.node.path} is a probe of this network in the same stack already, and one tries all there is to try; remove one of the two`);
    const { flows, image, internetTarget, internetPort, timeout, hold } = props;
    model.add(model.probes, {
      construct: this,
      suffix: stackSuffix(this, props.network),
      request: { subject: this.node.path, flows, image, internetTarget, internetPort, timeoutSeconds: secondsOf(timeout), holdSeconds: secondsOf(hold), isToken: Token.isUnresolved },
    });
  }
}

/** Undefined stays the default; NaN is what only the deployment knows. */
function secondsOf(duration: Duration | undefined): number | undefined {
  if (duration === undefined) return undefined;
  return duration.isUnresolved() ? NaN : duration.toSeconds({ integral: false });
}
