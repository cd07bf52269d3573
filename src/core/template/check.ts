import { checkAccess } from './access';
import { checkAddons } from './addons';
import { checkChanges } from './changes';
import { checkCluster } from './cluster-settings';
import { checkEndpoint } from './endpoint';
import { checkGroups } from './groups';
import { checkNetwork } from './network';
import { checkNodeTemplates } from './nodes';
import { checkReleases } from './releases';
import { TemplateResource } from './resource';
import { checkRoles } from './roles';
import { Finding, TemplateView } from './view';

const CHECKS: readonly ((view: TemplateView, cluster: TemplateResource) => Finding[])[] = [
  checkEndpoint, checkCluster, checkAccess, checkRoles, checkGroups, checkNodeTemplates, checkNetwork, checkAddons, checkReleases,
];

/** Judges what CloudFormation gets, whatever options, overrides, aspects and other stacks made it so. Pure. */
export function checkTemplate(view: TemplateView): Finding[] {
  const cluster = view.final.get(view.cluster);
  const found = cluster ? CHECKS.flatMap((check) => check(view, cluster)) : [];
  return [...found, ...checkChanges(view, found)];
}
