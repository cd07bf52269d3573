import { Place, Places } from './places';
import { listOf, Template, TemplateResource } from './resource';
import { at } from './view';

/** Where a type of resource says its groups and subnets. */
interface Shape {
  readonly groups: string;
  /** Of itself, or of the subnet group that `via` names. */
  readonly subnets: string;
  readonly via?: string;
  /** Whether only who is admitted has business there: nodes use the others themselves. */
  readonly store?: boolean;
}

const database = (via: string, groups = 'VpcSecurityGroupIds'): Shape => ({ groups, subnets: 'SubnetIds', via, store: true });
const NAME = 'DBSubnetGroupName';

/** What has network interfaces in subnets, and is reached there. */
const SHAPES: Readonly<Record<string, Shape>> = {
  'AWS::RDS::DBInstance': database(NAME, 'VPCSecurityGroups'),
  'AWS::RDS::DBCluster': database(NAME),
  'AWS::RDS::DBProxy': { groups: 'VpcSecurityGroupIds', subnets: 'VpcSubnetIds', store: true },
  'AWS::DocDB::DBCluster': database(NAME),
  'AWS::Neptune::DBCluster': database(NAME),
  'AWS::ElastiCache::CacheCluster': database('CacheSubnetGroupName'),
  'AWS::ElastiCache::ReplicationGroup': database('CacheSubnetGroupName', 'SecurityGroupIds'),
  'AWS::ElastiCache::ServerlessCache': { groups: 'SecurityGroupIds', subnets: 'SubnetIds', store: true },
  'AWS::EFS::MountTarget': { groups: 'SecurityGroups', subnets: 'SubnetId', store: true },
  'AWS::MSK::Cluster': { groups: 'BrokerNodeGroupInfo.SecurityGroups', subnets: 'BrokerNodeGroupInfo.ClientSubnets', store: true },
  'AWS::OpenSearchService::Domain': { groups: 'VPCOptions.SecurityGroupIds', subnets: 'VPCOptions.SubnetIds', store: true },
  'AWS::EC2::VPCEndpoint': { groups: 'SecurityGroupIds', subnets: 'SubnetIds' },
  'AWS::ElasticLoadBalancingV2::LoadBalancer': { groups: 'SecurityGroups', subnets: 'Subnets' },
  'AWS::EC2::Instance': { groups: 'SecurityGroupIds', subnets: 'SubnetId' },
};

/** Something in the app that connections arrive at. */
export interface Target {
  readonly resource: TemplateResource;
  readonly groups: readonly unknown[];
  /** Those with a range that is known. */
  readonly places: readonly Place[];
  readonly store: boolean;
}

export function targetsIn(final: Template, places: Places): Target[] {
  return Object.entries(SHAPES).flatMap(([type, { groups, subnets, via, store = false }]) => final.ofType(type).map((resource): Target => {
    // An instance of a cluster is where its cluster is.
    const home = resource.properties.DBClusterIdentifier === undefined ? resource : final.target(resource.properties.DBClusterIdentifier) ?? resource;
    const holder = via ? final.target(home.properties[via]) : resource;
    const shape = SHAPES[home.type];
    return {
      resource,
      store,
      groups: listOf(at(home.properties, shape.groups ?? groups)),
      places: places.of(holder && at(holder.properties, subnets)),
    };
  }));
}
