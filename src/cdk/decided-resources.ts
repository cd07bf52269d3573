import { CfnElement } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { Written, writtenBy } from './final-resources';

/** What the library made, remembered as it made it: what users change later is told from it. */
export class DecidedResources {
  private readonly known = new Map<string, Written>();

  /** Reads what is new below these constructs. To be called before users can reach them. */
  public remember(...scopes: readonly IConstruct[]): void {
    const constructs = scopes.flatMap(({ node }) => node.findAll()).filter(({ node }) => !this.known.has(node.path));
    for (const written of writtenBy(constructs)) this.known.set(written.element.node.path, written);
  }

  /** Reads one property again, which is only complete at the end. */
  public complete(element: CfnElement, property: string): void {
    const [now] = writtenBy([element]);
    const before = this.known.get(element.node.path) ?? now;
    const resources = Object.entries(before.content.Resources ?? {}).map(([id, resource]) =>
      [id, { ...resource, Properties: { ...resource.Properties, [property]: now.content.Resources?.[id]?.Properties?.[property] } }] as const);
    this.known.set(element.node.path, { element, content: { ...before.content, Resources: Object.fromEntries(resources) } });
  }

  public get all(): Written[] {
    return [...this.known.values()];
  }
}
