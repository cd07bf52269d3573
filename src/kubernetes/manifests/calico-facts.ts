/** What is known of Calico's releases and charts, each fact once, with its source. */

/** Below it, server-side apply of policies through the aggregated API fails. https://github.com/projectcalico/calico/issues/12906 */
export const CALICO_DEFAULT_VERSION = 'v3.32.1';

/** The operator that each chart brings. https://github.com/tigera/docs/blob/main/calico_versioned_docs/version-3.32/releases.json */
export const CALICO_OPERATOR_VERSIONS: { readonly [calico: string]: string } = { 'v3.32.1': 'v1.42.3' };

/** https://docs.tigera.io/calico/3.32/getting-started/kubernetes/helm */
export const CALICO_CHART_REPOSITORY = 'https://docs.tigera.io/calico/charts';
export const CALICO_NAMESPACE = 'tigera-operator';

/** Since 3.32 the operator's chart brings no definitions; they have a chart of their own. */
export const CALICO_CRD_CHART = 'crd.projectcalico.org.v1';
export const CALICO_OPERATOR_CHART = 'tigera-operator';

/** The APIService of the aggregated API, where policies are validated. */
export const CALICO_API_SERVICE = 'v3.projectcalico.org';

/** Where images come from without a registry of one's own. https://docs.tigera.io/calico/3.32/operations/image-options/alternate-registry */
export const CALICO_REGISTRY = 'quay.io/';
export const CALICO_IMAGE_PATH = 'calico';
export const CALICO_OPERATOR_IMAGE = 'tigera/operator';

/** What runs with the VPC CNI: no CNI plugin of Calico's, no flexvol driver, no CSI driver. */
export const CALICO_IMAGES = ['apiserver', 'kube-controllers', 'node', 'typha'];

/** Prometheus ports of Felix and Typha, on the node. https://docs.tigera.io/calico/3.32/operations/monitor/monitor-component-metrics */
export const CALICO_METRICS_PORTS = { node: 9091, typha: 9093 };
