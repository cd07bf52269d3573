// run-functions.js FRAMEWORK HANDLER: both functions of aws-cdk-lib's kubectl provider, as the assembly holds them. The event of
// CloudFormation on stdin, what it is answered on stdout, logs on stderr.
const { spawnSync } = require('child_process');
const { readFileSync } = require('fs');
const Module = require('module');
const { join } = require('path');

const [framework, handler] = process.argv.slice(2);
const load = Module._load;
Module._load = (name, ...rest) => name.startsWith('@aws-sdk/') ? {} : load(name, ...rest);
console.log = console.error;
process.env.USER_ON_EVENT_FUNCTION_ARN = 'arn:aws:lambda:eu-west-1:111122223333:function:handler';

let answer;
const outbound = require(join(framework, 'outbound.js'));
outbound.invokeFunction = async ({ Payload }) => {
  const { status, stdout } = spawnSync('python3', [join(__dirname, 'python', 'run_handler.py'), handler], { input: Payload, stdio: ['pipe', 'pipe', 'inherit'], maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(`the handler ended with ${status}`);
  const { result, error } = JSON.parse(stdout.toString());
  return error ? { FunctionError: 'Unhandled', Payload: JSON.stringify(error) } : { Payload: JSON.stringify(result ?? null) };
};
outbound.httpRequest = async (_options, body) => { answer = body; };

require(join(framework, 'framework.js')).onEvent(JSON.parse(readFileSync(0, 'utf8'))).then(() => process.stdout.write(answer));
