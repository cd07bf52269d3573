import { readFileSync, writeFileSync } from 'fs';
import { join } from 'path';
import { App, Stack } from 'aws-cdk-lib';
import { compare, Comparison, DEPLOYMENT, Resources } from './compare';
import { IsReplacing, loadResourceFacts } from './resource-facts';
import { CLUSTER, NODEGROUP, OTHER, Row, SmallApp } from './table';
import { clusterIn, resourcesOf } from '../fixture';

const ROOT = join(__dirname, '..', '..');
const PAGE = join(ROOT, 'docs', 'what-a-change-replaces.md');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const short = (type: string) => type.replace(/^AWS::/, '');

let isReplacing: IsReplacing;
beforeAll(() => { isReplacing = loadResourceFacts(); }, 60_000);

function synthesize({ cluster: props, nodegroup, zones, and }: SmallApp): Resources {
  const { account, region } = DEPLOYMENT;
  const app = new App({ context: zones && { [`availability-zones:account=${account}:region=${region}`]: zones } });
  const stack = new Stack(app, 'Platform', zones && { env: { account, region } });
  const cluster = clusterIn(stack, { cluster: props?.(stack), nodes: false });
  if (nodegroup !== null) cluster.addNodegroup('Workers', nodegroup?.(stack));
  and?.(cluster);
  return resourcesOf(app.synth(), stack);
}

function effectOf({ before = {}, after }: Row): Comparison {
  return compare(synthesize(before), synthesize(after), isReplacing);
}

const rows = [...Object.values(CLUSTER), ...Object.values(NODEGROUP), ...OTHER];

test.each(rows.map((row) => [row.change, row] as const))('%s', (_, row) => {
  const { replaces, removes } = effectOf(row);
  expect({ replaces: replaces.map(short), removes: removes.map(short) }).toEqual({ replaces: row.replaces ?? [], removes: row.removes ?? [] });
});

describe('the table', () => {
  const sections: (readonly [string, readonly Row[]])[] = [
    ['the cluster', Object.values(CLUSTER)], ['a node group', Object.values(NODEGROUP)], ['the rest', OTHER],
  ];
  const cell = (types: readonly string[] = []) => types.length === 0 ? '-' : types.map((type) => `\`${type}\``).join(', ');
  const render = (name: string, section: readonly Row[]) => [
    `| ${name} | replaces | removes | |`, '|---|---|---|---|',
    ...section.map(({ change, replaces, removes, note = '' }) => `| ${change.includes(' ') ? change : `\`${change}\``} | ${cell(replaces)} | ${cell(removes)} | ${note} |`),
  ].join('\n');

  test('is what the page shows', () => {
    const page = readFileSync(PAGE, 'utf8');
    const tables = [...page.matchAll(/^\|[^]*?(?=\n\n|\n$)/gm)].map(([table]) => table);
    const expected = sections.map(([name, section]) => render(name, section));
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(PAGE, tables.reduce((text, table, index) => text.replace(table, () => expected[index]), page));
    else expect(tables).toEqual(expected);
  });

  test.each([['SecureEksClusterProps', 'src/secure-eks-cluster-props.ts', CLUSTER], ['NodegroupOptions', 'src/nodegroup.ts', NODEGROUP]] as const)('knows each member of %s, whose text says what it replaces', (name, file, table) => {
    const [, body] = new RegExp(`export interface ${name} \\{([^]*?)\n\\}`).exec(read(file))!;
    const members = [...body.matchAll(/\/\*\*([^]*?)\*\/\s*readonly (\w+)\??:/g)].map(([, text, member]) => ({ text, member }));
    expect(members.map(({ member }) => member)).toEqual(Object.keys(table));
    for (const { text, member } of members) {
      const { replaces = [], removes = [] } = table[member];
      const loses = [...replaces, ...removes].some((type) => ['EKS::Cluster', 'EC2::VPC', 'EKS::Nodegroup'].includes(type));
      expect([member, /replaces/.test(text)]).toEqual([member, loses]);
    }
  });
});

describe('the comparison', () => {
  const subnet = (CidrBlock: string) => ({ Type: 'AWS::EC2::Subnet', Properties: { CidrBlock } });
  const group = { Type: 'AWS::EKS::Nodegroup', Properties: { Subnets: [{ Ref: 'Subnet' }] } };
  const entry = { Type: 'AWS::EKS::AccessEntry', Properties: { ClusterName: 'a' } };

  test('sees a property that replaces, and what follows from it', () => {
    expect(compare({ Subnet: subnet('10.0.0.0/24'), Group: group, Entry: entry }, { Subnet: subnet('10.0.1.0/24'), Group: group, Entry: entry }, isReplacing))
      .toEqual({ replaces: ['AWS::EC2::Subnet', 'AWS::EKS::Nodegroup'], removes: [] });
  });

  test('sees it inside a property that does not', () => {
    const cluster = (BootstrapClusterCreatorAdminPermissions: boolean) => ({ C: { Type: 'AWS::EKS::Cluster', Properties: { AccessConfig: { BootstrapClusterCreatorAdminPermissions } } } });
    expect(compare(cluster(false), cluster(true), isReplacing).replaces).toEqual(['AWS::EKS::Cluster']);
  });

  test('takes for the same what the deployment makes the same', () => {
    const inZone = (AvailabilityZone: unknown) => ({ A: { Type: 'AWS::EC2::Subnet', Properties: { AvailabilityZone } } });
    const second = { 'Fn::Select': [1, { 'Fn::GetAZs': '' }] };
    expect(compare(inZone(second), inZone('eu-west-1b'), isReplacing).replaces).toEqual([]);
    expect(compare(inZone(second), inZone('eu-west-1a'), isReplacing).replaces).toEqual(['AWS::EC2::Subnet']);
    const layer = (S3Bucket: unknown) => ({ L: { Type: 'AWS::Lambda::LayerVersion', Properties: { Content: { S3Bucket } } } });
    expect(compare(layer({ 'Fn::Sub': 'assets-${AWS::AccountId}' }), layer('assets-111122223333'), isReplacing).replaces).toEqual([]);
    expect(compare(layer({ 'Fn::Sub': 'assets-${AWS::AccountId}' }), layer('assets-2'), isReplacing).replaces).toEqual(['AWS::Lambda::LayerVersion']);
    expect(compare(layer({ 'Fn::Join': ['-', ['assets', { Ref: 'AWS::Region' }]] }), layer('assets-eu-west-1'), isReplacing).replaces).toEqual([]);
  });

  test('sees another type, another logical id, and nothing else', () => {
    expect(compare({ A: subnet('a') }, { A: entry }, isReplacing).replaces).toEqual(['AWS::EC2::Subnet']);
    expect(compare({ A: subnet('a') }, { B: subnet('a') }, isReplacing)).toEqual({ replaces: [], removes: ['AWS::EC2::Subnet'] });
    const named = (value: string) => ({ A: { Type: 'AWS::EC2::Subnet', Properties: { CidrBlock: 'a', Tags: [{ Key: 'Name', Value: value }] } } });
    expect(compare(named('a'), named('b'), isReplacing)).toEqual({ replaces: [], removes: [] });
  });
});
