/** Stands for a token inside the text of a setting: a character that nobody writes. */
export const MASK = '\uE000';

/** Settings of an add-on or a chart, which travel as text; undefined where a token leaves nothing to read. Nothing said is nothing set. */
export function readSettings(value: any): any {
  if (value === undefined) return {};
  const text = typeof value === 'string' ? value : masked(value);
  try {
    return text === undefined ? undefined : JSON.parse(text) ?? {};
  } catch {
    return undefined;
  }
}

function masked(value: any): string | undefined {
  const [separator, parts] = value?.['Fn::Join'] ?? [];
  return separator === '' && Array.isArray(parts) ? parts.map((part) => typeof part === 'string' ? part : MASK).join('') : undefined;
}
