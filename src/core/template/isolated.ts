import { isOn } from './access';
import { groupKey, rulesOf } from './group-rules';
import { booleanOf, canonical, isUnknown, listOf, possibleIn, Template, TemplateResource } from './resource';
import { routesOf } from './routes';
import { ServiceEndpointAsBuilt } from './service-endpoints';
import { authored, finding, Finding, TemplateView } from './view';
import { Diagnostic } from '../diagnostic';
import { ServiceEndpoint } from '../plan/aws-service-endpoint';
import { EndpointCaller, EndpointNeed } from '../plan/isolated';
import { placeOfChart } from '../plan/private-places';
import { CidrSet } from '../sets/cidr-set';
import { PUBLIC_ADDRESSES } from '../sets/special-ranges';

/** What a cluster without a way out has to find in the templates. */
export interface IsolatedView {
  readonly needs: readonly EndpointNeed[];
  /** Endpoints of the VPC in view. */
  readonly built: readonly ServiceEndpointAsBuilt[];
  /** Endpoints that were added to the cluster; those that somebody vouches for may be out of view. */
  readonly given: readonly ServiceEndpoint[];
  /** Ids of the groups of who calls, and how a group is known by its id. */
  readonly groups: Readonly<Record<EndpointCaller, readonly string[]>>;
  readonly groupOf: (groupId: string) => string;
  /** Registries and regions that places are told from. */
  readonly places: { readonly trusted: readonly string[]; readonly region?: string };
}

const HTTPS = 443;
const RELEASE = 'Custom::AWSCDK-EKS-HelmChart';

/** Nothing leaves the VPC, so whatever is needed is in it, and reached. */
export function checkIsolated(view: TemplateView, isolated: IsolatedView): Diagnostic[] {
  const cluster = view.final.get(view.cluster);
  return [
    ...isolated.needs.flatMap((need) => checkNeed(view, need, isolated)),
    ...view.subnets.nodes.flatMap((id) => view.final.target(id) ?? []).flatMap((subnet) => checkRoutes(view.final, subnet)),
    ...cluster ? view.final.ofType(RELEASE).filter(({ properties }) => isOn(cluster, properties.ClusterName)).flatMap((release) => checkChart(release, isolated)) : [],
  ];
}

/** Those that the library made are as they should be or reported as changed; what others made is seen here alone. */
function checkNeed({ final, decided, subnets }: TemplateView, { service, kind, callers, reasons }: EndpointNeed, { built, given, groups, groupOf }: IsolatedView): Diagnostic[] {
  const found = built.filter((each) => each.service === service && each.kind === kind);
  if (found.length === 0) {
    return given.some((each) => each.given !== undefined && each.service === service && each.kind === kind) ? [] : [{
      code: 'isolatedEndpointMissing', severity: 'error', subject: `endpoint ${service}`, message: `the VPC has no ${kind} endpoint for ${service} in the end, which is needed: ${reasons.join(', ')}`,
      fix: 'remove what takes it out',
    }];
  }
  return found.flatMap((each): Diagnostic[] => {
    const unfit = (message: string, fix: string): Diagnostic => ({ code: 'isolatedEndpointUnfit', severity: 'error', subject: each.origin, acknowledgeable: true, message: `${message}, and it is needed: ${reasons.join(', ')}`, fix });
    const unread = each.properties.PolicyDocument === undefined || decided.get(each.path) ? [] : [{
      ...unfit('its policy was made elsewhere and was not checked', 'let it admit what docs/isolated-clusters.md lists, and acknowledge it'), code: 'isolatedEndpointPolicy', severity: 'warning' as const,
    }];
    if (kind === 'gateway') {
      const tables = possibleIn(each.properties.RouteTableIds).map(canonical);
      const away = subnets.nodes.flatMap((id) => final.target(id) ?? []).filter((subnet) => tablesOf(final, subnet).every((table) => !tables.includes(table)));
      return [...unread, ...away.length === 0 ? [] : [unfit(`it is no route of ${away.map(({ path }) => authored(path)).join(', ')}`, 'add their route tables to it')]];
    }
    const { PrivateDnsEnabled, SecurityGroupIds } = each.properties;
    const keys = possibleIn(SecurityGroupIds).map(groupKey);
    const seen = keys.filter((key) => final.get(key));
    const shut = callers.filter((caller) => seen.length === keys.length && groups[caller].map(groupOf).some((source) => !seen.some((key) => admits(final, key, source))));
    return [
      ...unread,
      ...booleanOf(PrivateDnsEnabled) === true || isUnknown(PrivateDnsEnabled) ? [] : [unfit('it has no private DNS name, so that nobody who asks the usual name finds it', 'set privateDnsEnabled of it')],
      ...shut.length === 0 ? [] : [unfit(`its security group does not admit the ${shut.join(' and the ')} on TCP ${HTTPS}`, 'remove what takes the rule out')],
    ];
  });
}

function tablesOf(final: Template, subnet: TemplateResource): string[] {
  return final.ofType('AWS::EC2::SubnetRouteTableAssociation').filter(({ properties }) => final.target(properties.SubnetId)?.path === subnet.path).map(({ properties }) => canonical(properties.RouteTableId));
}

/** By group, or by any range: which addresses a range holds is judged elsewhere. */
function admits(final: Template, key: string, source: string): boolean {
  return rulesOf(final, key, 'Ingress').some((rule) => (rule.group === source || rule.group === undefined) && ['tcp', '-1'].includes(rule.protocol) && rule.from <= HTTPS && HTTPS <= rule.to);
}

function checkRoutes(final: Template, subnet: TemplateResource): Finding[] {
  return routesOf(final, subnet).flatMap((route) => {
    const { DestinationCidrBlock, DestinationIpv6CidrBlock } = route.properties;
    const destination = DestinationCidrBlock ?? DestinationIpv6CidrBlock;
    return typeof destination === 'string' && CidrSet.of(destination).overlaps(PUBLIC_ADDRESSES) ? [finding(route, 'DestinationCidrBlock', destination, {
      code: 'isolatedSubnetRouted', acknowledgeable: true, rule: 'the subnet of nodes has no way out, says InternetAccess.NONE', fix: 'remove the route, or leave InternetAccess.NONE out',
    })] : [];
  });
}

function checkChart({ path, properties }: TemplateResource, { places }: IsolatedView): Diagnostic[] {
  const { Chart, Repository, ChartAssetURL } = properties;
  if (ChartAssetURL !== undefined) return [];
  const source = [Repository ?? Chart].map((value) => typeof value === 'string' ? value : joined(value)).join('');
  const { verdict, because } = placeOfChart(source, places);
  return verdict === 'inside' ? [] : [{
    code: verdict === 'outside' ? 'isolatedChartPublic' : 'isolatedChartUnknown', severity: verdict === 'outside' ? 'error' : 'warning', subject: authored(path), acknowledgeable: true,
    message: `chart ${typeof Chart === 'string' ? Chart : canonical(Chart ?? 'without a name')} comes from ${source}: ${because}`,
    fix: 'give it as chartAsset, or copy it into an ECR registry of this region and name that as oci://',
  }];
}

/** A text with what only the deployment knows in it, as one word each. */
function joined(value: any): string {
  return listOf(value?.['Fn::Join']?.[1] ?? value).map((part) => typeof part === 'string' ? part : '<known at deployment>').join('');
}
