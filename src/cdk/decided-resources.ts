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

  public get all(): Written[] {
    return [...this.known.values()];
  }
}
