import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { attempt } from './attempt';
import { Place } from '../core/template/places';

/** Subnets of a VPC, where their ranges are known here: a template that does not make them says their ids alone. */
export function placesOf(vpc: ec2.IVpc, keyOf: (value: string) => string): Place[] {
  return [...vpc.publicSubnets, ...vpc.privateSubnets, ...vpc.isolatedSubnets].flatMap((subnet): Place[] => {
    const cidr = attempt(() => subnet.ipv4CidrBlock);
    return cidr === undefined || Token.isUnresolved(cidr) ? [] : [{ key: keyOf(subnet.subnetId), cidr, vpc: keyOf(vpc.vpcId) }];
  });
}
