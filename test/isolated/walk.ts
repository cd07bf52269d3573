import { Need } from './needs';

export interface Resource {
  readonly Type: string;
  readonly Properties?: any;
  readonly DependsOn?: string | string[];
  readonly [other: string]: unknown;
}

export type Resources = Record<string, Resource>;

const ANYWHERE = '0.0.0.0/0';

/** Follows each need through a template, from who asks to who answers, and says what is missing and where. An empty list: everything is reached. */
export function walk(resources: Resources, needs: readonly Need[]): string[] {
  const template = new Walk(resources);
  return [...new Set([...needs.flatMap((need) => template.follow(need).map((problem) => `${need.component} (${need.caller}) to ${need.service}: ${problem}`)), ...template.ways()])];
}

class Walk {
  private readonly upstream = new Map<string, Set<string>>();

  public constructor(private readonly all: Resources) {}

  /** Ways to the internet, of which there is to be none. */
  public ways(): string[] {
    return Object.entries(this.all).flatMap(([id, { Type, Properties: p = {} }]) => [
      ...['AWS::EC2::InternetGateway', 'AWS::EC2::NatGateway', 'AWS::EC2::EIP', 'AWS::EC2::EgressOnlyInternetGateway', 'AWS::EC2::VPCGatewayAttachment', 'AWS::EC2::EIPAssociation'].includes(Type) ? [`${id} leads to the internet`] : [],
      ...Type === 'AWS::EC2::Route' && [ANYWHERE, '::/0'].includes(p.DestinationCidrBlock ?? p.DestinationIpv6CidrBlock) ? [`${id} is a route to the internet`] : [],
      ...Type === 'AWS::EC2::Subnet' && p.MapPublicIpOnLaunch === true ? [`${id} gives public addresses`] : [],
      ...JSON.stringify(p).includes('"AssociatePublicIpAddress":true') ? [`${id} has a public address`] : [],
    ]);
  }

  public follow(need: Need): string[] {
    const { subnets, groups, waiting } = this.callers(need);
    if (subnets.length === 0 || waiting.length === 0) return ['nobody asks'];
    const found = this.endpoints(need.service);
    const gateways = found.filter(([, { Properties }]) => Properties.VpcEndpointType === 'Gateway');
    const interfaces = found.filter(([, { Properties }]) => Properties.VpcEndpointType === 'Interface');
    const asked = need.by === 'gateway' ? gateways : interfaces;
    if (asked.length === 0) return [`no ${need.by ?? 'interface'} endpoint`];
    // An interface endpoint with the private name answers before the route is asked.
    const answering = need.by === 'gateway' ? interfaces.filter(([, { Properties }]) => Properties.PrivateDnsEnabled === true) : [];
    return [
      ...asked.flatMap(([id]) => need.by === 'gateway' ? this.byRoute(id, need, subnets, groups) : this.byName(id, need, subnets, groups)),
      ...answering.flatMap(([id]) => this.byName(id, need, subnets, groups)),
      ...this.order(waiting, [...asked, ...answering].map(([id]) => id), subnets, groups),
    ];
  }

  /** Where who asks stands, the groups of its interface, and what has to wait. */
  private callers({ caller }: Need): { subnets: string[]; groups: string[]; waiting: string[] } {
    const custom = this.ids(/^Custom::AWSCDK-EKS/);
    if (caller === 'functions') {
      const functions = [...new Set(custom.map((id) => refOf(this.all[id].Properties.ServiceToken)!))];
      const config = functions.map((id) => this.all[id].Properties.VpcConfig);
      return { subnets: refs(config.flatMap(({ SubnetIds }) => SubnetIds)), groups: refs(config.flatMap(({ SecurityGroupIds }) => SecurityGroupIds)), waiting: custom };
    }
    if (caller === 'bastion') {
      const bastions = this.ids(/^AWS::EC2::Instance$/).map((id) => this.all[id].Properties).map(({ NetworkInterfaces, ...own }) => ({ ...own, ...NetworkInterfaces?.[0] }));
      return { subnets: refs(bastions.map(({ SubnetId }) => SubnetId)), groups: refs(bastions.flatMap(({ SecurityGroupIds, GroupSet }) => SecurityGroupIds ?? GroupSet)), waiting: custom };
    }
    const nodegroups = this.ids(/^AWS::EKS::Nodegroup$/);
    const templates = nodegroups.map((id) => this.all[refOf(this.all[id].Properties.LaunchTemplate.Id)!].Properties.LaunchTemplateData);
    return { subnets: refs(nodegroups.flatMap((id) => this.all[id].Properties.Subnets)), groups: refs(templates.flatMap(({ SecurityGroupIds }) => SecurityGroupIds)), waiting: nodegroups };
  }

  private byName(id: string, need: Need, subnets: readonly string[], groups: readonly string[]): string[] {
    const { PrivateDnsEnabled, SubnetIds, SecurityGroupIds, VpcId } = this.all[id].Properties;
    const vpc = refOf(VpcId)!;
    const { EnableDnsSupport, EnableDnsHostnames, CidrBlock } = this.all[vpc]?.Properties ?? {};
    const places = refs(SubnetIds ?? []);
    const own = refs(SecurityGroupIds ?? []);
    return [
      ...PrivateDnsEnabled === true ? [] : [`${id} has no private name`],
      ...EnableDnsSupport === true && EnableDnsHostnames === true ? [] : [`${vpc} answers no private names`],
      ...places.length > 0 ? [] : [`${id} stands nowhere`],
      ...[...places, ...subnets].filter((subnet) => refOf(this.all[subnet]?.Properties.VpcId) !== vpc).map((subnet) => `${subnet} is in another VPC than ${id}`),
      ...groups.flatMap((group) => [
        ...own.some((each) => this.rules(each, 'Ingress').some((rule) => lets(rule, 443) && sourceOf(rule) === group)) ? [] : [`${id} does not admit ${group}`],
        ...this.letsOut(group, [CidrBlock, ANYWHERE, `${vpc}.CidrBlock`, ...own]) ? [] : [`${group} lets nothing out to ${id}`],
      ]),
      ...this.lists([...subnets.map((each) => [each, true] as const), ...places.map((each) => [each, false] as const)]),
      ...this.policy(id, need),
    ];
  }

  private byRoute(id: string, need: Need, subnets: readonly string[], groups: readonly string[]): string[] {
    const tables = refs(this.all[id].Properties.RouteTableIds ?? []);
    return [
      ...subnets.filter((subnet) => !this.associations(subnet).some((each) => tables.includes(refOf(this.all[each].Properties.RouteTableId)!))).map((subnet) => `${subnet} has no route to ${id}`),
      ...groups.filter((group) => !this.letsOut(group, [ANYWHERE])).map((group) => `${group} lets nothing out to ${id}`),
      ...this.lists(subnets.map((each) => [each, true] as const)),
      ...this.policy(id, need),
    ];
  }

  /** What waits, on the way up, has to wait for all of it; on the way down CloudFormation turns the same order round. */
  private order(waiting: readonly string[], endpoints: readonly string[], subnets: readonly string[], groups: readonly string[]): string[] {
    const needed = [
      ...endpoints,
      ...subnets.flatMap((subnet) => [subnet, ...this.associations(subnet)]),
      ...endpoints.flatMap((id) => refs(this.all[id].Properties.SecurityGroupIds ?? [])).flatMap((group) => [group, ...this.ruleIds(group, groups)]),
    ];
    return waiting.flatMap((later) => {
      const before = this.before(later);
      return needed.filter((id) => !before.has(id)).map((id) => `${later} does not wait for ${id}`);
    });
  }

  private policy(id: string, { action, bucket, service }: Need): string[] {
    const { PolicyDocument } = this.all[id].Properties;
    if (PolicyDocument === undefined || action === undefined) return [];
    const matches = ({ Action, Resource, Condition, Principal }: any) => Condition === undefined && (Principal === '*' || Principal?.AWS === '*')
      && [Action].flat().some((each) => each === action || each === '*' || each === `${service}:*`)
      && [Resource].flat().some((each) => bucket === undefined || textOf(each) === '*' || textOf(each) === (bucket === 'EVENTS' ? 'EVENTS/*' : `arn:PARTITION:s3:::${bucket}/*`));
    const statements = [PolicyDocument.Statement].flat();
    const allowed = statements.some((each) => each.Effect === 'Allow' && matches(each)) && !statements.some((each) => each.Effect === 'Deny' && matches(each));
    return allowed ? [] : [`the policy of ${id} does not allow ${action}${bucket === undefined ? '' : ` on ${bucket}`}`];
  }

  /** Network ACLs: none, or those that pass connections and answers. Without an association, the one of the VPC passes everything. */
  private lists(subnets: readonly (readonly [subnet: string, leaving: boolean])[]): string[] {
    return subnets.flatMap(([subnet, leaving]) => this.ids(/^AWS::EC2::SubnetNetworkAclAssociation$/).filter((id) => refOf(this.all[id].Properties.SubnetId) === subnet).flatMap((id) => {
      const acl = refOf(this.all[id].Properties.NetworkAclId);
      const entries = this.ids(/^AWS::EC2::NetworkAclEntry$/).map((each) => this.all[each].Properties).filter(({ NetworkAclId }) => refOf(NetworkAclId) === acl).sort((a, b) => a.RuleNumber - b.RuleNumber);
      const passes = (egress: boolean, port: number) => entries.find(({ Egress = false, Protocol, PortRange }) => Egress === egress
        && (Protocol === -1 || Protocol === 6 && PortRange.From <= port && port <= PortRange.To))?.RuleAction === 'allow';
      return passes(leaving, 443) && passes(!leaving, 40000) ? [] : [`${acl} stops it at ${subnet}`];
    }));
  }

  private letsOut(group: string, to: readonly unknown[]): boolean {
    // The group that EKS makes lets everything out. https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html
    if (!(group in this.all)) return true;
    return this.rules(group, 'Egress').some((rule) => lets(rule, 443) && (to.includes(rule.CidrIp) || to.includes(targetOf(rule.CidrIp)) || to.includes(refOf(rule.DestinationSecurityGroupId))));
  }

  private rules(group: string, direction: 'Ingress' | 'Egress'): any[] {
    const inline = this.all[group]?.Properties[`SecurityGroup${direction}`] ?? [];
    return [...inline, ...this.ids(new RegExp(`^AWS::EC2::SecurityGroup${direction}$`)).map((id) => this.all[id].Properties).filter(({ GroupId }) => refOf(GroupId) === group)];
  }

  private ruleIds(group: string, sources: readonly string[]): string[] {
    return this.ids(/^AWS::EC2::SecurityGroupIngress$/).filter((id) => refOf(this.all[id].Properties.GroupId) === group && sources.includes(sourceOf(this.all[id].Properties)!));
  }

  private associations(subnet: string): string[] {
    return this.ids(/^AWS::EC2::SubnetRouteTableAssociation$/).filter((id) => refOf(this.all[id].Properties.SubnetId) === subnet);
  }

  private endpoints(service: string): [string, Resource][] {
    return Object.entries(this.all).filter(([, { Type, Properties }]) => Type === 'AWS::EC2::VPCEndpoint' && new RegExp(`REGION\\.${service.replace('.', '\\.')}$`).test(textOf(Properties.ServiceName)));
  }

  private before(start: string): Set<string> {
    const known = this.upstream.get(start);
    if (known) return known;
    const found = new Set<string>();
    this.upstream.set(start, found);
    const queue = [start];
    for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
      const { DependsOn = [], Properties } = this.all[id];
      for (const next of [...[DependsOn].flat(), ...mentioned(Properties)]) {
        if (!(next in this.all) || found.has(next)) continue;
        found.add(next);
        queue.push(next);
      }
    }
    return found;
  }

  private ids(type: RegExp): string[] {
    return Object.keys(this.all).filter((id) => type.test(this.all[id].Type));
  }
}

/** `Group`, `Cluster.ClusterSecurityGroupId`: a group is known by the resource that makes it, or by the attribute. */
function refOf(value: any): string | undefined {
  if (typeof value?.Ref === 'string') return value.Ref;
  const [id, attribute] = value?.['Fn::GetAtt'] ?? [];
  return id === undefined ? undefined : attribute === 'ClusterSecurityGroupId' ? `${id}.${attribute}` : id;
}

function targetOf(value: any): string | undefined {
  return value?.['Fn::GetAtt']?.join('.');
}

function refs(values: readonly any[]): string[] {
  return [...new Set(values.flatMap((value) => refOf(value) ?? []))];
}

function mentioned(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => key === 'Ref' && typeof inner === 'string' ? [inner] : key === 'Fn::GetAtt' && Array.isArray(inner) ? [inner[0]] : mentioned(inner));
}

function lets({ IpProtocol, FromPort, ToPort }: any, port: number): boolean {
  return String(IpProtocol) === '-1' || IpProtocol === 'tcp' && FromPort <= port && port <= ToPort;
}

function sourceOf({ SourceSecurityGroupId }: any): string | undefined {
  return refOf(SourceSecurityGroupId);
}

/** In the words of the needs. */
function textOf(value: any): string {
  if (typeof value === 'string') return value;
  if (typeof value?.Ref === 'string') return { 'AWS::Region': 'REGION', 'AWS::AccountId': 'ACCOUNT', 'AWS::Partition': 'PARTITION' }[value.Ref as string] ?? value.Ref;
  if (value?.['Fn::GetAtt']) return /^Events/.test(value['Fn::GetAtt'][0]) ? 'EVENTS' : value['Fn::GetAtt'].join('.');
  if (value?.['Fn::Split']) return 'REGIONWORD';
  const parts = value?.['Fn::Join']?.[1];
  return Array.isArray(parts) ? parts.map(textOf).join('') : textOf(parts ?? '');
}
