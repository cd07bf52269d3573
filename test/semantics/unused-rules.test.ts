import { intentOf } from './fixtures/said';
import { formatDiagnostic } from '../../src/core/diagnostic';
import { decideNetwork } from '../../src/core/network/decide';
import { Peer, TrafficIntent } from '../../src/core/policy/intent';

const pods = (namespace: string, app?: string): Peer => ({ kind: 'pods', namespace, ...app !== undefined && { labels: { app } } });
const rule = (name: string, source: Peer, destination: Peer, ports: TrafficIntent['ports'] = [{ protocol: 'TCP', ports: [80] }]): TrafficIntent => ({ name, origin: `Platform/${name}`, source, destination, ports });
const workload = (namespace: string, name: string) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name, labels: { app: name } }, spec: { containers: [{ image: 'x' }] } });
const messages = (...rules: TrafficIntent[]) => decideNetwork({
  ...intentOf({}), rules, exemptions: [], quarantines: [], objects: [workload('shop', 'web'), workload('shop', 'api')],
}).diagnostics.map((each) => `${each.severity}${each.acknowledgeable ? ', acknowledgeable' : ''}: ${formatDiagnostic(each)}`);

test('rules that somebody can use', () => {
  expect(messages(rule('a', pods('shop', 'web'), pods('shop', 'api')), rule('b', pods('shop', 'api'), pods('tools', 'out-of-view')), rule('c', pods('shop', 'web'), pods('shop', 'api'), [{ protocol: 'TCP', ports: [81] }]))).toEqual([]);
});

test('labels that nobody has', () => {
  expect(messages(rule('a', pods('shop', 'wbe'), pods('shop', 'api')))).toEqual([
    'warning, acknowledgeable: Platform/a: no workload in view is of pods app=wbe in shop, though other workloads of that namespace are; correct the labels or the service account, or acknowledge that somebody else deploys it [cdk-secure-eks:ruleSelectsNobody]',
  ]);
});

test('what a guardrail cuts', () => {
  expect(messages(rule('a', pods('shop', 'web'), { kind: 'nodes' }, [{ protocol: 'TCP', ports: [10250] }]))).toEqual([
    'warning, acknowledgeable: Platform/a: no connection that it allows is possible: denied by GlobalNetworkPolicy/eks-guardrails.kubelet-deny rule 0; remove it, or exempt the service account from the guardrail [cdk-secure-eks:ruleCut]',
  ]);
  expect(messages(rule('a', pods('shop', 'web'), { kind: 'nodes' }, [{ protocol: 'TCP', ports: ['10250:10251'] }]))).toEqual([]);
});

test('what another rule allows whole, once where two are equal', () => {
  const narrow = rule('narrow', pods('shop', 'web'), pods('shop', 'api'));
  const covered = (subject: string, by: string) => `warning, acknowledgeable: Platform/${subject}: Platform/${by} allows all of it; remove it, or narrow the other one [cdk-secure-eks:ruleCovered]`;
  expect(messages(narrow, rule('wide', pods('shop'), pods('shop', 'api'), [{ protocol: 'TCP' }]))).toEqual([covered('narrow', 'wide')]);
  expect(messages(rule('wide', pods('shop'), pods('shop', 'api'), [{}]), narrow)).toEqual([covered('narrow', 'wide')]);
  expect(messages(narrow, { ...narrow, name: 'again', origin: 'Platform/again' })).toEqual([covered('again', 'narrow')]);
  expect(messages(narrow, rule('other', pods('shop'), pods('shop', 'web')))).toEqual([]);
});
