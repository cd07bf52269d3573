import { NEEDED_FOR_SESSIONS, ServiceEndpoint } from './aws-service-endpoint';
import { Diagnostic } from '../diagnostic';
import { Architecture } from './nodegroup-image';

export interface BastionRequest {
  /** Whose fault it is: `bastion Demo/Cluster/Bastions/Ops`. */
  readonly subject: string;
  /** Undefined: the instance type is a token. */
  readonly architecture?: Architecture;
  readonly policies: readonly BastionPolicy[];
}

/** What the bastion's role may do in Kubernetes. */
export interface BastionPolicy {
  /** `AmazonEKSViewPolicy`; undefined where it is a token. */
  readonly name?: string;
  /** Undefined: the whole cluster. */
  readonly namespaces?: readonly string[];
}

export interface BastionPlan {
  readonly architecture: Architecture;
  /** Those that the role gets. */
  readonly policies: readonly BastionPolicy[];
}

/** https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html */
const ADMINISTRATION = ['AmazonEKSClusterAdminPolicy', 'AmazonEKSAdminPolicy'];

/** What a bastion may be: whoever may start a session on it is what its role is, so that it administers nothing. */
export function planBastion({ subject, architecture, policies }: BastionRequest): { plan: BastionPlan; diagnostics: Diagnostic[] } {
  const refused = policies.filter(({ name, namespaces }) => name === ADMINISTRATION[0] || (name === ADMINISTRATION[1] && namespaces === undefined));
  return {
    plan: { architecture: architecture ?? 'arm64', policies: policies.filter((policy) => !refused.includes(policy)) },
    diagnostics: [
      ...refused.map(({ name }): Diagnostic => ({
        code: 'bastionAdministers', severity: 'error', subject,
        message: `its role gets ${name}${name === ADMINISTRATION[1] ? ' in the whole cluster' : ''}: whoever may start a session on it would administer the cluster, for good`,
        fix: 'give it less, such as AmazonEKSEditPolicy in named namespaces: administrators use their own role through the forwarded port',
      })),
      ...policies.filter(({ name }) => name === undefined).map((): Diagnostic => ({
        code: 'bastionAccessUnknown', severity: 'warning', subject, acknowledgeable: true,
        message: 'its role gets an access policy that only the deployment knows: whether it administers the cluster was not checked', fix: 'name the policy',
      })),
      ...architecture !== undefined ? [] : [{
        code: 'bastionArchitectureUnknown', severity: 'error' as const, subject,
        message: 'its instance type is a token or no type, and the image follows the architecture of the type', fix: 'write the type itself',
      }],
    ],
  };
}

/** Whether a session could reach them where their subnets lead nowhere. */
export function checkWayToBastions(subjects: readonly string[], endpoints: readonly ServiceEndpoint[]): Diagnostic[] {
  const missing = NEEDED_FOR_SESSIONS.filter((service) => !endpoints.some((each) => each.kind === 'interface' && each.service === service));
  return missing.length === 0 ? [] : subjects.map((subject) => ({
    code: 'bastionWithoutWayOut', severity: 'warning', subject, acknowledgeable: true,
    message: `the node subnets are isolated, and this app makes no interface endpoint for ${missing.join(' and ')} in the VPC: no session would reach it`,
    fix: 'add what is missing with addAwsServiceEndpoint(), which admits it, or acknowledge it where the VPC has such endpoints and they admit its security group',
  }));
}

/** In words: `whose role has AmazonEKSViewPolicy in the whole cluster`. */
export function describeBastionAccess({ policies }: BastionPlan): string {
  const words = policies.map(({ name = 'a policy known at deployment', namespaces }) => `${name} in ${namespaces ? `namespace ${namespaces.join(', ')}` : 'the whole cluster'}`);
  return words.length === 0 ? 'whose role may do nothing in Kubernetes' : `whose role has ${words.join(', and ')}`;
}
