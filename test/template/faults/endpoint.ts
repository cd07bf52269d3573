import { Fn } from 'aws-cdk-lib';
import { ClusterEndpointAccess } from '../../../src';
import { Fault } from '../fixture';

const PUBLIC = { cluster: { endpointAccess: ClusterEndpointAccess.publicFrom('52.94.76.0/24') } };
const cidrs = (...list: string[]): Pick<Fault, 'apply' | 'options'> => ({ options: PUBLIC, apply: ({ eks }) => eks.addPropertyOverride('ResourcesVpcConfig.PublicAccessCidrs', list) });

export const ENDPOINT_FAULTS: Fault[] = [
  { name: 'the endpoint opened', code: 'endpointOpened', apply: ({ eks }) => {
    eks.addPropertyOverride('ResourcesVpcConfig.EndpointPublicAccess', true);
    eks.addPropertyOverride('ResourcesVpcConfig.PublicAccessCidrs', ['52.94.76.0/24']);
  } },
  { name: 'the endpoint no longer closed', code: 'endpointOpened', apply: ({ eks }) => {
    eks.addPropertyDeletionOverride('ResourcesVpcConfig.EndpointPublicAccess');
    eks.addPropertyOverride('ResourcesVpcConfig.PublicAccessCidrs', ['52.94.76.0/24']);
  } },
  { name: 'the endpoint opened by what only the deployment knows', code: 'templateValueUnknown', apply: ({ eks }) => {
    eks.addPropertyOverride('ResourcesVpcConfig.EndpointPublicAccess', Fn.importValue('open'));
    eks.addPropertyOverride('ResourcesVpcConfig.PublicAccessCidrs', ['52.94.76.0/24']);
  } },
  { name: 'the private endpoint off', code: 'endpointPrivateOff', apply: ({ eks }) => eks.addPropertyOverride('ResourcesVpcConfig.EndpointPrivateAccess', false) },
  { name: 'another public range', code: 'endpointCidrsChanged', ...cidrs('52.94.77.0/24') },
  { name: 'no range of a public endpoint', code: 'endpointOpenToWorld', ...cidrs() },
  { name: 'ranges of a public endpoint left out', code: 'endpointOpenToWorld', options: PUBLIC, apply: ({ eks }) => eks.addPropertyDeletionOverride('ResourcesVpcConfig.PublicAccessCidrs') },
];
