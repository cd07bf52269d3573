import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';

/** Offices and build machines, behind the transit gateway. */
export const TRANSIT_NETWORK = '10.90.0.0/16';

const ZONES = ['eu-west-1a', 'eu-west-1b'];

/** What the network team tells about its VPC: put your ids and ranges in place of these. 10.20.0.0/16 is routed, 100.64.0.0/16 is for pods. */
const SUBNETS: Record<string, Record<string, string>> = {
  'nodes': { 'subnet-0a1b2c3d4e5f60001': '10.20.0.0/24', 'subnet-0a1b2c3d4e5f60002': '10.20.1.0/24' },
  'control-plane': { 'subnet-0a1b2c3d4e5f60003': '10.20.8.0/28', 'subnet-0a1b2c3d4e5f60004': '10.20.8.16/28' },
  'load-balancers': { 'subnet-0a1b2c3d4e5f60005': '10.20.9.0/26', 'subnet-0a1b2c3d4e5f60006': '10.20.9.64/26' },
  'database': { 'subnet-0a1b2c3d4e5f60007': '10.20.10.0/27', 'subnet-0a1b2c3d4e5f60008': '10.20.10.32/27' },
  'pods': { 'subnet-0a1b2c3d4e5f60009': '100.64.0.0/17', 'subnet-0a1b2c3d4e5f6000a': '100.64.128.0/17' },
};

/** The VPC by what is known of it. There is no NAT gateway: the one route table leads everything else to the transit gateway. */
export function importNetwork(scope: Construct): ec2.IVpc {
  const subnets = Object.values(SUBNETS).flatMap((tier) => Object.entries(tier));
  return ec2.Vpc.fromVpcAttributes(scope, 'Network', {
    vpcId: 'vpc-0a1b2c3d4e5f60718',
    vpcCidrBlock: '10.20.0.0/16',
    availabilityZones: ZONES,
    isolatedSubnetNames: Object.keys(SUBNETS),
    isolatedSubnetIds: subnets.map(([id]) => id),
    isolatedSubnetIpv4CidrBlocks: subnets.map(([, cidr]) => cidr),
    isolatedSubnetRouteTableIds: subnets.map(() => 'rtb-0a1b2c3d4e5f60718'),
  });
}
