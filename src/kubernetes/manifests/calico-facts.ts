/** What is known of Calico's charts, each fact once, with its source. Its releases are in core/engine. */

/** https://docs.tigera.io/calico/3.32/getting-started/kubernetes/helm */
export const CALICO_CHART_REPOSITORY = 'https://docs.tigera.io/calico/charts';
export const CALICO_NAMESPACE = 'tigera-operator';

/** Since 3.32 the operator's chart brings no definitions; they have a chart of their own. */
export const CALICO_CRD_CHART = 'crd.projectcalico.org.v1';
export const CALICO_OPERATOR_CHART = 'tigera-operator';

/** The APIService of the aggregated API, where policies are validated. */
export const CALICO_API_SERVICE = 'v3.projectcalico.org';

/** Where images come from without a registry of one's own. https://docs.tigera.io/calico/3.32/operations/image-options/alternate-registry */
export const CALICO_REGISTRY = 'quay.io';
export const CALICO_IMAGE_PATH = 'calico';

/** Digests of Calico's images, in the operator's words. https://docs.tigera.io/calico/3.32/operations/image-options/imageset */
export const CALICO_IMAGE_SET = { apiVersion: 'operator.tigera.io/v1', kind: 'ImageSet' } as const;

/** Prometheus ports of Felix and Typha, on the node. https://docs.tigera.io/calico/3.32/operations/monitor/monitor-component-metrics */
export const CALICO_METRICS_PORTS = { node: 9091, typha: 9093 };
