import { CfnParameter } from 'aws-cdk-lib';
import { BuildOptions, ENV, resources, templateOf, zones } from './fixture';
import { ClusterEndpointAccess } from '../../src/endpoint-access';

const endpoint = (access: ClusterEndpointAccess): BuildOptions => ({
  request: { endpoint: access._toRequest() },
  cluster: { privateSources: access._privateSources },
});

test('from private to public and back: one property of the cluster changes, in place', () => {
  const [closed, open, closedAgain] = [ClusterEndpointAccess.PRIVATE, ClusterEndpointAccess.publicFrom('52.94.76.0/24'), ClusterEndpointAccess.PRIVATE]
    .map((access) => resources(templateOf(endpoint(access))));
  const CLUSTER = 'ClusterEB0386A7';
  const rest = (all: typeof open) => ({ ...all, [CLUSTER]: { ...all[CLUSTER], Properties: { ...all[CLUSTER].Properties, ResourcesVpcConfig: undefined } } });
  expect(rest(open)).toEqual(rest(closed));
  const { PublicAccessCidrs, ...others } = open[CLUSTER].Properties.ResourcesVpcConfig;
  expect(PublicAccessCidrs).toEqual(['52.94.76.0/24']);
  expect(others).toEqual({ ...closed[CLUSTER].Properties.ResourcesVpcConfig, EndpointPublicAccess: true });
  expect(closedAgain).toEqual(closed);
});

test('the control plane stays in the zones that it was created with', () => {
  const subnets = (options: BuildOptions) => Object.values(resources(templateOf(options))).find(({ Type }) => Type === 'AWS::EKS::Cluster')!.Properties.ResourcesVpcConfig.SubnetIds;
  expect(subnets({ stack: ENV, app: zones('eu-west-1a', 'eu-west-1b', 'eu-west-1c') })).toEqual(subnets({}));
  expect(subnets({})).toHaveLength(2);
});

test('a name that is a token changes with the deployment only', () => {
  const named = (stack: ConstructorParameters<typeof CfnParameter>[0]) => ({ cluster: { clusterName: new CfnParameter(stack, 'Name').valueAsString } });
  expect(resources(templateOf({ with: named }))).toEqual(resources(templateOf({ with: named })));
});
