import {
  CALICO_CHART_REPOSITORY, CALICO_DEFAULT_VERSION, CALICO_IMAGES, CALICO_IMAGE_PATH, CALICO_METRICS_PORTS, CALICO_OPERATOR_IMAGE,
  CALICO_OPERATOR_VERSIONS, CALICO_REGISTRY,
} from './calico-facts';

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
}

/** Every default in one place. */
export function calicoInstallation(given: Partial<CalicoInstallation> = {}): CalicoInstallation {
  const version = given.version ?? CALICO_DEFAULT_VERSION;
  return {
    version,
    operatorVersion: given.operatorVersion ?? CALICO_OPERATOR_VERSIONS[version],
    registry: given.registry?.replace(/\/+$/, ''),
    imagePath: given.imagePath?.replace(/^\/+|\/+$/g, ''),
    chartRepository: (given.chartRepository ?? CALICO_CHART_REPOSITORY).replace(/\/+$/, ''),
  };
}

/** Values of the chart `tigera-operator`: policy only, on EKS with the VPC CNI. */
export function calicoValues({ registry, imagePath, operatorVersion }: CalicoInstallation): { [key: string]: unknown } {
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
      controlPlaneReplicas: 2,
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
    ...(registry === undefined ? {} : {
      tigeraOperator: { registry, image: CALICO_OPERATOR_IMAGE, ...(operatorVersion === undefined ? {} : { version: operatorVersion }) },
    }),
  };
}

/** Every image that Calico needs here, for a mirror. */
export function calicoImages({ version, operatorVersion, registry, imagePath }: CalicoInstallation): string[] {
  const host = registry ?? CALICO_REGISTRY.replace(/\/$/, '');
  const operator = operatorVersion === undefined ? [] : [`${host}/${CALICO_OPERATOR_IMAGE}:${operatorVersion}`];
  return [...CALICO_IMAGES.map((image) => `${host}/${imagePath ?? CALICO_IMAGE_PATH}/${image}:${version}`), ...operator].sort();
}

function requests(container: string, cpu: string, memory: string): object {
  return { spec: { template: { spec: { containers: [{ name: container, resources: { requests: { cpu, memory } } }] } } } };
}
