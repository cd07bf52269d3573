import { Diagnostic } from '../diagnostic';

/** An endpoint of a VPC for an AWS service. */
export interface ServiceEndpoint {
  /** Construct path, or what else tells where it is. */
  readonly origin: string;
  /** As in endpoint names, without what comes before the region: `ecr.api`. Undefined: only the deployment knows. */
  readonly service?: string;
  readonly kind: 'interface' | 'gateway';
  /** What the VPC has already, by its id or path: it is used, not made. */
  readonly given?: string;
}

/** Why a gateway endpoint is no end of a rule. */
export const GATEWAY_IS_NO_PEER = 'a gateway endpoint leads to public addresses, which no policy tells from others; name its ranges with NetworkPeer.cidr(), or allow NetworkPeer.internet()';

/** What policy sees of one. */
export const nameOfEndpoints = (service: string): string => `the interface endpoints of AWS services, of which ${service} is one`;

/** Without these no session reaches an instance. https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-create-vpc.html */
export const SESSION_SERVICES = ['ssm', 'ssmmessages', 'ec2messages'];

/** Those that a session cannot do without; agents as old as the third one's use are in no image of today. */
export const NEEDED_FOR_SESSIONS = ['ssm', 'ssmmessages'];

/** The service in a name such as `com.amazonaws.eu-west-1.ecr.api`, with `.cn` behind it in China. */
export function serviceOf(endpointName: string): string | undefined {
  const [, service] = /^(?:cn\.)?(?:[a-z]+\.)+(?:[a-z]{2,}(?:-[a-z]+)+-\d|REGION)\.(.+?)(?:\.cn)?$/.exec(endpointName) ?? [];
  return service;
}

/** A gateway endpoint is a route, so that it needs to know the tables of the subnets it is for. */
export function checkRouteTables(origin: string, unseen: readonly string[]): Diagnostic[] {
  return unseen.length === 0 ? [] : [{
    code: 'awsServiceRouteTables', severity: 'error', subject: origin,
    message: `a gateway endpoint is a route in the tables of the node subnets, and those of ${unseen.join(', ')} are not visible`, fix: 'give subnets that know their route tables, as Vpc.fromLookup finds them',
  }];
}

/** What an endpoint that somebody else made cannot be told. */
export function checkAdopted(origin: string, { kind, knowsGroups, statements }: { readonly kind: ServiceEndpoint['kind']; readonly knowsGroups: boolean; readonly statements: number }): Diagnostic[] {
  return [
    ...statements === 0 ? [] : [{
      code: 'existingEndpointPolicy', severity: 'error' as const, subject: origin,
      message: 'policyStatements are given for an endpoint that exists, and its policy is not made here', fix: 'leave them out, and write them where the endpoint is made',
    }],
    ...kind === 'gateway' || knowsGroups ? [] : [{
      code: 'existingEndpointGroups', severity: 'warning' as const, subject: origin, acknowledgeable: true,
      message: 'its security groups are not known, so that it was not told to admit nodes and the functions that deploy objects',
      fix: 'give them with ec2.InterfaceVpcEndpoint.fromInterfaceVpcEndpointAttributes(), or acknowledge that it admits them',
    }],
  ];
}

/** Two for one service: their private DNS names, or their routes, are the same, and EC2 refuses the second. */
export function checkServiceEndpoints(added: readonly ServiceEndpoint[], others: readonly ServiceEndpoint[]): Diagnostic[] {
  return added.flatMap((each, index): Diagnostic[] => {
    if (each.service === undefined) {
      return [{
        code: 'awsServiceUnknown', severity: 'warning', subject: each.origin, acknowledgeable: true,
        message: 'only the deployment knows its service: whether the VPC has an endpoint for it already was not checked', fix: 'name the service',
      }];
    }
    const first = [...added.slice(0, index), ...others].find(({ service, kind }) => service === each.service && kind === each.kind);
    return first === undefined ? [] : [{
      code: 'awsServiceEndpointTwice', severity: 'error', subject: each.origin,
      message: `the VPC has ${first.kind === 'interface' ? 'an interface' : 'a gateway'} endpoint for ${each.service} already, ${first.origin}, and EC2 refuses a second`, fix: 'remove one of them',
    }];
  });
}
