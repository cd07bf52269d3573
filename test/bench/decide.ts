import { spawnSync } from 'child_process';
import { decideNetwork } from '../../src/core/network/decide';
import { NetworkIntent } from '../../src/core/network/network-intent';
import { PodPeer } from '../../src/core/policy/intent';

const NAMESPACES = Array.from({ length: 10 }, (_, i) => `ns${i}`);

/** Workloads over ten namespaces; as many rules as expectations, of which each second one expects a denial. */
function intent(count: number, workloads: number): NetworkIntent {
  const pods = (i: number): PodPeer => ({ kind: 'pods', namespace: NAMESPACES[i % workloads % 10], labels: { app: `app-${i % workloads}` } });
  const each = Array.from({ length: count }, (_, i) => i);
  return {
    addresses: {
      vpc: ['10.0.0.0/16'], nodes: ['10.0.0.0/18', '10.0.64.0/18'], controlPlane: ['10.0.248.0/27'], controlPlaneDedicated: true,
      loadBalancers: ['10.0.232.0/23'], endpoints: ['10.0.240.0/24'], services: '172.20.0.0/16',
    },
    systemNamespaces: [{ name: 'kube-system', reason: 'the system' }],
    namespaces: NAMESPACES.map((name) => ({ name, labels: {} })),
    serviceAccounts: [], exemptions: [], quarantines: [], charts: [], nodeLocalDns: [], controlPlanePorts: [10_250],
    enforcement: 'enforced', metadataReachesPods: false,
    rules: each.map((i) => ({ name: `rule-${i}`, origin: `rule-${i}`, source: pods(i), destination: pods(i + 1), ports: [{ protocol: 'TCP', ports: [8000 + i] }] })),
    expectations: each.map((i) => i % 2 === 0
      ? { origin: `expectation-${i}`, expected: 'allow', source: pods(i), destination: pods(i + 1), ports: [{ protocol: 'TCP', ports: [8000 + i] }] }
      : { origin: `expectation-${i}`, expected: 'deny', source: pods(i), destination: pods(i + 7), ports: [] }),
    objects: Array.from({ length: workloads }, (_, i) => ({
      apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: `app-${i}`, namespace: NAMESPACES[i % 10] },
      spec: { selector: { matchLabels: { app: `app-${i}` } }, template: { metadata: { labels: { app: `app-${i}` } }, spec: { containers: [{ name: 'app', image: 'app', ports: [{ containerPort: 80 }] }] } } },
    })),
  };
}

/** CPU of one decision in ms, every thread of the process included. */
function decide(count: number, workloads: number): number {
  const asked = intent(count, workloads);
  const start = process.cpuUsage();
  const { diagnostics } = decideNetwork(asked);
  const { user, system } = process.cpuUsage(start);
  if (diagnostics.length > 0) throw new Error(`the benchmark's rules are refused: ${diagnostics[0].subject} ${diagnostics[0].message}`);
  return (user + system) / 1000;
}

/** The least of some processes of their own: a synth decides once, with nothing warm. */
function cold(count: number, workloads: number, ...flags: string[]): number {
  return Math.min(...Array.from({ length: 5 }, () => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [...flags, ...process.execArgv, __filename, '--once', `${count}`, `${workloads}`], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return Number(stdout);
  }));
}

/** Arguments: numbers of rules, each with as many expectations. Without: 100. Half as many workloads, but at least 50. */
if (require.main === module) {
  const [first, ...rest] = process.argv.slice(2);
  if (first === '--once') {
    console.log(decide(Number(rest[0]), Number(rest[1])));
  } else {
    const counts = [first, ...rest].map(Number).filter((count) => count > 0);
    for (const count of counts.length > 0 ? counts : [100]) {
      const workloads = Math.max(50, count / 2);
      const [whole, work] = [[], ['--no-opt']].map((flags) => ({ none: cold(0, workloads, ...flags), all: cold(count, workloads, ...flags) }));
      const text = ({ none, all }: typeof whole) => `${(all - none).toFixed(0)} ms (${none.toFixed(0)} -> ${all.toFixed(0)})`;
      console.log(`${count} rules and ${count} expectations, ${workloads} workloads: CPU added ${text(whole)}; without the optimising compiler ${text(work)}`);
    }
  }
}
