import { spawnSync } from 'child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { arch, homedir, platform } from 'os';
import { dirname, join } from 'path';

/** What a judge holds against one resource of a template. */
export interface Finding {
  readonly judge: 'cfn-lint' | 'checkov' | 'Control Tower';
  /** `W3005`, `CKV_AWS_115`, `CT.EKS.PR.1`. */
  readonly rule: string;
  /** Logical id, or what the judge names instead. */
  readonly subject: string;
  readonly message: string;
}

/** Informational rules too. https://github.com/aws-cloudformation/cfn-lint */
export function cfnLint(template: string): Finding[] {
  const found: any[] = JSON.parse(run(python('cfn-lint', '1.51.0'), ['--format', 'json', '--include-checks', 'I', '-t', template]) || '[]');
  return found.map(({ Rule, Location, Message }) => ({ judge: 'cfn-lint', rule: Rule.Id, subject: String(Location.Path?.[1] ?? 'template'), message: Message }));
}

/** https://www.checkov.io */
export function checkov(template: string): Finding[] {
  const { results, summary } = JSON.parse(run(python('checkov', '3.3.30'), ['--framework', 'cloudformation', '--compact', '--quiet', '-o', 'json', '-f', template]));
  mustHaveJudged('checkov', summary?.passed ?? 0, template);
  return (results?.failed_checks ?? []).map((each: any) => ({ judge: 'checkov', rule: each.check_id, subject: each.resource.split('.').pop(), message: each.check_name }));
}

/** Every proactive control. https://docs.aws.amazon.com/controltower/latest/controlreference/proactive-controls.html */
export function controlTower(template: string): Finding[] {
  const folder = dirname(require.resolve('@cdklabs/cdk-validator-cfnguard/package.json'));
  const program = join(folder, 'bin', platform() === 'darwin' ? 'macos' : 'ubuntu', arch() === 'arm64' ? 'aarch64' : 'x86_64', 'cfn-guard');
  const rules = join(folder, 'rules', 'control-tower', 'cfn-guard');
  const [judged] = JSON.parse(run(program, ['validate', '-d', template, '-r', rules, '--structured', '-o', 'json', '--show-summary', 'none']));
  mustHaveJudged('Control Tower', judged.compliant.length, template);
  return judged.not_compliant.flatMap((each: unknown) => {
    const text = JSON.stringify(each);
    const [, rule, message] = /\[(CT\.[A-Z0-9.]+)\]: (.*?)\\n/.exec(text) ?? [];
    const subjects = new Set([...text.matchAll(/"path":"\/Resources\/([^/"]+)/g)].map(([, id]) => id));
    return [...subjects].map((subject): Finding => ({ judge: 'Control Tower', rule, subject, message }));
  });
}

/** A judge that read nothing of a cluster's template is broken, not content. */
function mustHaveJudged(judge: Finding['judge'], passed: number, template: string): void {
  if (passed === 0 && readFileSync(template, 'utf8').includes('AWS::EKS::Cluster"')) throw new Error(`${judge} judged nothing of ${template}`);
}

/** Programs report findings by their exit status: what they print decides. */
function run(program: string, args: string[]): string {
  const { stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 2 ** 28, env: { ...process.env, LOG_LEVEL: 'ERROR' } });
  if (error) throw error;
  if (stdout.trim() === '' && stderr.trim() !== '') throw new Error(`${program} failed: ${stderr}`);
  return stdout;
}

/** Installs a Python program once, into the cache of this user. */
function python(name: string, version: string): string {
  const venv = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'cdk-secure-eks', `${name}-${version}`);
  const complete = join(venv, 'complete');
  if (!existsSync(complete)) {
    rmSync(venv, { recursive: true, force: true });
    mkdirSync(dirname(venv), { recursive: true });
    for (const [program, ...args] of [['python3', '-m', 'venv', venv], [join(venv, 'bin', 'python'), '-m', 'pip', 'install', '--quiet', `${name}==${version}`]]) {
      const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
      if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed: ${stderr}`);
    }
    writeFileSync(complete, '');
  }
  return join(venv, 'bin', name);
}
