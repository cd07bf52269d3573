import { Construct } from 'constructs';
import { readyWhenInForce } from './cdk/in-force';
import { kubernetesName, stackSuffix } from './cdk/names';
import { NetworkModel } from './cdk/network-model';
import { requireKnown } from './cdk/tokens';
import { IClusterNetwork } from './cluster-network';
import { Guardrail } from './core/policy/intent';
import { checkNamespaceName, checkObjectName } from './core/policy/syntax';

/** What a guardrail denies to every pod that is not exempted. */
export enum GuardedTarget {
  /** The kubelet of every node, port 10250. */
  KUBELET = 'kubelet',
  /** The Kubernetes API server, port 443. */
  API_SERVER = 'apiServer',
  /** The EC2 instance metadata service, 169.254.169.254. */
  INSTANCE_METADATA = 'instanceMetadata',
}

/** Who is exempted, and why. */
export interface GuardrailExemptionOptions {
  /** Namespace of the service accounts. */
  readonly namespace: string;

  /** Service accounts whose pods are exempted, at least one. Kubernetes' RBAC decides who may run pods as them. */
  readonly serviceAccounts: string[];

  /** Why, for the report. */
  readonly reason: string;
}

/** An exemption and where it belongs. */
export interface GuardrailExemptionProps extends GuardrailExemptionOptions {
  /** The network whose guardrail it is. */
  readonly network: IClusterNetwork;

  /** What the pods may reach. */
  readonly target: GuardedTarget;
}

/**
 * Lets the pods of named service accounts reach what a guardrail denies, and nothing else: every other guardrail still
 * binds them. It is keyed by namespace and service account, since whoever makes a pod chooses its labels.
 */
export class GuardrailExemption extends Construct {
  public constructor(scope: Construct, id: string, props: GuardrailExemptionProps) {
    super(scope, id);
    const { namespace, serviceAccounts, reason } = props;
    const broken = [checked('the namespace', namespace, checkNamespaceName),
      ...serviceAccounts.map((name) => checked('the service account', name, (text) => checkObjectName('service account', text)))];
    const model = NetworkModel.of(props.network);
    for (const message of broken) {
      if (message) model.log.add({ code: 'kubernetesSyntax', severity: 'error', subject: this.node.path, message, fix: 'write it as the rule says' });
    }
    if (reason.trim() === '') {
      model.log.add({ code: 'reasonMissing', severity: 'error', subject: this.node.path, message: 'its reason is empty, which the report is to give', fix: 'say what they need it for' });
    }
    model.add(model.exemptions, {
      construct: this,
      name: `${kubernetesName(props.target)}-${kubernetesName(id)}${stackSuffix(this, props.network)}`,
      guardrail: props.target as Guardrail,
      namespace,
      serviceAccounts: [...serviceAccounts],
      reason,
    });
    readyWhenInForce(this, model);
  }
}

function checked(what: string, value: string, check: (value: string) => string | undefined): string | undefined {
  requireKnown(value, what);
  return check(value);
}
