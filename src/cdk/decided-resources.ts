import { CfnElement } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { readResources } from './final-resources';
import { Template, TemplateResource } from '../core/template/resource';

/** What the library made, remembered as it made it: what users change later is told from it. */
export class DecidedResources {
  private readonly known = new Map<string, TemplateResource>();

  /** Reads what is new below these constructs. To be called before users can reach them. */
  public remember(...scopes: readonly IConstruct[]): void {
    const elements = scopes.flatMap(({ node }) => node.findAll()).filter((each) => CfnElement.isCfnElement(each) && !this.known.has(each.node.path));
    for (const resource of readResources(elements)) this.known.set(resource.path, resource);
  }

  public toTemplate(): Template {
    return new Template(this.known.values());
  }
}
