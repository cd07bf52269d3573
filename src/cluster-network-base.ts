import * as eks from 'aws-cdk-lib/aws-eks-v2';
import type { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { ApplicationChart, ApplicationManifest, ApplicationReleaseOptions } from './application-chart';
import { kubernetesName } from './cdk/names';
import { NetworkModel } from './cdk/network-model';
import { ClusterNamespace, ClusterNamespaceOptions } from './cluster-namespace';
import { IClusterNetwork } from './cluster-network';
import { ConnectivityExpectation, ConnectivityExpectationOptions } from './connectivity';
import { GuardedTarget, GuardrailExemption, GuardrailExemptionOptions } from './guardrail-exemption';
import { INetworkPeer, NetworkPeer } from './network-peer';
import { NetworkPort } from './network-port';
import { TrafficRule, TrafficRuleOptions } from './traffic-rule';

/** What the control plane may call. */
export interface ControlPlaneTrafficOptions {
  /** The pods that serve it: of an admission webhook, an aggregated API, a conversion webhook. */
  readonly destination: INetworkPeer;

  /** Ports that the pods listen on. At least one. */
  readonly ports: NetworkPort[];

  /**
   * Why, for the report.
   * @default - none
   */
  readonly description?: string;
}

/** Which diagnostic is accepted, and why. */
export interface AcknowledgeOptions {
  /** The subject that the diagnostic names, for example `Service shop/web`. */
  readonly subject: string;

  /** Why it is safe here, for the report. */
  readonly reason: string;
}

/**
 * What users say about a cluster's network. Each method is sugar for a construct of the same meaning, which lives below
 * the cluster; in another stack create the construct itself.
 */
export abstract class ClusterNetworkBase extends Construct implements IClusterNetwork {
  /** The cluster inside, for everything else. What is added through it is made to wait for the network. */
  public abstract readonly eksCluster: eks.Cluster;

  /** @internal */
  protected readonly _model: NetworkModel;

  protected constructor(scope: Construct, id: string) {
    super(scope, id);
    this._model = new NetworkModel(this);
  }

  /** Creates a namespace, or with `existing` declares one that somebody else creates. */
  public addNamespace(name: string, options: ClusterNamespaceOptions = {}): ClusterNamespace {
    return new ClusterNamespace(this.room('Namespaces'), name, { ...options, network: this, namespaceName: name });
  }

  /** Allows connections. See `TrafficRule`. */
  public allowTraffic(id: string, options: TrafficRuleOptions): TrafficRule {
    return new TrafficRule(this.room('TrafficRules'), id, { ...options, network: this });
  }

  /**
   * Lets the control plane call pods: admission webhooks, conversion webhooks, aggregated APIs. The security group of
   * nodes and pods is opened to it for the same ports.
   */
  public allowFromControlPlane(id: string, options: ControlPlaneTrafficOptions): TrafficRule {
    return new TrafficRule(this.room('FromControlPlane'), id, {
      ...options, source: NetworkPeer.controlPlane(), network: this, ruleName: `control-plane-${kubernetesName(id)}`,
    });
  }

  /** Lets the pods of named service accounts call the kubelets on port 10250: metrics-server, Prometheus. */
  public allowKubeletAccess(id: string, options: GuardrailExemptionOptions): GuardrailExemption {
    return new GuardrailExemption(this.room('KubeletAccess'), id, { ...options, network: this, target: GuardedTarget.KUBELET });
  }

  /** Lets the pods of named service accounts call the Kubernetes API: operators, controllers. */
  public allowApiServerAccess(id: string, options: GuardrailExemptionOptions): GuardrailExemption {
    return new GuardrailExemption(this.room('ApiServerAccess'), id, { ...options, network: this, target: GuardedTarget.API_SERVER });
  }

  /**
   * Lets the pods of named service accounts reach the instance metadata service, and with it the credentials of their
   * node. It needs a node group with `metadataHopLimit: 2`: at 1 no answer reaches a pod, whatever policy says.
   * @see https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html
   */
  public allowInstanceMetadataAccess(id: string, options: GuardrailExemptionOptions): GuardrailExemption {
    return new GuardrailExemption(this.room('InstanceMetadataAccess'), id, { ...options, network: this, target: GuardedTarget.INSTANCE_METADATA });
  }

  /** Fails synthesis unless each of these connections is possible. See `ConnectivityExpectation`. */
  public expectAllowed(id: string, options: ConnectivityExpectationOptions): ConnectivityExpectation {
    return new ConnectivityExpectation(this.room('ExpectAllowed'), id, { ...options, network: this, allowed: true });
  }

  /** Fails synthesis unless all of these connections are impossible. See `ConnectivityExpectation`. */
  public expectDenied(id: string, options: ConnectivityExpectationOptions): ConnectivityExpectation {
    return new ConnectivityExpectation(this.room('ExpectDenied'), id, { ...options, network: this, allowed: false });
  }

  /** Adds a cdk8s chart, after the network is in force. See `ApplicationChart`. */
  public addCdk8sChart(id: string, chart: Chart, options: ApplicationReleaseOptions = {}): ApplicationChart {
    return new ApplicationChart(this.room('Charts'), id, { ...options, chart, network: this });
  }

  /** Adds Kubernetes objects as plain data, after the network is in force. They are copied, never changed. */
  public addManifest(id: string, ...objects: { [key: string]: any }[]): ApplicationManifest {
    return new ApplicationManifest(this.room('Manifests'), id, { objects, network: this });
  }

  /**
   * Accepts a diagnostic that is marked acknowledgeable. One that matches nothing is a warning; the report lists all.
   * @param code for example `cdk-secure-eks:loadBalancerOpen`
   */
  public acknowledge(code: string, options: AcknowledgeOptions): void {
    this._model.requireOpen(`acknowledge('${code}')`);
    this._model.log.acknowledge({ code, ...options });
  }

  /** A scope of its own for each method, so that equal ids in different methods do not collide. */
  private room(name: string): Construct {
    return (this.node.tryFindChild(name) as Construct | undefined) ?? new Construct(this, name);
  }
}
