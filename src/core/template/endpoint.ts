import { booleanOf, canonical, isUnknown, listOf, same, TemplateResource } from './resource';
import { at, finding, Finding, TemplateView, unknown } from './view';
import { planEndpoint } from '../plan/endpoint';
import { Cidr } from '../policy/policy';

const PUBLIC = 'ResourcesVpcConfig.EndpointPublicAccess';
const PRIVATE = 'ResourcesVpcConfig.EndpointPrivateAccess';
const CIDRS = 'ResourcesVpcConfig.PublicAccessCidrs';

/** Whether the API endpoint is as open as `endpointAccess` says, whoever wrote the last word. */
export function checkEndpoint({ decided }: TemplateView, cluster: TemplateResource): Finding[] {
  const intended = decided.get(cluster.path)?.properties ?? {};
  return [...checkPrivate(cluster), ...checkPublic(cluster, booleanOf(at(intended, PUBLIC)) === true, at(intended, CIDRS))];
}

function checkPrivate(cluster: TemplateResource): Finding[] {
  const value = at(cluster.properties, PRIVATE);
  if (booleanOf(value) === true) return [];
  const rule = 'nodes and pods would leave the VPC to reach the API';
  return isUnknown(value) ? [unknown(cluster, PRIVATE, value, rule)] : [finding(cluster, PRIVATE, value, { code: 'endpointPrivateOff', rule, fix: 'remove what sets it; the private endpoint is always on' })];
}

function checkPublic(cluster: TemplateResource, isIntended: boolean, intendedCidrs: unknown): Finding[] {
  const value = at(cluster.properties, PUBLIC);
  const cidrs = at(cluster.properties, CIDRS);
  // Nothing said means open: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-eks-cluster-resourcesvpcconfig.html
  const open = value === undefined ? true : booleanOf(value);
  if (open === false) return [];
  const found: Finding[] = [];
  if (open === undefined) {
    found.push(unknown(cluster, PUBLIC, value, 'endpointAccess says who may reach the API'));
  } else if (!isIntended) {
    found.push(finding(cluster, PUBLIC, value, {
      code: 'endpointOpened', rule: `${value === undefined ? 'EKS reads that as true, and ' : ''}endpointAccess makes the endpoint private`, fix: 'remove what sets it, or name the ranges in endpointAccess: ClusterEndpointAccess.publicFrom()',
    }));
  }
  return [...found, ...same(cidrs, intendedCidrs) && isIntended ? [] : checkCidrs(cluster, cidrs, isIntended)];
}

/** The list that is deployed, by the same rules as the one that was asked for. */
function checkCidrs(cluster: TemplateResource, value: unknown, isIntended: boolean): Finding[] {
  if (isUnknown(value)) return [unknown(cluster, CIDRS, value, 'it says who reaches the endpoint from the internet')];
  const publicCidrs = listOf(value).map((cidr): Cidr => typeof cidr === 'string' ? cidr : { opaque: 'a value known at deployment', token: canonical(cidr) });
  if (publicCidrs.length === 0) {
    return [finding(cluster, CIDRS, value, { code: 'endpointOpenToWorld', rule: 'EKS reads an empty list as 0.0.0.0/0', fix: 'remove what sets it, and name the ranges in endpointAccess' })];
  }
  const { diagnostics } = planEndpoint({ publicCidrs });
  const changed = isIntended ? [finding(cluster, CIDRS, value, {
    code: 'endpointCidrsChanged', rule: 'endpointAccess names other ranges, which the report and every check go by', fix: 'name these ranges in endpointAccess instead',
  })] : [];
  return [...changed, ...diagnostics.map((diagnostic) => ({ ...finding(cluster, CIDRS, value, { ...diagnostic, rule: diagnostic.message }) }))];
}
