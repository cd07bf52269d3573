import { createHash } from 'crypto';
import { CfnResource, Stack, Token } from 'aws-cdk-lib';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import { IConstruct } from 'constructs';
import { Diagnostic } from '../../core/diagnostic';

/** Releases of the cluster's own stack, for ever: an object that changes its release is lost between the two. */
export const RELEASES = {
  awsNodeRbac: 'eks-aws-node-rbac',
  eniConfigs: 'eks-eni-configs',
  calicoCrds: 'calico-crds',
  calicoImages: 'calico-image-digests',
  calico: 'calico',
  startupTaint: 'eks-startup-taint',
  tiers: 'eks-tiers',
  exemptionsAhead: 'eks-guardrail-exemptions-ahead',
  denialsAhead: 'eks-guardrail-denials-ahead',
  allowsAhead: 'eks-allows-ahead',
  exemptions: 'eks-guardrail-exemptions',
  denials: 'eks-guardrail-denials',
  allows: 'eks-allows',
  defaultDeny: 'eks-default-deny',
  guards: 'eks-admission-guards',
  namespaces: 'eks-namespaces',
} as const;

/** Releases of probes: behind it the stack's suffix, and what tells what was probed. */
export const PROBE_RELEASE = 'eks-enforcement-probe';

/** Helm's limit, which leaves room in the names of the objects that it derives. https://helm.sh/docs/chart_template_guide/builtin_objects/ */
const RELEASE_NAME_LENGTH = 53;
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** Kept objects of a release live in one of their own. */
export function keptReleaseName(releaseName: string): string {
  return `${releaseName}-kept`;
}

export function checkReleaseName(name: string): Diagnostic[] {
  const rule = Token.isUnresolved(name) ? 'is known only at deployment'
    : name.length > RELEASE_NAME_LENGTH ? `has ${name.length} characters, more than ${RELEASE_NAME_LENGTH}`
      : DNS_LABEL.test(name) ? undefined : 'is no DNS label (lower-case letters, digits and hyphens, starting and ending with a letter or digit)';
  return rule === undefined ? [] : [{
    code: 'releaseNameInvalid', severity: 'error', subject: `release ${name}`, message: `its name ${rule}`, fix: 'give it a releaseName that Helm accepts',
  }];
}

/** Who has which name on one cluster. */
export class ReleaseNames {
  private readonly owners = new Map<string, string>();

  /** Notes that `owner` uses the name, and tells who had it before. */
  public claim(name: string, owner: string): Diagnostic[] {
    const own = (Object.values(RELEASES) as string[]).includes(name) || name.startsWith(`${RELEASES.allows}-`) || name.startsWith(`${PROBE_RELEASE}-`);
    const other = own ? 'the network itself' : this.owners.get(name);
    if (other === undefined) this.owners.set(name, owner);
    return other === undefined ? [] : [{
      code: 'releaseNameTaken',
      severity: 'error',
      subject: owner,
      message: `its release would be called '${name}', as that of ${other} is, and a cluster has one release of a name`,
      fix: 'give it another id, or another releaseName',
    }];
  }
}

/** Ids given so far: equal names on one cluster are reported, and must not end the synthesis before that. */
const PINNED = new WeakMap<Stack, Set<string>>();

/**
 * A release that moves in the tree would get a new logical id: CloudFormation would install it again and then uninstall the same
 * release as the old resource. So the id follows from the release's name and the cluster's place, whatever construct makes it.
 */
export function pinLogicalId(chart: eks.HelmChart, cluster: eks.ICluster, releaseName: string): void {
  if (Token.isUnresolved(releaseName)) return;
  const resource = chart.node.findChild('Resource').node.defaultChild as CfnResource;
  const words = releaseName.split(/[^A-Za-z0-9]+/).map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  const hash = createHash('sha256').update(`${placeOf(cluster, chart)}\n${releaseName}`).digest('hex').slice(0, 8).toUpperCase();
  const id = `${words}Release${hash}`;
  const stack = Stack.of(chart);
  const pinned = PINNED.get(stack) ?? new Set();
  PINNED.set(stack, pinned);
  if (!pinned.has(id)) resource.overrideLogicalId(id);
  pinned.add(id);
}

/** Where the cluster is: its path in its stack, and which stack that is where it is another one. Neither depends on a stage's name. */
function placeOf(cluster: IConstruct, user: IConstruct): string {
  const home = Stack.of(cluster);
  const inside = cluster.node.path.slice(home.node.path.length);
  return home === Stack.of(user) ? inside : `${home.node.id}:${inside}`;
}
