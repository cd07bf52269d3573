import { mkdtempSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { StackTemplate, readStacks } from './assembly';
import { CloudFormation, CustomResourceAnswer, CustomResourceRequest, Outcome, Provider } from './cloudformation';
import { Snapshot, TestCluster, withoutHelm } from './cluster';
import { Random } from './random';
import { Version, synthesizeShop } from './shop';
import { START_TIMEOUT_MS } from '../kube-apiserver/api-server';
import { describeUnless, describeWithApiServer } from '../kube-apiserver/available';
import { MISSING_CRDS } from '../kubernetes/crds';

/** How many orders are tried, from which seed on. Each begins on the cluster that the one before left behind. */
const RUNS = Number(process.env.DEPLOYMENT_RUNS ?? 1);
const FIRST_SEED = Number(process.env.DEPLOYMENT_SEED ?? 1);
const SEEDS = Array.from({ length: RUNS }, (_, index) => FIRST_SEED + index);
const TEST_TIMEOUT_MS = 300_000;
const LIFETIME_SECONDS = 600 + 300 * RUNS;

const NONE: Outcome = { stuck: [] };
const POLICIES = '/apis/projectcalico.org/v3/globalnetworkpolicies';
/** What someone else has in the namespaces of the platform and of charts. */
const USERS_NAMESPACES = ['shop', 'batch', 'monitoring', 'team', 'legacy'];
/** In no template any more, or kept by its policy: all that may be left of a deployment. */
const RETAINED = /^(Namespace - (shop|batch|monitoring|team|tigera-operator|aws-load-balancer-controller)|(ServiceAccount|ConfigMap) .+ (default|users)|NetworkPolicy .+ users|Namespace - legacy|CustomResourceDefinition .*|Secret tigera-operator sh\.helm\.release\.v1\.calico-crds\.v\d+)$/;

/** Fails one request, before or after the functions have done their part, as a function that is killed does. */
class FailingOnce implements Provider {
  public fault?: { readonly id: string; readonly done: boolean };

  public constructor(private readonly inner: Provider) {}

  public async send(request: CustomResourceRequest): Promise<CustomResourceAnswer> {
    if (this.fault?.id !== request.LogicalResourceId || request.RequestType === 'Delete') return this.inner.send(request);
    const { done } = this.fault;
    this.fault = undefined;
    if (done) await this.inner.send(request);
    return { Status: 'FAILED', Reason: 'made to fail', PhysicalResourceId: request.PhysicalResourceId ?? 'AWSCDK::CustomResourceProviderFramework::CREATE_FAILED' };
  }
}

describeUnless(MISSING_CRDS, "with Calico's definitions", () => {
  describeWithApiServer('a platform and a shop on a real API server, by the functions that deploy', () => {
    const folder = mkdtempSync(join(tmpdir(), 'deployments-'));
    const assembly = (version: Version) => join(folder, String(version));
    let cluster: TestCluster;
    let provider: FailingOnce;

    beforeAll(async () => {
      for (const version of [1, 2, 3] as const) synthesizeShop(version, assembly(version));
      cluster = await TestCluster.start(LIFETIME_SECONDS);
      provider = new FailingOnce(cluster.functions);
    }, START_TIMEOUT_MS);
    afterAll(async () => {
      await cluster?.stop();
      rmSync(folder, { recursive: true, force: true });
    }, 60_000);

    describe.each(SEEDS)('in an order of seed %i', (seed) => {
      const random = new Random(seed);
      let cloudFormation: CloudFormation;
      /** What must be so after each request. */
      let always = async () => {};
      let second: Snapshot;

      beforeAll(() => {
        cloudFormation = new CloudFormation({ provider, random, atOnce: random.pick([1, 3]), afterEach: () => always() });
      });
      afterEach(() => {
        expect(cluster.functions.swallowed).toEqual([]);
        cloudFormation.log.length = 0;
      });

      /** With the order in the message. */
      const expectOutcome = (outcome: Outcome, expected: object) => {
        const order = `seed ${seed}, in this order:\n${cloudFormation.log.join('\n')}`;
        expect([order, outcome]).toEqual([order, expected]);
      };
      const deploy = async (version: Version, touch = false) => {
        cluster.functions.assembly = assembly(version);
        for (const stack of readStacks(assembly(version))) expectOutcome(await cloudFormation.deploy(stack, { touch }), NONE);
      };
      const policies = async () => (await cluster.server.ask('GET', POLICIES)).body.items.map(({ metadata, spec }: any) => [metadata.name, JSON.stringify(spec)] as const) as (readonly [string, string])[];

      test('a first deployment that fails somewhere is taken back', async () => {
        const [platform] = readStacks(assembly(1));
        cluster.functions.assembly = assembly(1);
        provider.fault = { id: random.pick(customIn(platform)), done: false };
        const outcome = await cloudFormation.deploy(platform);
        expectOutcome(outcome, { failure: expect.stringContaining('made to fail'), stuck: [] });
        expect([...(await cluster.snapshot()).keys()].filter((key) => !RETAINED.test(key))).toEqual([]);
      }, TEST_TIMEOUT_MS);

      test('no order fails', async () => {
        await deploy(1);
        const users = USERS_NAMESPACES.flatMap((namespace) => [
          ...namespace === 'legacy' ? [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }] : [],
          { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'users', namespace }, data: { whose: 'theirs' } },
          { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'users', namespace }, spec: { podSelector: {} } },
        ]);
        expect(cluster.server.kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: users }))).toMatchObject({ status: 0 });
      }, TEST_TIMEOUT_MS);

      test('what is applied again changes nothing', async () => {
        const before = await cluster.settled();
        await deploy(1, true);
        const after = await cluster.settled();
        expect(contentsOf(after)).toEqual(contentsOf(before));
        // Guards are written anew each time, with the same content.
        expect([...withoutHelm(after)].filter(([key, { version }]) => version !== before.get(key)?.version && !key.startsWith('ValidatingAdmissionPolicy ')).map(([key]) => key)).toEqual([]);
      }, TEST_TIMEOUT_MS);

      test('an update removes what is gone, and nothing of others', async () => {
        const before = await cluster.snapshot();
        const kept = new Map(await policies());
        const next = policyNamesOf(assembly(2));
        const users = [...before.keys()].filter((key) => key.endsWith(' users'));
        always = async () => {
          const names = new Set((await policies()).map(([name]) => name));
          expect([...kept.keys()].filter((name) => next.has(name) && !names.has(name))).toEqual([]);
        };
        await deploy(2);
        always = async () => {};
        second = await cluster.settled();
        expect(versionsOf(second, users)).toEqual(versionsOf(before, users));
        expect(gone(before, second)).toEqual(expect.arrayContaining(GONE_IN_SECOND));
        expect(gone(before, second).filter((key) => key.startsWith('Namespace '))).toEqual([]);
        expect((await policies()).map(([name]) => name).sort()).toEqual([...next].sort());
      }, TEST_TIMEOUT_MS);

      test('an update that fails somewhere leaves the old policies in force', async () => {
        const old = new Map(await policies());
        const [platform, shop] = readStacks(assembly(3));
        const [platformBefore, shopBefore] = readStacks(assembly(2));
        cluster.functions.assembly = assembly(3);
        always = async () => {
          const names = new Set((await policies()).map(([name]) => name));
          expect([...old.keys()].filter((name) => !names.has(name))).toEqual([]);
        };
        for (const [stack, before] of [[platform, platformBefore], [shop, shopBefore]] as const) {
          const propertiesIn = ({ template }: typeof stack, id: string) => JSON.stringify(template.Resources[id]?.Properties);
          provider.fault = { id: random.pick(customIn(stack).filter((id) => propertiesIn(stack, id) !== propertiesIn(before, id))), done: random.below(2) === 1 };
          const outcome = await cloudFormation.deploy(stack);
          expectOutcome(outcome, { failure: expect.stringContaining('made to fail'), stuck: [] });
        }
        always = async () => {};
        expect(new Map(await policies())).toEqual(old);
        expect(contentsOf(await cluster.settled())).toEqual(contentsOf(second));
      }, TEST_TIMEOUT_MS);

      test('another update brings everything to where the code is', async () => {
        await deploy(3);
        expect((await policies()).map(([name]) => name).sort()).toEqual([...policyNamesOf(assembly(3))].sort());
      }, TEST_TIMEOUT_MS);

      test('every deletion is accepted, and only what is retained stays', async () => {
        const before = await cluster.snapshot();
        for (const { name } of [...readStacks(assembly(3))].reverse()) expectOutcome({ stuck: await cloudFormation.delete(name) }, NONE);
        const after = await cluster.settled();
        expect([...after.keys()].filter((key) => !RETAINED.test(key))).toEqual([]);
        const users = [...before.keys()].filter((key) => key.endsWith(' users'));
        expect(versionsOf(after, users)).toEqual(versionsOf(before, users));
      }, TEST_TIMEOUT_MS);
    });
  });
});

const GONE_IN_SECOND = ['ConfigMap monitoring more', 'GlobalNetworkPolicy - eks-allow.scrape-egress', 'GlobalNetworkPolicy - eks-allow.scrape-ingress', 'Ingress shop page', 'NetworkPolicy shop web'];

function customIn({ template }: StackTemplate): string[] {
  return Object.entries(template.Resources).filter(([, { Type }]) => Type.startsWith('Custom::AWSCDK-EKS-')).map(([id]) => id);
}

function policyNamesOf(folder: string): Set<string> {
  return new Set(readStacks(folder).flatMap(({ template }) => [...JSON.stringify(template).matchAll(/\\"kind\\+":\\+"GlobalNetworkPolicy\\+",\\+"metadata\\+":\{\\+"name\\+":\\+"([^"\\]+)/g)].map(([, name]) => name)));
}

function gone(before: Snapshot, after: Snapshot): string[] {
  return [...withoutHelm(before).keys()].filter((key) => !after.has(key)).sort();
}

function versionsOf(snapshot: Snapshot, keys: readonly string[]): (string | undefined)[] {
  return keys.map((key) => snapshot.get(key)?.version);
}

function contentsOf(snapshot: Snapshot): Map<string, string> {
  return new Map([...withoutHelm(snapshot)].map(([key, { content }]) => [key, content]));
}
