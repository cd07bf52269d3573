import { mkdtempSync, readFileSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { COLLECTOR, NEEDS } from './needs';
import { Resource, Resources, walk } from './walk';
import { synthesizeExample } from '../tasks/examples';

const ALL = [...NEEDS, ...COLLECTOR];
const folder = mkdtempSync(join(tmpdir(), 'isolated-'));
const templateOf = (internet: string): Resources => JSON.parse(readFileSync(join(synthesizeExample('isolated-cluster', {
  outdir: join(folder, internet), context: { internet }, env: { CDK_VALIDATION: 'false' },
}), 'IsolatedCluster.template.json'), 'utf8')).Resources;
let resources: Resources = {};
let withNat: Resources = {};
beforeAll(() => {
  resources = templateOf('none');
  withNat = templateOf('nat');
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A change of one resource; the name of what it is about. */
interface Mutant {
  readonly what: string;
  readonly names: RegExp;
  readonly resources: Resources;
}

const without = (id: string): Resources => Object.fromEntries(Object.entries(resources).filter(([each]) => each !== id));
const changed = (id: string, properties: object): Resources => ({ ...resources, [id]: { ...resources[id], Properties: { ...resources[id].Properties, ...properties } } });
const of = (type: string) => Object.entries(resources).filter(([, { Type }]) => Type === type) as [string, Resource][];
const statementsOf = ({ Properties }: Resource): any[] => Properties.PolicyDocument?.Statement ?? [];

test('everything that the cluster needs is reached, and nothing leads to the internet', () => {
  expect(walk(resources, ALL)).toEqual([]);
});

test('every line of the needs has a source', () => {
  for (const { source } of ALL) expect(source).toMatch(/^https:\/\/(docs\.aws\.amazon\.com|github\.com\/(aws|kubernetes-sigs)|vector\.dev)\//);
});

/** Endpoints: gone, without the private name, standing nowhere, in another VPC. */
function* endpoints(): Generator<Mutant> {
  for (const [id, { Properties }] of of('AWS::EC2::VPCEndpoint')) {
    const service = JSON.stringify(Properties.ServiceName).match(/\.([a-z0-9.-]+)"\]\]\}$/)![1];
    yield { what: `${id} gone`, names: new RegExp(`to ${service.replace('.', '\\.')}: (no .* endpoint|.*${id})`), resources: without(id) };
    if (Properties.VpcEndpointType === 'Gateway') continue;
    yield { what: `${id} without private name`, names: new RegExp(`${id} has no private name`), resources: changed(id, { PrivateDnsEnabled: false }) };
    yield { what: `${id} nowhere`, names: new RegExp(`${id} stands nowhere`), resources: changed(id, { SubnetIds: [] }) };
    yield { what: `${id} without groups`, names: new RegExp(`${id} does not admit`), resources: changed(id, { SecurityGroupIds: [] }) };
  }
}

/** Rules that let in: gone, for another port, for another source, as a UDP rule. */
function* rules(): Generator<Mutant> {
  const groups = new Set(of('AWS::EC2::VPCEndpoint').flatMap(([, { Properties }]) => (Properties.SecurityGroupIds ?? []).map((each: any) => each['Fn::GetAtt'][0])));
  for (const [id, { Properties }] of of('AWS::EC2::SecurityGroupIngress').filter(([, each]) => groups.has(each.Properties.GroupId['Fn::GetAtt']?.[0]))) {
    const [source, attribute] = Properties.SourceSecurityGroupId['Fn::GetAtt'];
    const names = new RegExp(`does not admit ${source}${attribute === 'ClusterSecurityGroupId' ? `.${attribute}` : ''}`);
    yield { what: `${id} gone`, names, resources: without(id) };
    yield { what: `${id} for 80`, names, resources: changed(id, { FromPort: 80, ToPort: 80 }) };
    yield { what: `${id} for udp`, names, resources: changed(id, { IpProtocol: 'udp' }) };
    yield { what: `${id} for others`, names, resources: changed(id, { SourceSecurityGroupId: 'sg-other' }) };
  }
}

/** Rules that let out, of each group that asks. */
function* egress(): Generator<Mutant> {
  for (const [id, { Properties }] of of('AWS::EC2::SecurityGroup').filter(([each]) => /NodeSecurityGroup|BastionsOperators/.test(each))) {
    const names = new RegExp(`${id} lets nothing out`);
    yield { what: `${id} lets nothing out`, names, resources: changed(id, { SecurityGroupEgress: [] }) };
    yield { what: `${id} lets out port 80`, names, resources: changed(id, { SecurityGroupEgress: Properties.SecurityGroupEgress.map((rule: object) => ({ ...rule, IpProtocol: 'tcp', FromPort: 80, ToPort: 80 })) }) };
    yield { what: `${id} lets out elsewhere`, names, resources: changed(id, { SecurityGroupEgress: Properties.SecurityGroupEgress.map((rule: object) => ({ ...rule, CidrIp: '192.0.2.0/24' })) }) };
  }
}

/** Routes: each table of the gateway, each association of a subnet that asks, and the DNS of the VPC. */
function* routes(): Generator<Mutant> {
  for (const [id, { Properties }] of of('AWS::EC2::VPCEndpoint').filter(([, each]) => each.Properties.VpcEndpointType === 'Gateway')) {
    for (const table of Properties.RouteTableIds) {
      yield { what: `${id} without ${table.Ref}`, names: new RegExp(`has no route to ${id}`), resources: changed(id, { RouteTableIds: Properties.RouteTableIds.filter((each: object) => each !== table) }) };
    }
  }
  for (const [id, { Properties }] of of('AWS::EC2::SubnetRouteTableAssociation').filter(([each]) => each.includes('nodeSubnet'))) {
    yield { what: `${id} gone`, names: new RegExp(`${Properties.SubnetId.Ref} has no route`), resources: without(id) };
  }
  const [[vpc]] = of('AWS::EC2::VPC');
  for (const property of ['EnableDnsSupport', 'EnableDnsHostnames']) yield { what: `${vpc} without ${property}`, names: new RegExp(`${vpc} answers no private names`), resources: changed(vpc, { [property]: false }) };
}

/** Statements: gone, for another action, for another resource, under a condition, for one principal; and a denial beside them. */
function* policies(): Generator<Mutant> {
  for (const [id, resource] of of('AWS::EC2::VPCEndpoint')) {
    const statements = statementsOf(resource);
    const withStatements = (Statement: object[]) => changed(id, { PolicyDocument: { ...resource.Properties.PolicyDocument, Statement } });
    for (const [index, statement] of statements.entries()) {
      const what = `${id} statement ${index}`;
      const names = new RegExp(`the policy of ${id} does not allow ${statement.Sid === undefined ? '' : [statement.Action].flat()[0]}`);
      const replaced = (change: object) => withStatements(statements.map((each, at) => at === index ? { ...each, ...change } : each));
      yield { what: `${what} gone`, names, resources: withStatements(statements.filter((_, at) => at !== index)) };
      yield { what: `${what} for another action`, names, resources: replaced({ Action: 's3:GetBucketAcl' }) };
      if (statement.Sid !== undefined) yield { what: `${what} for another bucket`, names, resources: replaced({ Resource: 'arn:aws:s3:::other/*' }) };
      yield { what: `${what} under a condition`, names, resources: replaced({ Condition: { StringEquals: { 'aws:PrincipalAccount': '1' } } }) };
      yield { what: `${what} for one principal`, names, resources: replaced({ Principal: { AWS: 'arn:aws:iam::111122223333:role/other' } }) };
      yield { what: `${what} denied`, names, resources: withStatements([...statements, { ...statement, Effect: 'Deny' }]) };
    }
  }
}

/** Network ACLs that stop connections or answers, at each side. */
function* lists(): Generator<Mutant> {
  for (const [id] of of('AWS::EC2::Subnet').filter(([each]) => /nodeSubnet|endpointSubnet/.test(each))) {
    const acl = (...entries: object[]): Resources => ({
      ...resources,
      Acl: { Type: 'AWS::EC2::NetworkAcl', Properties: {} },
      Association: { Type: 'AWS::EC2::SubnetNetworkAclAssociation', Properties: { SubnetId: { Ref: id }, NetworkAclId: { Ref: 'Acl' } } },
      ...Object.fromEntries(entries.map((entry, index) => [`Entry${index}`, { Type: 'AWS::EC2::NetworkAclEntry', Properties: { NetworkAclId: { Ref: 'Acl' }, RuleNumber: index, ...entry } }])),
    });
    const all = (Egress: boolean) => ({ Egress, Protocol: -1, RuleAction: 'allow' });
    const names = new RegExp(`Acl stops it at ${id}`);
    yield { what: `an empty ACL at ${id}`, names, resources: acl() };
    yield { what: `an ACL without ingress at ${id}`, names, resources: acl(all(true)) };
    yield { what: `an ACL without egress at ${id}`, names, resources: acl(all(false)) };
    yield { what: `an ACL that denies answers at ${id}`, names, resources: acl({ Egress: id.includes('endpoint'), Protocol: 6, PortRange: { From: 1024, To: 65535 }, RuleAction: 'deny' }, all(true), all(false)) };
  }
}

/** What nothing refers to by a property, dropped from every DependsOn: rules, associations, and endpoints. */
function* dependencies(): Generator<Mutant> {
  const late = [...of('AWS::EC2::VPCEndpoint'), ...of('AWS::EC2::SecurityGroupIngress').filter(([id]) => /Endpoints/.test(id)), ...of('AWS::EC2::SubnetRouteTableAssociation').filter(([id]) => id.includes('nodeSubnet'))];
  for (const [id] of late) {
    const dropped = Object.fromEntries(Object.entries(resources).map(([each, resource]) => [each, { ...resource, DependsOn: [resource.DependsOn ?? []].flat().filter((other) => other !== id) }]));
    yield { what: `nobody waits for ${id}`, names: new RegExp(`does not wait for ${id}`), resources: dropped };
  }
  // One custom resource alone, each.
  for (const [id, resource] of Object.entries(resources).filter(([, { Type }]) => Type.startsWith('Custom::AWSCDK-EKS'))) {
    yield { what: `${id} waits for nothing`, names: new RegExp(`${id} does not wait for`), resources: { ...resources, [id]: { ...resource, DependsOn: [] } } };
  }
}

/** Ways out that somebody adds. */
function* waysOut(): Generator<Mutant> {
  const add = (Type: string, Properties: object = {}): Resources => ({ ...resources, Added: { Type, Properties } });
  for (const type of ['InternetGateway', 'NatGateway', 'EIP', 'EgressOnlyInternetGateway']) yield { what: type, names: /Added leads to the internet/, resources: add(`AWS::EC2::${type}`) };
  yield { what: 'a route', names: /Added is a route to the internet/, resources: add('AWS::EC2::Route', { DestinationCidrBlock: '0.0.0.0/0', TransitGatewayId: 'tgw-1' }) };
  const [[subnet]] = of('AWS::EC2::Subnet');
  yield { what: 'public addresses', names: new RegExp(`${subnet} gives public addresses`), resources: changed(subnet, { MapPublicIpOnLaunch: true }) };
  const [[instance]] = of('AWS::EC2::Instance');
  yield { what: 'a public address', names: new RegExp(`${instance} has a public address`), resources: changed(instance, { NetworkInterfaces: [{ AssociatePublicIpAddress: true, GroupSet: [], DeviceIndex: '0' }] }) };
}

describe('whatever is deleted or narrowed is named', () => {
  test.each([
    ['endpoints', endpoints, 40], ['rules that let in', rules, 60], ['rules that let out', egress, 6], ['routes and names', routes, 6], ['statements of policies', policies, 35], ['network ACLs', lists, 16],
    ['dependencies', dependencies, 40], ['ways out', waysOut, 7],
  ])('%s', (_, mutants, least) => {
    const all = [...mutants()];
    expect(all.length).toBeGreaterThanOrEqual(least);
    const unnamed = all.flatMap(({ what, names, resources: mutant }) => {
      const said = walk(mutant, ALL);
      return said.some((each) => names.test(each)) ? [] : [{ what, said }];
    });
    expect(unnamed).toEqual([]);
  });
});

test('with NAT the same app differs where it must, and nowhere else', () => {
  const ids = (all: Resources, other: Resources) => Object.keys(all).filter((id) => !(id in other)).map((id) => all[id].Type.replace(/^AWS::/, ''));
  const counted = (types: string[]) => Object.fromEntries([...new Set(types)].sort().map((type) => [type, types.filter((each) => each === type).length]));
  // Computed endpoints with their groups and rules on one side, gateways and public subnets on the other.
  expect(counted(ids(resources, withNat))).toEqual({ 'EC2::SecurityGroup': 10, 'EC2::SecurityGroupIngress': 12, 'EC2::VPCEndpoint': 10 });
  expect(counted(ids(withNat, resources))).toEqual({
    'EC2::EIP': 2, 'EC2::InternetGateway': 1, 'EC2::NatGateway': 2, 'EC2::Route': 4, 'EC2::RouteTable': 2, 'EC2::SecurityGroupIngress': 1, 'EC2::Subnet': 2, 'EC2::SubnetRouteTableAssociation': 2, 'EC2::VPCGatewayAttachment': 1,
  });
  const differ = Object.keys(resources).filter((id) => id in withNat).flatMap((id) => {
    const [one, other] = [resources[id].Properties ?? {}, withNat[id].Properties ?? {}];
    return [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((name) => JSON.stringify(one[name]) !== JSON.stringify(other[name])).map((name) => `${resources[id].Type.replace(/^AWS::/, '')}.${name}`);
  });
  expect(counted(differ)).toEqual({
    // The tag by which CDK tells kinds of subnets; the policy that narrows S3; the bastion's way to public services.
    'EC2::Subnet.Tags': 2, 'EC2::VPCEndpoint.PolicyDocument': 1, 'EC2::SecurityGroup.SecurityGroupEgress': 1,
  });
});
