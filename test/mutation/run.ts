/**
 * Mutation testing of core, room by room: npm run test:mutation [-- ROOM ...] [--all | --every N] [--survivors FILE]
 *
 * The mutants are Stryker's. Each is tried against the tests that reach it, cheapest first, until one fails. Every tenth is
 * tried, or with `--every N` every N-th, always the same ones; `--all` takes hours. What survives is tried once more with all files loaded anew.
 */
import { appendFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Mutant, mutantsOf } from './mutants';
import { Room, ROOMS } from './rooms';
import { load, Outcome, prepare, ROOT, run, stopNoting, Test, withLimit } from './suite';

// Fewer random inputs: a mutant that only the thousandth finds is one to write a test for.
process.env.CDK_VALIDATION = 'false';
process.env.FEW_RUNS = '1';

const filesIn = (path: string): string[] => statSync(path).isDirectory()
  ? readdirSync(path, { recursive: true, encoding: 'utf8' }).sort().map((name) => join(path, name)).filter((name) => name.endsWith('.ts')) : [path];

/** What the instrumented code asks. */
const code = globalThis as unknown as { stryActive: number };
const NONE = -1;
let reached: Set<string> | undefined;
Object.assign(globalThis, {
  stryActive: NONE,
  stryMutAct_9fa48: () => false,
  stryCov_9fa48: (...ids: string[]) => { if (reached) for (const id of ids) reached.add(id); },
});

const processorMs = () => process.cpuUsage().user / 1000;
/** An endless loop needs all of it. */
const allowed = (cost: number) => 500 + 5 * cost;

interface Coverage {
  readonly tests: readonly Test[];
  readonly byTest: ReadonlyMap<Test, ReadonlySet<string>>;
  /** Mutants that are reached while files are loaded. */
  readonly atLoad: ReadonlySet<string>;
  readonly left: readonly string[];
}

function coverage(files: readonly string[]): Coverage {
  const atLoad = reached = new Set();
  const { tests, failed } = load(files);
  const byTest = new Map<Test, ReadonlySet<string>>();
  const left = [...failed];
  for (const test of tests) {
    const mine = reached = new Set<string>();
    const before = processorMs();
    const outcome = run(test, 120_000);
    test.cost = processorMs() - before;
    if (outcome === 'passed') byTest.set(test, mine);
    else left.push(`${test.file}: ${test.title}`);
  }
  reached = undefined;
  stopNoting();
  return renewed({ tests: [...byTest.keys()].sort((a, b) => a.cost - b.cost), byTest, atLoad, left });
}

/** The same tests, loaded anew. */
function renewed({ tests, byTest, atLoad, left }: Coverage): Coverage {
  const again = new Map(load([...new Set(tests.map(({ file }) => join(ROOT, file)))]).tests.map((test) => [`${test.file} ${test.title}`, test]));
  const pairs = tests.map((test) => [Object.assign(again.get(`${test.file} ${test.title}`)!, { cost: test.cost }), byTest.get(test)!] as const);
  return { tests: pairs.map(([test]) => test), byTest: new Map(pairs), atLoad, left };
}

type Result = 'killed' | 'timeout' | 'survived' | 'not covered';

class Trial {
  /** What failed last is likely to fail again: mutants come in the order of the source. */
  private recent: Test[] = [];

  constructor(private covered: Coverage) {}

  result({ id }: Mutant): Result {
    const atLoad = this.covered.atLoad.has(id);
    const concerned = this.covered.tests.filter((test) => this.covered.byTest.get(test)!.has(id));
    if (concerned.length === 0 && !atLoad) return 'not covered';
    code.stryActive = Number(id);
    const outcome = this.first(concerned);
    code.stryActive = NONE;
    // What was made while files are loaded, and remembers now what the mutant said, is made anew.
    if (outcome !== 'passed' && run(this.recent[0], 120_000) !== 'passed') {
      this.covered = renewed(this.covered);
      this.recent = [];
      return this.reloaded(id, this.covered.tests);
    }
    // Values made while files are loaded remember what they answered: a survivor is tried with new ones.
    return outcome !== 'passed' ? words(outcome) : this.reloaded(id, atLoad ? this.covered.tests : concerned);
  }

  private first(tests: readonly Test[]): Outcome {
    const known = new Set(tests);
    for (const test of new Set([...this.recent.filter((each) => known.has(each)), ...tests])) {
      const outcome = run(test, allowed(test.cost));
      if (outcome === 'passed') continue;
      this.recent.unshift(test);
      this.recent.splice(6);
      return outcome;
    }
    return 'passed';
  }

  private reloaded(id: string, tests: readonly Test[]): Result {
    code.stryActive = Number(id);
    let loaded: ReturnType<typeof load> = { tests: [], failed: [] };
    let outcome = withLimit(() => { loaded = load([...new Set(tests.map(({ file }) => join(ROOT, file)))]); }, 60_000);
    const found = new Map(loaded.tests.map((test) => [`${test.file} ${test.title}`, test]));
    for (const { file, title, cost } of tests) {
      if (outcome !== 'passed') break;
      const test = found.get(`${file} ${title}`);
      outcome = test ? run(test, allowed(cost)) : 'failed';
    }
    code.stryActive = NONE;
    return outcome === 'passed' ? 'survived' : words(outcome);
  }
}

const words = (outcome: Outcome): Result => outcome === 'timeout' ? 'timeout' : 'killed';

async function tryRoom(name: string, { sources, tests }: Room, every: number, survivors: string | undefined): Promise<void> {
  const { mutants, instrumented } = await mutantsOf(sources.flatMap((each) => filesIn(join(ROOT, each))));
  prepare(instrumented);
  const files = [...new Set(tests.flatMap((each) => filesIn(join(ROOT, each))))].filter((file) => file.endsWith('.test.ts'));
  const covered = coverage(files);
  for (const each of covered.left) process.stdout.write(`left out, as it fails here without a mutant: ${each}\n`);
  const trial = new Trial(covered);
  const tally: Record<Result, number> = { 'killed': 0, 'timeout': 0, 'survived': 0, 'not covered': 0 };
  const tried = mutants.filter((_, index) => index % every === 0);
  for (const mutant of tried) {
    const result = trial.result(mutant);
    tally[result]++;
    if (survivors !== undefined && (result === 'survived' || result === 'not covered')) appendFileSync(survivors, `${result}: ${mutant.text}\n`);
  }
  const dead = tally.killed + tally.timeout;
  process.stdout.write(`${name}: ${mutants.length} mutants, ${tried.length} tried, ${tally.killed} killed, ${tally.timeout} timed out, ${tally.survived} survived, `
    + `${tally['not covered']} not covered: ${(100 * dead / tried.length).toFixed(1)} %, ${(processorMs() / 1000).toFixed(0)} s of processor time\n`);
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { all: { type: 'boolean' }, every: { type: 'string', default: '10' }, survivors: { type: 'string' } } });
  const every = values.all ? 1 : Number(values.every);
  if (!Number.isInteger(every) || every < 1) throw new Error(`--every ${values.every}: write a whole number`);
  if (values.survivors !== undefined) writeFileSync(values.survivors, '');
  const unknown = positionals.filter((name) => !(name in ROOMS));
  if (unknown.length > 0) throw new Error(`no room ${unknown.join(', ')}; there are ${Object.keys(ROOMS).join(', ')}`);
  for (const name of positionals.length > 0 ? positionals : Object.keys(ROOMS)) await tryRoom(name, ROOMS[name], every, values.survivors);
}

void main();
