import { checkServiceEndpoints, serviceOf } from '../../../src/core/plan/aws-service-endpoint';

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
