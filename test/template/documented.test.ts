import { readdirSync, readFileSync } from 'fs';
import { join } from 'path';
import { GUARDED_EXPOSURES, GUARDS } from '../../src/core/guard/guard-facts';

const ROOM = join(__dirname, '..', '..', 'src', 'core', 'template');
const ENGINE = join(__dirname, '..', '..', 'src', 'core', 'engine');
const EXPOSURE = join(__dirname, '..', '..', 'src', 'core', 'load-balancer');
const DOCS = readFileSync(join(__dirname, '..', '..', 'docs', 'diagnostics.md'), 'utf8');
/** Told by the checks of given subnets, which their own page explains. */
const ELSEWHERE = ['subnets-as-built.ts'];

test.each(readdirSync(ROOM).filter((name) => !ELSEWHERE.includes(name)))('docs/diagnostics.md explains every code of %s', (name) => {
  const text = readFileSync(join(ROOM, name), 'utf8');
  const codes = [...text.matchAll(/\bcode: '(\w+)'|\bsay\('(\w+)'/g)].map(([, one, other]) => one ?? other);
  expect([...new Set(codes)].filter((code) => !DOCS.includes(`| \`${code}\` |`))).toEqual([]);
});

test('docs/diagnostics.md explains every code about Calico and the engine', () => {
  const texts = readdirSync(ENGINE).map((name) => readFileSync(join(ENGINE, name), 'utf8'));
  const codes = texts.flatMap((text) => [...text.matchAll(/\bcode: '(\w+)'/g)].map(([, code]) => code));
  expect(codes.length).toBeGreaterThan(20);
  expect([...new Set(codes)].filter((code) => !DOCS.includes(`| \`${code}\` |`))).toEqual([]);
});

test('docs/diagnostics.md explains every code about load balancers, and says which are guarded', () => {
  const texts = readdirSync(EXPOSURE).map((name) => readFileSync(join(EXPOSURE, name), 'utf8'));
  const codes = texts.flatMap((text) => [...text.matchAll(/\bcode: '(\w+)'|\b(?:problem|warning)\([^']*?, '(\w+)'/g)].map(([, one, other]) => one ?? other));
  expect(codes.length).toBeGreaterThan(15);
  expect([...new Set(codes)].filter((code) => !DOCS.includes(`| \`${code}\` |`))).toEqual([]);
  for (const code of GUARDED_EXPOSURES) expect(DOCS).toMatch(new RegExp(`^\\| \`${code}\` .*guarded \\|$`, 'm'));
});

test('docs/guards.md has a row for each guard', () => {
  const page = readFileSync(join(__dirname, '..', '..', 'docs', 'guards.md'), 'utf8');
  expect([...page.matchAll(/^\| `(secure-eks-[a-z-]+)` \|/gm)].map(([, name]) => name).sort()).toEqual(Object.values(GUARDS).map(({ name }) => name).sort());
});

test('docs/diagnostics.md explains no code twice, and those of a section in order', () => {
  const sections = DOCS.split(/^## /m).map((section) => [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, code]) => code));
  for (const codes of sections) expect(codes).toEqual([...codes].sort((a, b) => a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  expect(sections.flat()).toEqual([...new Set(sections.flat())]);
});
