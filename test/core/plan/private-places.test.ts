import { knownPlaces, placeOfChart, placeOfImage } from '../../../src/core/plan/private-places';

const known = knownPlaces(['harbor.example.com/mirror/', 'oci://111122223333.dkr.ecr.eu-west-1.amazonaws.com/charts', undefined], 'eu-west-1');

test.each([
  ['111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1', 'inside'],
  ['111122223333.dkr.ecr-fips.us-gov-west-1.amazonaws.com/app:1', 'outside'],
  ['111122223333.dkr.ecr.us-east-1.amazonaws.com/app:1', 'outside'],
  ['111122223333.dkr-ecr.eu-west-1.on.aws/app:1', 'inside'],
  ['${Token[AWS.AccountId.1]}.dkr.ecr.${Token[AWS.Region.2]}.${Token[AWS.URLSuffix.3]}/app:1', 'inside'],
  ['${Token[TOKEN.1]}/app:1', 'unknown'], ['${Token[TOKEN.1]}', 'unknown'],
  ['harbor.example.com/mirror/app:1', 'inside'],
  ['harbor.example.com/mirrored/app:1', 'unknown'],
  ['nginx', 'outside'], ['nginx:1.29', 'outside'], ['org/app@sha256:00', 'outside'], ['docker.io/library/nginx', 'outside'], ['registry-1.docker.io/a', 'outside'], ['quay.io/a/b', 'outside'], ['ghcr.io/a', 'outside'],
  ['registry.k8s.io/pause:3.10', 'outside'], ['public.ecr.aws/eks/a:1', 'outside'], ['eu.gcr.io/a', 'outside'], ['europe-docker.pkg.dev/a/b', 'outside'],
  ['notdocker.io/a', 'unknown'], ['localhost/a', 'unknown'], ['registry:5000/a', 'unknown'],
])('image %s: %s', (image, verdict) => expect(placeOfImage(image, known).verdict).toBe(verdict));

test('without a region every ECR is taken for the one of the cluster', () => {
  expect(placeOfImage('111122223333.dkr.ecr.us-east-1.amazonaws.com/app:1', knownPlaces([], undefined)).verdict).toBe('inside');
});

test.each([
  ['oci://111122223333.dkr.ecr.eu-west-1.amazonaws.com/charts/app', 'inside'], ['oci://ghcr.io/org/app', 'outside'], ['oci://public.ecr.aws/eks-charts/app', 'outside'], ['oci://harbor.example.com/mirror/app', 'inside'],
  ['oci://harbor.example.com/other', 'unknown'], ['https://aws.github.io/eks-charts', 'outside'], ['https://charts.example.com', 'outside'], ['http://charts.corp.internal/x', 'unknown'], ['https://harbor.example.com/mirror', 'inside'],
  ['stable/app', 'unknown'], ['', 'unknown'], ['https://<known at deployment>/x', 'unknown'],
])('chart of %s: %s', (source, verdict) => expect(placeOfChart(source, known).verdict).toBe(verdict));
