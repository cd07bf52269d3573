import { apiCaller } from './aws-api-callers';
import { NEEDED_FOR_SESSIONS } from './aws-service-endpoint';
import { Diagnostic } from '../diagnostic';

/** Whose security group an endpoint admits. */
export type EndpointCaller = 'nodes' | 'functions' | 'bastions';

/** What of a cluster calls AWS APIs. */
export interface IsolatedRequest {
  readonly bastions: boolean;
  /** Installed by the cluster itself. */
  readonly loadBalancerController: boolean;
  /** Whether a load balancer in view has a certificate. */
  readonly certificates: boolean;
  /** Whether a chart comes from a registry, and not as an asset. */
  readonly chartsFromRegistry: boolean;
  /** Buckets that charts lie in. */
  readonly assetBuckets: readonly string[];
  /** Add-ons, charts and images in view. */
  readonly programs: readonly Program[];
}

export interface Program {
  readonly what: 'EKS add-on' | 'chart' | 'image';
  readonly name: string;
  /** Construct path, or the object that names it. */
  readonly origin: string;
}

/** One endpoint, who uses it, and why it is there. */
export interface EndpointNeed {
  /** As in endpoint names: `ecr.api`. */
  readonly service: string;
  readonly kind: 'interface' | 'gateway';
  readonly callers: readonly EndpointCaller[];
  readonly reasons: readonly string[];
}

/** What every cluster needs that reaches AWS by endpoints alone. */
const ALWAYS: readonly (readonly [service: string, caller: EndpointCaller, reason: string])[] = [
  // https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html
  ['ec2', 'nodes', 'nodes learn their names, the VPC CNI gives addresses to pods'],
  ['ecr.api', 'nodes', 'nodes pull images'],
  ['ecr.dkr', 'nodes', 'nodes pull images'],
  ['s3', 'nodes', 'ECR keeps the layers of images in S3'],
  ['sts', 'nodes', 'pods with IAM roles for service accounts'],
  ['eks-auth', 'nodes', 'the Pod Identity agent'],
  // https://github.com/aws/aws-cdk/issues/28955, and the sources of the provider framework: the functions stand in the VPC because the API endpoint does.
  ['lambda', 'functions', 'one of the functions that deploy objects calls the other'],
  ['eks', 'functions', 'the function that deploys objects asks for the endpoint of the cluster'],
  // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/vpc-interface-endpoints.html
  ['s3', 'functions', 'CloudFormation takes answers of functions, and charts lie, in S3'],
];

/** What the functions that deploy objects ever call. */
export const SERVICES_OF_FUNCTIONS: readonly string[] = ['ecr.api', 'ecr.dkr', ...ALWAYS.filter(([, caller]) => caller === 'functions').map(([service]) => service)];

/** Which endpoints a cluster without a way out needs. What calls an API that has none, or may call unknown ones, is reported. */
export function planIsolated({ bastions, loadBalancerController, certificates, chartsFromRegistry, programs }: Omit<IsolatedRequest, 'assetBuckets'>): { needs: EndpointNeed[]; diagnostics: Diagnostic[] } {
  const controller = 'the AWS Load Balancer Controller';
  const asked: (readonly [string, EndpointCaller, string])[] = [
    ...ALWAYS,
    ...chartsFromRegistry ? (['ecr.api', 'ecr.dkr'] as const).map((service) => [service, 'functions', 'charts come from a registry'] as const) : [],
    ...bastions ? NEEDED_FOR_SESSIONS.map((service) => [service, 'bastions', 'sessions of bastions'] as const) : [],
    ...loadBalancerController ? ['ec2', 'elasticloadbalancing', ...certificates ? ['acm'] : []].map((service) => [service, 'nodes', controller] as const) : [],
    ...programs.flatMap(({ name, what }) => (apiCaller(name)?.services ?? []).map((service) => [service, 'nodes', `${what} ${shortName(name)}`] as const)),
  ];
  const byService = new Map<string, EndpointNeed>();
  for (const [service, caller, reason] of asked) {
    const { callers = [], reasons = [] } = byService.get(service) ?? {};
    byService.set(service, { service, kind: service === 's3' ? 'gateway' : 'interface', callers: [...new Set([...callers, caller])].sort(), reasons: [...new Set([...reasons, reason])] });
  }
  return { needs: [...byService.values()].sort((a, b) => a.service < b.service ? -1 : 1), diagnostics: programs.flatMap(judgeProgram) };
}

/** Of an image, without where it comes from. */
function shortName(name: string): string {
  return name.split('/').at(-1)!.replace(/[@:].*$/, '');
}

function judgeProgram({ what, name, origin }: Program): Diagnostic[] {
  const caller = apiCaller(name);
  if (caller?.unreachable !== undefined) {
    return [{
      code: 'isolatedApiUnreachable', severity: 'error', subject: origin, acknowledgeable: true,
      message: `${what} ${shortName(name)} calls ${caller.unreachable}, which this cluster without internet does not reach (${caller.source})`,
      fix: 'remove it, or acknowledge how it does without or which endpoint you made for it',
    }];
  }
  return what !== 'EKS add-on' || caller ? [] : [{
    code: 'isolatedAddonUnknown', severity: 'warning', subject: origin, acknowledgeable: true,
    message: `it is not known which AWS APIs the EKS add-on ${name} calls, and without an endpoint it reaches none`,
    fix: 'read its documents, add what it needs with addAwsServiceEndpoint(), and acknowledge it',
  }];
}

/** Web ACLs and Shield have no endpoint: where nothing leaves the VPC they are off. */
export function checkControllerWay(subject: string, isolated: boolean, throughEndpointsOnly: boolean | undefined): Diagnostic[] {
  return !isolated || throughEndpointsOnly !== false ? [] : [{
    code: 'controllerThroughInternet', severity: 'error', subject,
    message: 'throughEndpointsOnly is false, and InternetAccess.NONE leaves no other way to AWS', fix: 'leave it out',
  }];
}
