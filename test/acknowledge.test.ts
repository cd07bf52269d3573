import { App } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { errorsOf, fileOf, testCluster, TestCluster } from './fixture';
import { PodSecurityLevel } from '../src';
import { DiagnosticLog } from '../src/cdk/diagnostics';

const INTERNAL = 'service.beta.kubernetes.io/aws-load-balancer-internal';
const service = (name: string, spec: any = {}, annotations?: any) => ({
  apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'shop', ...annotations && { annotations } }, spec: { type: 'LoadBalancer', ports: [{ port: 80 }], selector: { app: 'web' }, ...spec },
});

function shop(...objects: object[]): TestCluster {
  const made = testCluster();
  made.cluster.addNamespace('shop');
  if (objects.length > 0) made.cluster.addManifest('Shop', ...objects);
  return made;
}

const warningsOf = ({ stack }: TestCluster) => Annotations.fromStack(stack).findWarning('*', Match.anyValue()).map(({ entry }) => String(entry.data));

describe('acknowledge', () => {
  test.each(['loadBalancerOpen', 'cdk-secure-eks:loadBalancerOpen'])("accepts what is named by '%s', and the report lists it", (code) => {
    const made = shop(service('open'));
    made.cluster.acknowledge(code, { subject: 'Service shop/open', reason: 'a public *site*' });
    expect(errorsOf(made)).toEqual([]);
    expect(warningsOf(made)).toEqual([]);
    expect(fileOf(made.app.synth(), 'Platform.network-report.md')).toMatch(
      /^- accepted: Service shop\/open: it is of type LoadBalancer without .*\(loadBalancerOpen\), because a public \\\*site\\\*$/m);
  });

  test('accepts nothing else', () => {
    const made = shop(service('open'), service('other'));
    made.cluster.acknowledge('loadBalancerOpen', { subject: 'Service shop/open', reason: 'a public site' });
    expect(errorsOf(made)).toEqual([expect.stringMatching(/^Service shop\/other: .*\[cdk-secure-eks:loadBalancerOpen\]$/)]);
  });

  test('of what is not there is a warning', () => {
    const made = shop();
    made.cluster.acknowledge('loadBalancerOpen', { subject: 'Service shop/gone', reason: 'a public site' });
    expect(errorsOf(made)).toEqual([]);
    expect(warningsOf(made)).toEqual([
      "acknowledge('loadBalancerOpen', { subject: 'Service shop/gone' }) matches nothing; remove it [ack: cdk-secure-eks:acknowledgementUnused]",
    ]);
  });

  test('silences nothing that is never safe', () => {
    const made = shop(service('bad', { loadBalancerSourceRanges: ['office'] }, { [INTERNAL]: 'true' }));
    made.cluster.acknowledge('loadBalancerSource', { subject: 'Service shop/bad', reason: 'trust me' });
    expect(errorsOf(made)).toEqual([
      "Service shop/bad: spec.loadBalancerSourceRanges got 'office', which is no CIDR; write an address and a prefix length, such as 52.94.76.0/24 [cdk-secure-eks:loadBalancerSource]",
      "acknowledge: 'loadBalancerSource' of Service shop/bad cannot be acknowledged; mend its cause [cdk-secure-eks:notAcknowledgeable]",
    ]);
  });

  test('without a reason is an error: the report would say nothing', () => {
    const made = shop(service('open'));
    made.cluster.acknowledge('loadBalancerOpen', { subject: 'Service shop/open', reason: ' ' });
    expect(errorsOf(made)).toEqual([
      "acknowledge: 'loadBalancerOpen' of Service shop/open has no reason, which the report is to give; say why it is safe here [cdk-secure-eks:reasonMissing]",
    ]);
  });
});

describe('the log of diagnostics', () => {
  const diagnostic = { code: 'a', severity: 'error', subject: 's', message: 'm', fix: 'f' } as const;

  test('says each thing once', () => {
    const log = new DiagnosticLog();
    log.add(diagnostic, { ...diagnostic }, { ...diagnostic, message: 'n' });
    expect(log.errors()).toEqual(['s: m; f [cdk-secure-eks:a]', 's: n; f [cdk-secure-eks:a]']);
  });

  test('keeps warnings and errors apart, and drops what was accepted', () => {
    const log = new DiagnosticLog();
    log.add({ ...diagnostic, severity: 'warning', acknowledgeable: true }, { ...diagnostic, code: 'b', acknowledgeable: true });
    expect(log.warnings().map(({ code }) => code)).toEqual(['a']);
    log.acknowledge({ code: 'a', subject: 's', reason: 'r' });
    log.acknowledge({ code: 'cdk-secure-eks:b', subject: 's', reason: 'r' });
    expect([log.warnings(), log.errors()]).toEqual([[], []]);
    expect(log.acknowledged()).toEqual([{ code: 'a', subject: 's', reason: 'r', message: 'm' }, { code: 'b', subject: 's', reason: 'r', message: 'm' }]);
  });
});

test('workloads that escape the network are errors until they are acknowledged, and the report begins with them', () => {
  const pod = (name: string, namespace: string, spec: object = {}) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels: { app: name } }, spec: { containers: [{ name: 'a', image: 'a' }], ...spec } });
  const made = shop(pod('agent', 'kube-system'), pod('host', 'shop', { hostNetwork: true }));
  const messages = [
    "Pod kube-system/agent: namespace 'kube-system' is outside the default deny: whatever runs there may open and accept connections; move it to a namespace of its own, or acknowledge why it belongs to the system [cdk-secure-eks:workloadOutsideDefaultDeny]",
    "Pod shop/host: spec.hostNetwork is true: no network policy binds it, and it reaches instance metadata as its node does; give it a pod network, or acknowledge why it needs the host's [cdk-secure-eks:workloadOnHostNetwork]",
    "Pod shop/host: it asks for hostNetwork, which the guard in the cluster refuses in namespace 'shop'; remove it, or say addNamespace('shop', { podSecurity: PodSecurityLevel.PRIVILEGED }) [cdk-secure-eks:workloadRefusedByGuard]",
  ];
  expect(errorsOf(made)).toEqual(messages);
  const accepted = testCluster();
  accepted.cluster.addNamespace('shop', { podSecurity: PodSecurityLevel.PRIVILEGED });
  accepted.cluster.addManifest('Shop', pod('agent', 'kube-system'), pod('host', 'shop', { hostNetwork: true }));
  accepted.cluster.acknowledge('workloadOutsideDefaultDeny', { subject: 'Pod kube-system/agent', reason: 'part of the system' });
  accepted.cluster.acknowledge('workloadOnHostNetwork', { subject: 'Pod shop/host', reason: 'captures packets' });
  expect(errorsOf(accepted)).toEqual([]);
  const report = fileOf(accepted.app.synth(), 'Platform.network-report.md');
  expect(report.slice(0, report.indexOf('## Not seen'))).toMatch(/\*\*Pod `kube-system\/agent`\*\*[^]*\*\*Pod `shop\/host`\*\*/);
});

test('an app without a mistake has no warning', () => {
  const made = shop();
  expect(made.app).toBeInstanceOf(App);
  made.app.synth();
  expect(warningsOf(made)).toEqual([]);
});
