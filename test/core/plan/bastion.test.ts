import { formatDiagnostic } from '../../../src/core/diagnostic';
import { BastionRequest, describeBastionAccess, planBastion } from '../../../src/core/plan/bastion';

const plan = (more: Partial<BastionRequest>) => planBastion({ subject: 'bastion Ops', architecture: 'x86_64', policies: [], ...more });
const said = (more: Partial<BastionRequest>) => plan(more).diagnostics.map(formatDiagnostic);
const FIX = 'give it less, such as AmazonEKSEditPolicy in named namespaces: administrators use their own role through the forwarded port [cdk-secure-eks:bastionAdministers]';

// https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
test('who may start a session administers nothing', () => {
  expect(said({ policies: [{ name: 'AmazonEKSClusterAdminPolicy', namespaces: ['shop'] }] }))
    .toEqual([`bastion Ops: its role gets AmazonEKSClusterAdminPolicy: whoever may start a session on it would administer the cluster, for good; ${FIX}`]);
  expect(said({ policies: [{ name: 'AmazonEKSAdminPolicy' }] }))
    .toEqual([`bastion Ops: its role gets AmazonEKSAdminPolicy in the whole cluster: whoever may start a session on it would administer the cluster, for good; ${FIX}`]);
  const less = [{ name: 'AmazonEKSAdminPolicy', namespaces: ['shop'] }, { name: 'AmazonEKSViewPolicy' }];
  expect(plan({ policies: less })).toEqual({ plan: { architecture: 'x86_64', policies: less }, diagnostics: [] });
  expect(plan({ policies: [{ name: 'AmazonEKSAdminPolicy' }, ...less] }).plan.policies).toEqual(less);
});

test('what only the deployment knows', () => {
  expect(said({ policies: [{}] })).toEqual(['bastion Ops: its role gets an access policy that only the deployment knows: whether it administers the cluster was not checked; name the policy [cdk-secure-eks:bastionAccessUnknown]']);
  expect(plan({ policies: [{}] })).toMatchObject({ plan: { policies: [{}] }, diagnostics: [{ severity: 'warning', acknowledgeable: true }] });
  expect(said({ architecture: undefined })).toEqual(['bastion Ops: its instance type is a token or no type, and the image follows the architecture of the type; write the type itself [cdk-secure-eks:bastionArchitectureUnknown]']);
  expect(plan({ architecture: undefined })).toMatchObject({ plan: { architecture: 'arm64' }, diagnostics: [{ severity: 'error' }] });
});

test('what its role may do, in words', () => {
  const words = (...policies: BastionRequest['policies']) => describeBastionAccess({ architecture: 'arm64', policies });
  expect(words()).toBe('whose role may do nothing in Kubernetes');
  expect(words({ name: 'AmazonEKSViewPolicy' }, { name: 'AmazonEKSEditPolicy', namespaces: ['shop', 'tools'] }, {}))
    .toBe('whose role has AmazonEKSViewPolicy in the whole cluster, and AmazonEKSEditPolicy in namespace shop, tools, and a policy known at deployment in the whole cluster');
});
