import { attempt } from './attempt';
import { ClusterVpc } from './vpc';
import { Cidr } from '../core/policy/policy';

/** Where load balancers stand, by id: tokens of a VPC that is made. */
export function loadBalancerSubnets({ vpc, loadBalancers }: ClusterVpc, planned: readonly Cidr[]): { internalSubnets: string[]; publicSubnets: string[]; publicRanges: string[] } {
  const isPublic = (id: string) => vpc.publicSubnets.some(({ subnetId }) => subnetId === id);
  const ranges = vpc.publicSubnets.map((subnet) => attempt(() => subnet.ipv4CidrBlock));
  const known = ranges.filter((range) => range !== undefined);
  return {
    // A given VPC may have nothing else; an internal load balancer does not belong there all the same.
    internalSubnets: loadBalancers.map(({ subnetId }) => subnetId).filter((id) => !isPublic(id)),
    publicSubnets: vpc.publicSubnets.map(({ subnetId }) => subnetId),
    // The plan's hold also what a zone that comes later will have.
    publicRanges: planned.length > 0 ? planned.map((cidr) => typeof cidr === 'string' ? cidr : cidr.token) : known.length === ranges.length ? known : [],
  };
}
