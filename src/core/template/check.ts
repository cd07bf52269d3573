import { checkAccess } from './access';
import { checkAddons } from './addons';
import { checkChanges } from './changes';
import { checkCluster } from './cluster-settings';
import { checkEndpoint } from './endpoint';
import { checkForeignHosts } from './foreign-hosts';
import { checkFunctions } from './functions';
import { checkGroups } from './groups';
import { checkMembers } from './members';
import { checkNetwork } from './network';
import { checkNodeTemplates } from './nodes';
import { checkReleases } from './releases';
import { TemplateResource } from './resource';
import { checkRoles } from './roles';
import { checkTransforms } from './transforms';
import { Finding, TemplateView } from './view';

const CHECKS: readonly ((view: TemplateView, cluster: TemplateResource) => Finding[])[] = [
  checkEndpoint, checkCluster, checkAccess, checkRoles, checkGroups, checkMembers, checkNodeTemplates, checkNetwork, checkAddons, checkForeignHosts, checkFunctions, checkReleases, checkTransforms,
];

/** Judges what CloudFormation gets, whatever options, overrides, aspects and other stacks made it so. Pure. */
export function checkTemplate(view: TemplateView): Finding[] {
  const cluster = view.final.get(view.cluster);
  const found = cluster ? CHECKS.flatMap((check) => check(view, cluster)) : [];
  return [...found, ...checkChanges(view, found)];
}
