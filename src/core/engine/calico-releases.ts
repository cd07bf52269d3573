/** What is known of one release of Calico. */
export interface CalicoRelease {
  readonly version: string;
  /** The operator that its chart brings. */
  readonly operator?: string;
  /** Why it does not work here; absent where it does. */
  readonly broken?: string;
  /** Minor versions of Kubernetes that its makers tested it with. */
  readonly kubernetes: readonly string[];
  readonly source: string;
}

const REQUIREMENTS = 'https://docs.tigera.io/calico/3.32/getting-started/kubernetes/requirements';

/** Every release that somebody looked at for EKS, the newest first. The first one that is not broken is the default. */
export const CALICO_RELEASES: readonly [CalicoRelease, ...CalicoRelease[]] = [
  { version: 'v3.32.1', operator: 'v1.42.3', kubernetes: ['1.34', '1.35', '1.36'], source: REQUIREMENTS },
  {
    version: 'v3.32.0', kubernetes: ['1.34', '1.35', '1.36'], source: 'https://github.com/projectcalico/calico/issues/12906',
    broken: 'its API answers NotFound to policies that Helm 4 creates by server-side apply',
  },
];

/** Since then the definitions have a chart of their own, which this library installs and keeps. */
export const FIRST_WITH_CRD_CHART = [3, 32] as const;
export const CRD_CHART_SOURCE = 'https://github.com/projectcalico/calico/pull/11727';

/** What runs with the VPC CNI: no CNI plugin of Calico's, no flexvol driver, no CSI driver. By what for. */
export const CALICO_IMAGES: { readonly [name: string]: string } = {
  'calico/apiserver': 'the API of Calico policies',
  'calico/kube-controllers': 'Calico, cleaning up behind what is gone',
  'calico/node': 'Calico on every node: Felix, which enforces policies',
  'calico/typha': 'Calico, between the API server and nodes',
};
export const CALICO_OPERATOR_IMAGE = 'tigera/operator';
