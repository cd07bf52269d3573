import { Duration } from 'aws-cdk-lib';
import type { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { isChart } from './cdk/chart-dependencies';
import { kubernetesName, stackSuffix } from './cdk/names';
import { NetworkModel } from './cdk/network-model';
import { IClusterNetwork } from './cluster-network';
import { EnforcementProbe, EnforcementProbeOptions } from './enforcement-probe';

/** Where objects go and what their release is called. */
export interface ApplicationReleaseOptions {
  /**
   * Name of the Helm release that carries the objects, at most 45 characters.
   *
   * It cannot be changed in one deployment, and neither can the id that it comes from: CloudFormation installs the new release
   * before it uninstalls the old one, and Helm refuses objects that another release owns ("exists and cannot be imported").
   * Remove the objects with one deployment and add them under the new name with the next. Namespaces and
   * CustomResourceDefinitions stay in between and still name the release that is gone: before the second deployment set
   * their annotation `meta.helm.sh/release-name` to the new name with `-kept` behind it.
   * @default - the id, in Kubernetes' spelling
   */
  readonly releaseName?: string;

  /**
   * How long Helm waits for the objects to be ready. A change that fails is taken back, which may take as long again: at
   * most 7 minutes, or 14 with `wait: false`.
   * @default - the most
   */
  readonly timeout?: Duration;

  /**
   * Whether the deployment waits until the objects are ready, and takes a change back that does not become ready.
   * @default true
   */
  readonly wait?: boolean;
}

/** A chart and its network. */
export interface ApplicationChartProps extends ApplicationReleaseOptions {
  /** The network of the cluster that the chart goes to. */
  readonly network: IClusterNetwork;

  /** The chart, read just before synthesis: objects may be added until then. It is not changed. */
  readonly chart: Chart;
}

/** Objects and their network. */
export interface ApplicationManifestProps extends ApplicationReleaseOptions {
  /** The network of the cluster that the objects go to. */
  readonly network: IClusterNetwork;

  /** Kubernetes objects as plain data. They are copied, never changed. */
  readonly objects: { [key: string]: any }[];
}

/**
 * A cdk8s chart on a cluster, in the stack of its scope, after the cluster's network is in force.
 *
 * Its workloads, NetworkPolicies and Services join the model: they are evaluated, checked for exposure and reported.
 * It travels as a Helm release, so what is removed from the chart disappears from the cluster; Namespaces and
 * CustomResourceDefinitions are kept. It waits for the charts that it depends on (`chart.addDependency(other)`), which must be
 * on the same cluster.
 */
export class ApplicationChart extends Construct {
  private readonly network: IClusterNetwork;

  public constructor(scope: Construct, id: string, props: ApplicationChartProps) {
    super(scope, id);
    this.network = props.network;
    addObjects(this, id, props, () => renderWhole(props.chart), props.chart);
  }

  /** Tries what its stack says of the network, in the live cluster, before the deployment of the stack counts as done. See `EnforcementProbe`. */
  public verifyEnforcement(options: EnforcementProbeOptions = {}): EnforcementProbe {
    // Beside it, so that to wait for the chart is not to wait for the probe, which waits for all charts.
    return new EnforcementProbe(this.node.scope!, `${this.node.id}EnforcementProbe`, { ...options, network: this.network });
  }
}

/** Kubernetes objects as plain data on a cluster, in the stack of its scope, after the cluster's network is in force. */
export class ApplicationManifest extends Construct {
  public constructor(scope: Construct, id: string, props: ApplicationManifestProps) {
    super(scope, id);
    addObjects(this, id, props, () => props.objects);
  }
}

/** A chart renders the objects that are closest to it: those of a chart inside it would be lost. */
function renderWhole(chart: Chart): object[] {
  const inside = chart.node.findAll().filter((each) => each !== chart && isChart(each));
  if (inside.length > 0) {
    throw new Error(`${chart.node.path} holds other charts (${inside.map(({ node }) => node.path).join(', ')}), whose objects are no part of it; add each chart by itself`);
  }
  return chart.toJson();
}

function addObjects(construct: Construct, id: string, props: ApplicationReleaseOptions & { network: IClusterNetwork }, render: () => object[], chart?: Chart): void {
  const model = NetworkModel.of(props.network);
  stackSuffix(construct, props.network); // a stack without a known name cannot own names on the cluster
  model.add(model.objects, { construct, releaseName: props.releaseName ?? kubernetesName(id), options: { wait: props.wait, timeout: props.timeout }, render, chart });
}
