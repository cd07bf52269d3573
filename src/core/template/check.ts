import { checkAccess } from './access';
import { checkAddons } from './addons';
import { Carriage } from './carriage';
import { checkChanges } from './changes';
import { checkCluster } from './cluster-settings';
import { checkEndpoint } from './endpoint';
import { EngineLoss, judgeEngine } from './engine';
import { checkForeign } from './foreign';
import { checkFunctions } from './functions';
import { checkGroups } from './groups';
import { checkMembers } from './members';
import { checkNetwork } from './network';
import { checkNodeEgress } from './node-egress';
import { checkNodeTemplates } from './nodes';
import { checkPublicAddresses } from './public-addresses';
import { checkReleases } from './releases';
import { TemplateResource } from './resource';
import { checkRoles } from './roles';
import { checkTransforms } from './transforms';
import { Finding, TemplateView } from './view';
import { Diagnostic } from '../diagnostic';

const CHECKS: readonly ((view: TemplateView, cluster: TemplateResource) => Finding[])[] = [
  checkEndpoint, checkCluster, checkAccess, checkRoles, checkGroups, checkMembers, checkPublicAddresses, checkNodeEgress, checkNodeTemplates,
  checkNetwork, checkAddons, checkForeign, checkFunctions, checkReleases, checkTransforms,
];

/** All that templates say of a cluster in the end. */
export interface FinalJudgement extends TemplateJudgement {
  readonly carriage: Carriage;
  /** Endpoints of AWS services, a line each. */
  readonly awsServices: readonly string[];
  /** Those of them that admit pods. */
  readonly podServices: readonly string[];
}

export interface TemplateJudgement {
  readonly diagnostics: readonly Diagnostic[];
  /** What Calico does not enforce here. */
  readonly losses: readonly EngineLoss[];
}

/** Judges what CloudFormation gets, whatever options, overrides, aspects and other stacks made it so. Pure. */
export function checkTemplate(view: TemplateView): TemplateJudgement {
  const cluster = view.final.get(view.cluster);
  if (!cluster) return { diagnostics: checkChanges(view, []), losses: [] };
  const { findings, losses } = judgeEngine(view, cluster);
  const found = [...CHECKS.flatMap((check) => check(view, cluster)), ...findings];
  return { diagnostics: [...found, ...checkChanges(view, found)], losses };
}
