import { Stage } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { readAlone, valueByPath } from './final-resources';
import { ServiceEndpoint } from '../core/plan/aws-service-endpoint';
import { serviceEndpointsAsBuilt } from '../core/template/service-endpoints';

/** The endpoints that the app makes in a VPC, as far as they exist now. */
export function endpointsOfVpc(scope: IConstruct, vpcId: string): (Pick<ServiceEndpoint, 'service' | 'kind'> & { readonly resource: ec2.CfnVPCEndpoint })[] {
  const stage = Stage.of(scope);
  const resources = (stage ?? scope.node.root).node.findAll().filter((each): each is ec2.CfnVPCEndpoint => each instanceof ec2.CfnVPCEndpoint && Stage.of(each) === stage);
  const byPath = new Map(resources.map((resource) => [resource.node.path, resource]));
  return serviceEndpointsAsBuilt(readAlone(resources), valueByPath(vpcId, scope)).map(({ path, service, kind }) => ({ service, kind, resource: byPath.get(path)! }));
}
