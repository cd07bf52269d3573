import { App, Environment, Stack } from 'aws-cdk-lib';
import { compare, Comparison, DEPLOYMENT, Resources } from './compare';
import { IsReplacing, loadResourceFacts } from './resource-facts';
import { CLUSTER, NODEGROUP, OTHER, Row } from './table';
import { ExistingVpcStack } from '../../examples/existing-vpc/existing-vpc-stack';
import { InternalLoadBalancerStack } from '../../examples/internal-load-balancer/internal-load-balancer-stack';
import { IsolatedClusterStack } from '../../examples/isolated-cluster/isolated-cluster-stack';
import { PrivateClusterStack } from '../../examples/private-cluster/private-cluster-stack';
import { RestrictedPublicEndpointStack } from '../../examples/restricted-public-endpoint/restricted-public-endpoint-stack';
import { StagedRolloutStack } from '../../examples/staged-rollout/staged-rollout-stack';
import { PlatformStack } from '../../examples/three-tier-app/platform-stack';
import { ShopStack } from '../../examples/three-tier-app/shop-stack';
import { PlatformStack as VerifiedPlatformStack } from '../../examples/verified-cluster/platform-stack';
import { ShopStack as VerifiedShopStack } from '../../examples/verified-cluster/shop-stack';
import { InternetAccess, NodegroupOptions, SecureEksCluster, SecureEksClusterProps } from '../../src';
import { resourcesOf } from '../fixture';
import { listExamples } from '../tasks/examples';

/** What is said besides, or instead of what the example says. */
interface Change {
  readonly cluster?: (stack: Stack) => Partial<SecureEksClusterProps>;
  readonly nodegroup?: (stack: Stack) => NodegroupOptions;
  readonly and?: (cluster: SecureEksCluster) => void;
  readonly zones?: readonly string[];
}

let mockChange: Change = {};
jest.mock('cdk-secure-eks', () => {
  const actual = jest.requireActual('cdk-secure-eks');
  return {
    ...actual,
    SecureEksCluster: new Proxy(actual.SecureEksCluster, {
      construct(target, [scope, id, props]) {
        const more = mockChange.cluster?.(scope) ?? {};
        const cluster = new target(scope, id, { ...props, ...more, admins: [...props.admins, ...more.admins ?? []] });
        const { addNodegroup } = cluster;
        cluster.addNodegroup = (name: string, options: NodegroupOptions) => addNodegroup.call(cluster, name, { ...options, ...mockChange.nodegroup?.(scope) });
        return cluster;
      },
    }),
  };
});

const EXAMPLES: Readonly<Record<string, (app: App, env?: Environment) => void>> = {
  'existing-vpc': (app, env) => new ExistingVpcStack(app, 'ExistingVpc', { env }),
  'internal-load-balancer': (app, env) => new InternalLoadBalancerStack(app, 'InternalLoadBalancer', { officeCidr: '10.20.0.0/16', builderCidr: '203.0.112.0/24', env }),
  'isolated-cluster': (app, env) => new IsolatedClusterStack(app, 'IsolatedCluster', { internetAccess: InternetAccess.NONE, env }),
  'private-cluster': (app, env) => new PrivateClusterStack(app, 'PrivateCluster', { env }),
  'restricted-public-endpoint': (app, env) => new RestrictedPublicEndpointStack(app, 'RestrictedPublicEndpoint', { operatorsCidr: '52.94.76.0/24', env }),
  'staged-rollout': (app, env) => new StagedRolloutStack(app, 'StagedRollout', { legacyIsEnforced: false, env }),
  'three-tier-app': (app, env) => {
    const { cluster, queues } = new PlatformStack(app, 'Platform', { env });
    new ShopStack(app, 'Shop', { cluster, queues, env });
  },
  'verified-cluster': (app, env) => {
    const { cluster } = new VerifiedPlatformStack(app, 'Platform', { env });
    new VerifiedShopStack(app, 'Shop', { cluster, env });
  },
};

/** Resources of all stacks; a change that breaks an expectation of the example is compared all the same. */
function synthesize(example: string, change: Change): Resources {
  const { account, region } = DEPLOYMENT;
  const { zones, and } = change;
  mockChange = change;
  const app = new App({ context: zones && { [`availability-zones:account=${account}:region=${region}`]: zones } });
  EXAMPLES[example](app, zones && { account, region });
  if (and) app.node.findAll().filter((each): each is SecureEksCluster => each instanceof SecureEksCluster).forEach(and);
  const assembly = app.synth({ skipValidation: true });
  mockChange = {};
  return Object.fromEntries(app.node.children.filter((each): each is Stack => each instanceof Stack)
    .flatMap((stack) => Object.entries(resourcesOf(assembly, stack)).map(([id, resource]) => [`${stack.stackName}.${isProbe(resource) ? 'Probe' : id}`, resource])));
}

/** Another one for each thing that is proved: that is how it is run anew, and nobody loses anything by it. */
const isProbe = ({ Properties }: Resources[string]): boolean => String(Properties?.Release ?? '').startsWith('eks-enforcement-probe');

let isReplacing: IsReplacing;
beforeAll(() => { isReplacing = loadResourceFacts(); }, 60_000);

const short = (types: readonly string[]) => types.map((type) => type.replace(/^AWS::/, ''));

/** What else stands on a cluster or in a VPC that is replaced or left: the page says so once for all rows. */
const ALONG: Readonly<Record<string, readonly string[]>> = {
  'EKS::Cluster': ['EKS::PodIdentityAssociation', 'Custom::AWSCDK-EKS-HelmChart'],
  'EC2::VPC': ['EC2::Instance', 'EC2::VPCEndpoint'],
};

/** What the rows do not name. */
function unnamed({ replaces, removes }: Comparison, rows: readonly Row[]): string[] {
  const named = rows.flatMap((row) => [...row.replaces ?? [], ...row.removes ?? []]);
  const along = named.flatMap((type) => ALONG[type] ?? []);
  const beyond = (types: readonly string[], verb: 'replaces' | 'removes') => short(types)
    .filter((type) => !along.includes(type) && !rows.some((row) => row[verb]?.includes(type))).map((type) => `${verb} ${type}`);
  return [...beyond(replaces, 'replaces'), ...beyond(removes, 'removes')];
}

/** The example has a VPC already, and these are about one that is made. */
const ABOUT_A_MADE_VPC = ['vpc', 'vpcCidr', 'internetAccess'];

/** Of what this example has, less goes: the page has a row of its own for it. */
const ABOUT_A_WAY_OUT = ['internetAccess'];

/** Those of the rows that start from what every example has; others have an app of their own. */
const options = (example: string) => Object.entries({ ...CLUSTER, ...NODEGROUP })
  .filter(([name, { before }]) => before === undefined && !(example === 'existing-vpc' && ABOUT_A_MADE_VPC.includes(name)) && !(example === 'isolated-cluster' && ABOUT_A_WAY_OUT.includes(name)));

/** Either of two that exclude each other. */
const EXCLUDED = ['maxUnavailablePercentage'];

test('every example is here', () => expect(Object.keys(EXAMPLES)).toEqual(listExamples()));

describe.each(Object.keys(EXAMPLES))('examples/%s', (example) => {
  let before: Resources;
  beforeAll(() => { before = synthesize(example, {}); }, 60_000);
  const effect = (change: Change, from = before) => compare(from, synthesize(example, change), isReplacing);

  test('all options at once that replace nothing', () => {
    const rows = options(example).filter(([name, { replaces, removes }]) => !replaces && !removes && !EXCLUDED.includes(name)).map(([, row]) => row);
    expect(rows.length).toBeGreaterThan(25);
    const found = effect({
      cluster: (stack) => Object.assign({}, ...rows.map(({ after }) => after.cluster?.(stack))),
      nodegroup: (stack) => Object.assign({}, ...rows.map(({ after }) => after.nodegroup?.(stack))),
    });
    // A cluster that is staged has no namespace that differs by being so.
    expect(unnamed(found, example === 'staged-rollout' ? OTHER.filter(({ change }) => change.startsWith('a staged namespace')) : [])).toEqual([]);
  }, 60_000);

  test.each(options(example).filter(([, { replaces, removes }]) => replaces ?? removes))('%s', (_, row) => {
    expect(unnamed(effect({ cluster: row.after.cluster, nodegroup: row.after.nodegroup ?? undefined }), [row])).toEqual([]);
  }, 60_000);

  test.each(OTHER.filter(({ before: from, after }) => after.zones && !from))('$change', (row) => {
    expect(unnamed(effect({ zones: row.after.zones }), [row])).toEqual([]);
  }, 60_000);

  test('a third zone in a stack with env', () => {
    const row = OTHER.find(({ change }) => change === 'a third zone in a stack with `env`')!;
    expect(unnamed(effect({ zones: row.after.zones }, synthesize(example, { zones: row.before!.zones })), [row])).toEqual([]);
  }, 60_000);

  test('a node group and a namespace more', () => {
    expect(unnamed(effect({ and: (cluster) => { cluster.addNodegroup('More'); cluster.addNamespace('more'); } }), [])).toEqual([]);
  }, 60_000);
});
