import { ObjectsEntry } from './network-model';
import { Diagnostic } from '../core/diagnostic';

/** Remembers objects as they were when the network was decided. What it returns tells which of them changed since, and would be lost. */
export function watchObjects(decided: ReadonlyMap<ObjectsEntry, readonly object[]>, render: (entry: ObjectsEntry) => readonly object[]): () => Diagnostic[] {
  const before = [...decided].map(([entry, objects]) => ({ entry, texts: textsOf(() => objects) }));
  return () => before.flatMap(({ entry, texts }): Diagnostic[] => {
    const now = textsOf(() => render(entry));
    const changed = [...now.keys()].filter((text) => !texts.has(text)).concat([...texts.keys()].filter((text) => !now.has(text)));
    return changed.length === 0 ? [] : [{
      code: 'chartChangedLate', severity: 'error', subject: entry.construct.node.path,
      message: `its objects changed after the network had been decided, just before synthesis: ${[...new Set(changed.map((text) => now.get(text) ?? texts.get(text)))].join(', ')}; this is neither checked nor deployed`,
      fix: 'change them while the app is being built, not in an aspect',
    }];
  });
}

/** The text of each object, and what people call it. What cannot be read is an object of its own. */
function textsOf(render: () => readonly object[]): Map<string, string> {
  try {
    return new Map(render().map((object: any) => [JSON.stringify(object), `${object?.kind} ${[object?.metadata?.namespace, object?.metadata?.name].filter(Boolean).join('/')}`]));
  } catch (error) {
    return new Map([['', error instanceof Error ? error.message : String(error)]]);
  }
}
