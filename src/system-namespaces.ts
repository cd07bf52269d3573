import { requireKnown } from './cdk/tokens';
import { NamedReason } from './core/network/network-intent';
import { SYSTEM_NAMESPACES } from './core/policy/facts';
import { checkNamespaceName } from './core/policy/syntax';

/**
 * Namespaces outside the default deny, and outside the guardrails that would stop the system itself: API server, instance
 * metadata and internet. The kubelet guardrail binds them too. The report lists them first.
 */
export class SystemNamespaces {
  /** `kube-system`, `calico-system` and `tigera-operator`: what runs the cluster and starts before any policy. */
  public static readonly DEFAULT = new SystemNamespaces(SYSTEM_NAMESPACES.map((name) => ({ name, reason: 'runs the cluster and starts before any policy' })));

  /**
   * `calico-system` and `tigera-operator` only: `kube-system` is inside the default deny and the guardrails, with what CoreDNS,
   * metrics-server, the EBS CSI driver and the AWS Load Balancer Controller need. Whatever else runs there needs rules of its own.
   */
  public static readonly HARDENED = new SystemNamespaces(SystemNamespaces.DEFAULT.names.filter(({ name }) => name !== 'kube-system'));

  private constructor(private readonly names: readonly NamedReason[]) {}

  /**
   * These and one more.
   * @param reason why nothing in it is to be denied, for the report
   * @throws when the name breaks Kubernetes' syntax or is a token
   */
  public plus(name: string, reason: string): SystemNamespaces {
    requireKnown(name, 'the namespace');
    const broken = checkNamespaceName(name);
    if (broken) throw new Error(`SystemNamespaces.plus: ${broken}`);
    return new SystemNamespaces([...this.names.filter((each) => each.name !== name), { name, reason }]);
  }

  /** For example `calico-system, kube-system, tigera-operator`. */
  public toString(): string {
    return this.names.map(({ name }) => name).join(', ');
  }

  /** @internal */
  public _toNames(): readonly NamedReason[] {
    return this.names;
  }
}
