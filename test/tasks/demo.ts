/** Synthesizes examples/private-cluster and prints its network report. */
import { relative } from 'path';
import { readAssembly, synthesizeExample } from './examples';

const outdir = synthesizeExample('private-cluster');
const files = readAssembly(outdir);
process.stdout.write(`${files.get('PrivateCluster.network-report.md')}\n`);
process.stdout.write(`Written to ${relative(process.cwd(), outdir)}: ${[...files.keys()].join(', ')}\n`);
