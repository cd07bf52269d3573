import { CALICO_CHART_REPOSITORY, CALICO_METRICS_PORTS } from './calico-facts';
import { CALICO_OPERATOR_IMAGE, CALICO_RELEASES } from '../../core/engine/calico-releases';
import { Toleration } from '../../core/plan/tolerations';

/** Calico as it is to be installed, every default filled. */
export interface CalicoInstallation {
  readonly version: string;
  /** Absent: the one that the chart brings. */
  readonly operatorVersion?: string;
  /** Without a trailing slash; absent: quay.io. */
  readonly registry?: string;
  /** Absent: `calico`. */
  readonly imagePath?: string;
  readonly chartRepository: string;
  /** By image, `calico/node`; absent: images are fetched by tag. */
  readonly imageDigests?: Readonly<Record<string, string>>;
  /** What Calico's own pods tolerate that would otherwise wait for a node. */
  readonly tolerations?: readonly Toleration[];
}

/** Every default in one place. */
export function calicoInstallation(given: Partial<CalicoInstallation> = {}): CalicoInstallation {
  const version = given.version ?? CALICO_RELEASES.find(({ broken }) => broken === undefined)!.version;
  return {
    ...given,
    version,
    operatorVersion: given.operatorVersion ?? CALICO_RELEASES.find((release) => release.version === version)?.operator,
    registry: given.registry?.replace(/\/+$/, ''),
    imagePath: given.imagePath?.replace(/^\/+|\/+$/g, ''),
    chartRepository: (given.chartRepository ?? CALICO_CHART_REPOSITORY).replace(/\/+$/, ''),
  };
}

/** Values of the chart `tigera-operator`: policy only, on EKS with the VPC CNI. */
export function calicoValues({ registry, imagePath, operatorVersion, imageDigests, tolerations = [] }: CalicoInstallation): { [key: string]: unknown } {
  const operatorTag = operatorVersion !== undefined && imageDigests?.[CALICO_OPERATOR_IMAGE] !== undefined ? `${operatorVersion}@${imageDigests[CALICO_OPERATOR_IMAGE]}` : operatorVersion;
  return {
    // The definitions have one owner, the release that installs them: an operator that rewrites them makes its next upgrade fail.
    manageCRDs: false,
    installation: {
      enabled: true,
      kubernetesProvider: 'EKS',
      // Addresses stay with the VPC CNI; ipam.type follows.
      cni: { type: 'AmazonVPC' },
      calicoNetwork: {
        // Refused by the operator with another CNI than Calico's.
        bgp: 'Disabled',
        // kube-proxy of EKS programs iptables; the two must not be mixed.
        linuxDataplane: 'Iptables',
      },
      // Its default path is read-only on Bottlerocket, and the driver serves application-layer policy only.
      flexVolumePath: 'None',
      // No CSI driver: nothing here mounts one.
      kubeletVolumePluginPath: 'None',
      // Calico's API is waited for, and a node that leaves must not take it along.
      controlPlaneReplicas: 2,
      // Felix, Typha and the operator tolerate every taint by themselves, the API server and the controllers none of yours.
      ...tolerations.length === 0 ? {} : { controlPlaneTolerations: tolerations },
      // Off where nothing is said, and then nobody sees what was denied.
      nodeMetricsPort: CALICO_METRICS_PORTS.node,
      typhaMetricsPort: CALICO_METRICS_PORTS.typha,
      // The operator joins paths, so this one ends in a slash.
      ...(registry === undefined ? {} : { registry: `${registry}/` }),
      ...(imagePath === undefined ? {} : { imagePath }),
      // Without requests, a starved node delays policy and its pods have no network. https://github.com/projectcalico/calico/issues/8048
      calicoNodeDaemonSet: requests('calico-node', '100m', '128Mi'),
      typhaDeployment: requests('calico-typha', '50m', '64Mi'),
    },
    // The aggregated API validates policies before they are stored.
    apiServer: { enabled: true },
    // Both are tech previews in 3.32.
    goldmane: { enabled: false },
    whisker: { enabled: false },
    // The chart puts the slash between registry and image.
    ...(registry === undefined && imageDigests === undefined ? {} : {
      tigeraOperator: { ...registry !== undefined && { registry }, image: CALICO_OPERATOR_IMAGE, ...(operatorTag === undefined ? {} : { version: operatorTag }) },
    }),
  };
}

function requests(container: string, cpu: string, memory: string): object {
  return { spec: { template: { spec: { containers: [{ name: container, resources: { requests: { cpu, memory } } }] } } } };
}
