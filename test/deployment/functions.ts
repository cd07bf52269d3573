import { spawn } from 'child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { delimiter, dirname, join } from 'path';
import { ACCOUNT, CustomResourceAnswer, CustomResourceRequest, Provider, REGION } from './cloudformation';
import { kubectlLayer } from '../kube-apiserver/kubectl-layer';

const STAND_INS = join(__dirname, 'stand-ins');
/** An event of CloudFormation to a function that nobody waits for. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const EVENT_LIMIT_BYTES = 1024 * 1024;
/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html */
const ANSWER_LIMIT_BYTES = 4096;
/** What does not get ready by then never does: nobody works on it here. */
const READY_WITHIN = '15s';

/** Both functions of aws-cdk-lib's kubectl provider, as an assembly holds them, with kubectl and helm of the layer. */
export class KubectlFunctions implements Provider {
  /** What a deletion failed at: the function logs it and calls it a success. */
  public readonly swallowed: string[] = [];
  /** The assembly that is deployed from now on. */
  public assembly = '';
  private requests = 0;

  public constructor(private readonly kubeconfig: string) {}

  public async send(request: CustomResourceRequest): Promise<CustomResourceAnswer> {
    const event = JSON.stringify({
      ...request, RequestId: `request-${++this.requests}`, ResponseURL: 'https://cloudformation.invalid/answer', StackId: `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/stack/1`,
    });
    if (Buffer.byteLength(event) > EVENT_LIMIT_BYTES) throw new Error(`${request.LogicalResourceId}: the event has ${event.length} bytes`);
    const { stdout, stderr } = await this.run(event);
    const error = /delete error: .*/.exec(stderr);
    if (error) this.swallowed.push(`${request.LogicalResourceId}: ${error[0]}`);
    if (Buffer.byteLength(stdout) > ANSWER_LIMIT_BYTES) {
      const { PhysicalResourceId } = JSON.parse(stdout) as CustomResourceAnswer;
      return { Status: 'FAILED', Reason: `Response object is too long: ${stdout}`, PhysicalResourceId };
    }
    return JSON.parse(stdout);
  }

  private async run(event: string): Promise<{ stdout: string; stderr: string }> {
    const folder = mkdtempSync(join(tmpdir(), 'function-'));
    const { kubectl, helm } = kubectlLayer();
    const env = {
      PATH: process.env.PATH, STAND_IN_PATH: [join(STAND_INS, 'bin'), dirname(kubectl)].join(delimiter),
      PYTHONPATH: join(STAND_INS, 'python'), PYTHONDONTWRITEBYTECODE: '1', PYTHONWARNINGS: 'ignore',
      HOME: folder, TEST_OUTDIR: folder, LAYER_HELM: helm, STAND_IN_TIMEOUT: READY_WITHIN,
      STAND_IN_KUBECONFIG: this.kubeconfig, STAND_IN_ASSEMBLY: this.assembly, STAND_IN_CHARTS: join(STAND_INS, 'charts'),
    };
    try {
      return await output(process.execPath, [join(STAND_INS, 'run-functions.js'), this.folderWith('framework.js'), this.folderWith('index.py')], event, env);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  private folderWith(file: string): string {
    const folders = readdirSync(this.assembly).filter((name) => existsSync(join(this.assembly, name, file)));
    if (folders.length !== 1) throw new Error(`${folders.length} assets of ${this.assembly} hold ${file}`);
    return join(this.assembly, folders[0]);
  }
}

function output(command: string, args: string[], input: string, env: NodeJS.ProcessEnv): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text) => { stdout += text; });
    child.stderr.setEncoding('utf8').on('data', (text) => { stderr += text; });
    child.on('error', reject);
    child.on('close', (status) => status === 0 && stdout !== '' ? resolve({ stdout, stderr }) : reject(new Error(`${command} ended with ${status}: ${stderr.slice(-4000)}`)));
    child.stdin.end(input);
  });
}
