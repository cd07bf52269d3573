import { checkChanges } from './changes';
import { checkEndpoint } from './endpoint';
import { Finding, TemplateView } from './view';

/** Judges what CloudFormation gets, whatever options, overrides, aspects and other stacks made it so. Pure. */
export function checkTemplate(view: TemplateView): Finding[] {
  const cluster = view.final.get(view.cluster);
  const found = [...cluster ? checkEndpoint(view, cluster) : []];
  return [...found, ...checkChanges(view, found)];
}
