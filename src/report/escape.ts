/** Names and reasons come from users: none may start markup or HTML, end what it stands in, or break a line. */
export function text(value: string): string {
  return oneLine(value)
    .replace(/[&<>]/g, (character) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;' })[character]!)
    .replace(/[\\`*[\]|~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|^[#+=-]/g, '\\$&');
}

/** In a code span nothing is escaped: only a longer fence keeps a backtick inside. */
export function code(value: string): string {
  const line = oneLine(value);
  const fence = '`'.repeat(Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  const pad = line.includes('`') || line === '' ? ' ' : '';
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** Also without what changes the direction of writing, or is not seen at all. */
function oneLine(value: string): string {
  return value.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}
