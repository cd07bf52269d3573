import { Diagnostic } from '../diagnostic';
import { ZONE_SLOTS } from './vpc-layout';

/** How connections leave the VPC, as the user says it. */
export type InternetRequest =
  /** NAT gateways of a VPC that is made. Default: one for each zone. */
  | { readonly kind: 'nat'; readonly gateways?: number }
  /** Routes that a given VPC has already: through a transit gateway, a firewall, a proxy. */
  | { readonly kind: 'external'; readonly reason: string }
  /** Not at all: AWS services by endpoints inside the VPC, and nothing else. */
  | { readonly kind: 'none' };

export interface InternetPlan {
  /** Gateways to make. */
  readonly natGateways: number;
  /** The way out in words, for the report. */
  readonly wayOut: string;
  /** Whether the user says that there is no way out, so that everything needed is brought into the VPC. */
  readonly isolated: boolean;
}

const NO_WAY_OUT = 'none; AWS services are reached by endpoints inside the VPC';

/** The way out of a VPC that is made, or of a given one. */
export function planInternet(request: InternetRequest | undefined, vpc: 'made' | 'given'): { plan: InternetPlan; diagnostics: Diagnostic[] } {
  const error = (code: string, message: string, fix: string): Diagnostic => ({ code, severity: 'error', subject: 'internetAccess', message, fix });
  const found: Diagnostic[] = [];
  if (request?.kind === 'external' && request.reason.trim() === '') {
    found.push(error('reasonMissing', 'the reason of external() is empty, which the report is to give', 'say where the routes of the VPC lead'));
  }
  if (request?.kind === 'none') return { plan: { natGateways: 0, wayOut: NO_WAY_OUT, isolated: true }, diagnostics: found };
  if (vpc === 'given') {
    if (request?.kind === 'nat') {
      found.push(error('vpcOptionUnused', 'it is about a VPC that is made, but a VPC is given and nothing of it is changed',
        'leave out internetAccess, or write InternetAccess.external({ reason }) where its routes lead out through a transit gateway or a firewall'));
    }
    return { plan: { natGateways: 0, wayOut: request?.kind === 'external' ? `the routes of the given VPC: ${request.reason}` : 'the routes of the given VPC', isolated: false }, diagnostics: found };
  }
  if (request?.kind === 'external') {
    found.push(error('externalWithoutVpc', 'external() is about the routes of a given VPC, but none is given and the one that is made has NAT gateways only', 'give the VPC that has these routes, or leave out internetAccess for NAT'));
  }
  const gateways = request?.kind === 'nat' ? request.gateways ?? ZONE_SLOTS : ZONE_SLOTS;
  const counts = Number.isInteger(gateways) && gateways >= 1 && gateways <= ZONE_SLOTS;
  if (!counts) {
    found.push(error('natGatewaysOutOfRange', `nat() got ${String(gateways)} gateways, and a VPC has 1 to ${ZONE_SLOTS}, at most one for each zone`,
      `write a number from 1 to ${ZONE_SLOTS}, or leave it out for one in each zone`));
  }
  const natGateways = counts ? gateways : 1;
  return { plan: { natGateways, wayOut: `NAT, ${natGateways === ZONE_SLOTS ? 'a gateway in each zone' : `${natGateways} ${natGateways === 1 ? 'gateway' : 'gateways'} for all zones`}`, isolated: false }, diagnostics: found };
}
