import { Stack } from 'aws-cdk-lib';
import { ADMINISTRATOR, DEPLOYER, DEPLOYER_PREFIX, GuardedServer } from './guarded-server';
import { PoliciesToDeploy } from '../../../src/kubernetes/deploy/network';
import { guardSet } from '../../../src/kubernetes/manifests/guards/guard-set';
import { policySetObjects } from '../../../src/kubernetes/manifests/policy-objects';
import { START_TIMEOUT_MS, STOP_TIMEOUT_MS } from '../../kube-apiserver/api-server';
import { describeUnless, describeWithApiServer } from '../../kube-apiserver/available';
import { CRD_FOLDER, MISSING_CRDS } from '../crds';
import { testNetwork } from '../deploy/fixture';
import { PLAN } from '../policies';
import { Releases } from '../releases';

const GUARDS = guardSet({
  where: { refuses: true, otherwise: [], refusesPolicies: true }, systemNamespaces: ['kube-system'], deployer: { username: DEPLOYER_PREFIX }, acceptedTiers: [], exposure: { dialects: ['inTree'], controllerAccounts: [], accepted: [] },
});
const POLICIES: PoliciesToDeploy = {
  tiers: PLAN.tiers, allows: [...PLAN.allows.values()].flat(), exemptions: [...PLAN.exemptions.values()].flat(), denials: PLAN.denials, defaultDeny: PLAN.defaultDeny, towards: 'enforcing',
};
const BINDING = 'secure-eks-policy-tamper';
const DENIED = 'forbidden: ValidatingAdmissionPolicy \'secure-eks-policy-tamper\'';

/** The steps of docs/break-glass.md, in their order. */
describeWithApiServer('break-glass, as documented', () => {
  let guarded: GuardedServer;
  const [policy] = policySetObjects({ tiers: [], policies: PLAN.denials });
  const name = policy.metadata.name;
  const releases = (denials = PLAN.denials) => {
    const { network, stack } = testNetwork();
    network.deployPolicies({ ...POLICIES, denials });
    network.deployGuards(GUARDS);
    return new Releases(guarded.server, Stack.of(stack));
  };
  const deploy = (made: Releases, release: string) => made.install(release, ['--kube-as-user', DEPLOYER]);
  const asAdministrator = (...args: string[]) => guarded.server.kubectl([...args, '--as', ADMINISTRATOR]);
  const edit = (...flags: string[]) => asAdministrator('patch', 'globalnetworkpolicies.projectcalico.org', name, '--type=merge', '-p', '{"spec":{"order":1}}', ...flags);
  const isRefused = () => edit('--dry-run=server').stderr.includes(DENIED);
  const changed = PLAN.denials.map((each) => ({ ...each, order: (each.order ?? 0) + 1 }));
  let saved = '';

  describeUnless(MISSING_CRDS, "with Calico's definitions", () => {
    beforeAll(async () => {
      guarded = await GuardedServer.start();
      expect(guarded.server.kubectl(['apply', '--server-side', '-f', CRD_FOLDER])).toMatchObject({ status: 0 });
      expect(guarded.server.kubectl(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all'])).toMatchObject({ status: 0 });
      const all = releases();
      for (const release of all.names()) expect(deploy(all, release)).toMatchObject({ status: 0 });
    }, START_TIMEOUT_MS);
    afterAll(() => guarded?.stop(), STOP_TIMEOUT_MS);

    const until = async (holds: () => boolean) => {
      for (const deadline = Date.now() + 30_000; !holds() && Date.now() < deadline;) await new Promise((resolve) => setTimeout(resolve, 300));
      expect(holds()).toBe(true);
    };

    test('guards and policies are installed by who deploys, and installed again without a change', async () => {
      await until(isRefused);
      const again = releases();
      for (const release of again.names()) expect(deploy(again, release)).toMatchObject({ status: 0 });
    }, 120_000);

    test('1. the binding of the guard is saved and deleted, and the policy is edited', async () => {
      saved = asAdministrator('get', 'validatingadmissionpolicybinding', BINDING, '-o', 'yaml').stdout.split('\n').filter((line) => !/^  (resourceVersion|uid|creationTimestamp):/.test(line)).join('\n');
      expect(asAdministrator('delete', 'validatingadmissionpolicybinding', BINDING)).toMatchObject({ status: 0 });
      await until(() => edit().status === 0);
    }, 60_000);

    test('2. until it is restored, a deployment that changes the policy fails and leaves the edit', () => {
      expect(deploy(releases(changed), 'eks-guardrail-denials').status).toBe(1);
      expect(guarded.server.kubectl(['get', 'globalnetworkpolicies.projectcalico.org', name, '-o', 'jsonpath={.spec.order}']).stdout).toBe('1');
    }, 120_000);

    test('3. the policy is restored from the file beside the template, and the binding from where it was saved', async () => {
      const restore = (object: string) => guarded.server.kubectl(['apply', '--server-side', '--force-conflicts', '--field-manager=helm', '--as', ADMINISTRATOR, '-f', '-'], object);
      expect(restore(JSON.stringify(policy))).toMatchObject({ status: 0 });
      expect(restore(saved)).toMatchObject({ status: 0 });
      await until(isRefused);
    }, 60_000);

    test('4. the next deployment changes policies and guards as ever', () => {
      const all = releases(changed);
      for (const release of all.names()) expect(deploy(all, release)).toMatchObject({ status: 0 });
      expect(guarded.server.kubectl(['get', 'globalnetworkpolicies.projectcalico.org', name, '-o', 'jsonpath={.spec.order}']).stdout).toBe(String(changed[0].order));
    }, 120_000);

    test('everything goes in reverse: guards after what they guard, before policies', () => {
      const all = releases(changed);
      const order = all.names();
      expect(order.indexOf('eks-admission-guards')).toBe(order.length - 1);
      for (const release of order.reverse()) expect(all.uninstall(release, ['--kube-as-user', DEPLOYER])).toMatchObject({ status: 0 });
      expect(guarded.server.kubectl(['get', 'validatingadmissionpolicies', '-o', 'name']).stdout).toBe('');
      expect(guarded.server.kubectl(['get', 'globalnetworkpolicies.projectcalico.org', '-o', 'name']).stdout).toBe('');
    }, 120_000);
  });
});
