import { formatDiagnostic } from '../../../src/core/diagnostic';
import { checkRouteTables, checkServiceEndpoints, nameOfEndpoints, ServiceEndpoint, serviceOf, SESSION_SERVICES } from '../../../src/core/plan/aws-service-endpoint';

test.each([
  ['com.amazonaws.eu-west-1.sqs', 'sqs'],
  ['com.amazonaws.us-gov-west-1.ecr.api', 'ecr.api'],
  ['com.amazonaws.REGION.ecr.dkr', 'ecr.dkr'],
  ['cn.com.amazonaws.cn-north-1.ecr.api', 'ecr.api'],
  ['cn.com.amazonaws.cn-north-1.transcribe.cn', 'transcribe'],
  ['aws.sagemaker.eu-west-1.notebook', 'notebook'],
  ['com.amazonaws.vpce.eu-west-1.vpce-svc-0123', 'vpce-svc-0123'],
  ['com.amazonaws. .sqs', undefined],
  [' ', undefined],
])('%s', (name, service) => expect(serviceOf(name)).toBe(service));

test('an interface and a gateway endpoint for one service go together', () => {
  expect(checkServiceEndpoints([{ origin: 'a', service: 's3', kind: 'interface' }], [{ origin: 'b', service: 's3', kind: 'gateway' }])).toEqual([]);
});

test('two for one service are refused, whoever made the first', () => {
  const at = (origin: string, kind: ServiceEndpoint['kind'], service: string | undefined = 's3'): ServiceEndpoint => ({ origin, service, kind });
  const said = (...lists: Parameters<typeof checkServiceEndpoints>) => checkServiceEndpoints(...lists).map(formatDiagnostic);
  expect(said([at('a', 'interface')], [at('b', 'interface')]))
    .toEqual(['a: the VPC has an interface endpoint for s3 already, b, and EC2 refuses a second; remove one of them [cdk-secure-eks:awsServiceEndpointTwice]']);
  expect(said([at('a', 'gateway'), at('b', 'gateway'), at('c', 'gateway', 'dynamodb')], []))
    .toEqual(['b: the VPC has a gateway endpoint for s3 already, a, and EC2 refuses a second; remove one of them [cdk-secure-eks:awsServiceEndpointTwice]']);
  expect(checkServiceEndpoints([at('a', 'gateway'), at('b', 'gateway')], [])).toMatchObject([{ severity: 'error' }]);
  const unknown = [{ origin: 'a', kind: 'interface' as const }, { origin: 'b', kind: 'interface' as const }];
  expect(said(unknown, unknown)).toEqual(['a', 'b'].map((origin) => `${origin}: only the deployment knows its service: whether the VPC has an endpoint for it already was not checked; name the service [cdk-secure-eks:awsServiceUnknown]`));
  expect(checkServiceEndpoints([unknown[0]], [])).toMatchObject([{ severity: 'warning', acknowledgeable: true }]);
});

test('a gateway endpoint needs the tables of its subnets', () => {
  expect(checkRouteTables('a', [])).toEqual([]);
  expect(checkRouteTables('a', ['x', 'y']).map(formatDiagnostic)).toEqual([
    'a: a gateway endpoint is a route in the tables of the node subnets, and those of x, y are not visible; give subnets that know their route tables, as Vpc.fromLookup finds them [cdk-secure-eks:awsServiceRouteTables]',
  ]);
  expect(checkRouteTables('a', ['x'])).toMatchObject([{ severity: 'error', subject: 'a' }]);
});

// https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-create-vpc.html
test('the services of sessions', () => expect(SESSION_SERVICES).toEqual(['ssm', 'ssmmessages', 'ec2messages']));
test('in words', () => expect(nameOfEndpoints('sqs')).toBe('the interface endpoints of AWS services, of which sqs is one'));
