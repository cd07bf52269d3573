import { decideNetwork } from '../../../src/core/network/decide';
import { checkForeignObjects } from '../../../src/core/network/foreign-objects';
import { wellShaped } from '../../../src/core/network/object-shapes';
import { intentOf } from '../../semantics/fixtures/said';

const metadata = { name: 'x', namespace: 'shop' };
const labels = { a: 'b' };
const deployment = (pod: object) => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ image: 'x' }], ...pod } } } });
const service = (spec: object) => ({ apiVersion: 'v1', kind: 'Service', metadata, spec });
const webhook = (webhooks: unknown) => ({ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration', metadata: { name: 'x' }, webhooks });

/** Each with a field of another type than the Kubernetes API gives it. */
const MALFORMED: [object, string][] = [
  [deployment({ containers: 5 }), 'spec.template.spec.containers is 5, and must be a list'],
  [deployment({ initContainers: [null] }), 'spec.template.spec.initContainers[0] is null'],
  [deployment({ containers: [{ ports: 'x' }] }), 'spec.template.spec.containers[0].ports is "x", and must be a list'],
  [deployment({ containers: [{ ports: [{ containerPort: '80' }] }] }), 'spec.template.spec.containers[0].ports[0].containerPort is "80", and must be a number'],
  [deployment({ containers: [{ securityContext: { privileged: 'true' } }] }), 'spec.template.spec.containers[0].securityContext.privileged is "true", and must be true or false'],
  [deployment({ volumes: {} }), 'spec.template.spec.volumes is {}, and must be a list'],
  [deployment({ hostNetwork: 'true' }), 'spec.template.spec.hostNetwork is "true", and must be true or false'],
  [deployment({ serviceAccountName: [] }), 'spec.template.spec.serviceAccountName is [], and must be text'],
  [{ ...deployment({}), spec: { template: { metadata: { labels: { version: 1 } } } } }, "spec.template.metadata.labels['version'] is 1, and must be text"],
  [{ apiVersion: 'batch/v1', kind: 'CronJob', metadata, spec: { jobTemplate: 5 } }, 'spec.jobTemplate is 5, and must be a map'],
  [service({ type: 'LoadBalancer', loadBalancerSourceRanges: '10.0.0.0/8' }), 'spec.loadBalancerSourceRanges is "10.0.0.0/8", and must be a list'],
  [{ ...service({}), metadata: { ...metadata, annotations: { 'service.beta.kubernetes.io/aws-load-balancer-internal': true } } }, "metadata.annotations['service.beta.kubernetes.io/aws-load-balancer-internal'] is true, and must be text"],
  [webhook('x'), 'webhooks is "x", and must be a list'],
  [webhook([null]), 'webhooks[0] is null'],
  [webhook([{ clientConfig: { service: { name: 'a', namespace: 'b', port: '443' } } }]), 'webhooks[0].clientConfig.service.port is "443", and must be a number'],
];

test.each(MALFORMED)('%j is an error, and no crash', (object, message) => {
  expect(wellShaped([object]).objects).toEqual([]);
  expect(wellShaped([object]).diagnostics).toEqual([
    { code: 'objectMalformed', severity: 'error', subject: expect.stringMatching(/ (shop\/)?x$/), message, fix: 'write it as the Kubernetes API has it' },
  ]);
});

test('all of them, among the objects of a decision and beside it', () => {
  const objects = MALFORMED.map(([object]) => object);
  const intent = { ...intentOf({}), rules: [], exemptions: [], quarantines: [], objects };
  for (const found of [decideNetwork(intent).diagnostics, checkForeignObjects(intent, objects)]) {
    expect(found.filter(({ code }) => code === 'objectMalformed')).toHaveLength(MALFORMED.length);
  }
});

test('what is sound stays, absent and null fields and values of the deployment included', () => {
  const token = '${Token[TOKEN.1]}';
  const sound = [
    deployment({ initContainers: null, containers: [{ image: token, ports: null }], serviceAccountName: token, hostNetwork: { resolve: () => true } }), service({ selector: token, ports: [{ port: 80, targetPort: 'http' }] }),
    webhook(undefined), { apiVersion: 'v1', kind: 'constructor', metadata: { name: 'x' } },
  ];
  expect(wellShaped(sound)).toEqual({ objects: sound, diagnostics: [] });
});
