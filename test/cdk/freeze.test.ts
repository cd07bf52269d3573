import { App, Aspects, Stack, Stage } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { writeBesideTemplates } from '../../src/cdk/assembly';
import { freezeBeforeSynthesis } from '../../src/cdk/freeze';
import { fileOf } from '../fixture';

function member(scope: Construct, log: string[], name: string) {
  freezeBeforeSynthesis(scope, { freeze: () => { log.push(name); } });
}

describe('the freeze', () => {
  test('comes before every aspect of users, once a synthesis, for each member in turn', () => {
    const app = new App();
    const stack = new Stack(app, 'Demo');
    const log: string[] = [];
    Aspects.of(app).add({ visit: (node) => { if (node === app) log.push('user'); } });
    member(stack, log, 'one');
    member(stack, log, 'two');
    app.synth();
    expect(log).toEqual(['one', 'two', 'user']);
  });

  test('belongs to a stage: each freezes its own', () => {
    const app = new App();
    const log: string[] = [];
    for (const name of ['Test', 'Prod']) member(new Stack(new Stage(app, name), 'Demo'), log, name);
    member(new Stack(app, 'Demo'), log, 'app');
    app.synth();
    expect([...log].sort()).toEqual(['Prod', 'Test', 'app']);
    expect(log.at(-1)).toBe('app');
  });

  test('needs an App', () => {
    expect(() => member(new Construct(undefined as never, ''), [], 'x')).toThrow(new Error(' is in no App or Stage, and its network is decided when one is synthesized; create it inside an App'));
  });
});

describe('files beside the templates', () => {
  test('of several constructs under one name follow each other by path, each once, also the second time', () => {
    const app = new App();
    const stack = new Stack(app, 'Demo');
    for (const id of ['B', 'A']) writeBesideTemplates(new Construct(stack, id), () => new Map([['notes.txt', `${id}\n`], [`${id}.txt`, id]]));
    for (let round = 0; round < 2; round++) {
      const assembly = app.synth({ force: true });
      expect(fileOf(assembly, 'notes.txt')).toBe('A\nB\n');
      expect(fileOf(assembly, 'A.txt')).toBe('A');
    }
  });

  test('of a stage lie in its own assembly', () => {
    const app = new App();
    writeBesideTemplates(new Construct(new Stack(new Stage(app, 'Prod'), 'Demo'), 'A'), () => new Map([['notes.txt', 'prod']]));
    writeBesideTemplates(new Construct(new Stack(app, 'Demo'), 'A'), () => new Map([['notes.txt', 'app']]));
    const assembly = app.synth();
    expect(fileOf(assembly, 'notes.txt')).toBe('app');
    expect(fileOf(assembly.getNestedAssembly('assembly-Prod'), 'notes.txt')).toBe('prod');
  });
});
