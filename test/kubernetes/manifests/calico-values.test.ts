import { readFileSync } from 'fs';
import { join } from 'path';
import { CalicoInstallation, calicoImages, calicoInstallation, calicoValues } from '../../../src/kubernetes/manifests/calico-values';
import { yamlDocuments } from '../../../src/kubernetes/manifests/yaml';

const golden = (name: string) => readFileSync(join(__dirname, 'golden', name), 'utf8');
const MIRROR = '111122223333.dkr.ecr.eu-west-1.amazonaws.com/quay';

describe('values of the operator chart', () => {
  test.each<[string, Partial<CalicoInstallation>]>([
    ['calico-values.yaml', {}],
    ['calico-values-mirrored.yaml', { registry: `${MIRROR}/`, imagePath: '/mirror/calico/' }],
  ])('%s', (name, given) => {
    expect(yamlDocuments([calicoValues(calicoInstallation(given))])).toBe(golden(name));
  });

  test('a version whose operator is not known leaves the operator to the chart', () => {
    expect(calicoValues(calicoInstallation({ version: 'v3.99.0', registry: MIRROR })).tigeraOperator).toEqual({ registry: MIRROR, image: 'tigera/operator' });
  });
});

describe('the images to mirror', () => {
  test('from where they are published', () => {
    expect(calicoImages(calicoInstallation())).toEqual([
      'quay.io/calico/apiserver:v3.32.1', 'quay.io/calico/kube-controllers:v3.32.1', 'quay.io/calico/node:v3.32.1', 'quay.io/calico/typha:v3.32.1',
      'quay.io/tigera/operator:v1.42.3',
    ]);
  });

  test('from a mirror', () => {
    expect(calicoImages(calicoInstallation({ registry: MIRROR, imagePath: 'c', version: 'v3.32.2', operatorVersion: 'v1.42.4' }))).toEqual([
      `${MIRROR}/c/apiserver:v3.32.2`, `${MIRROR}/c/kube-controllers:v3.32.2`, `${MIRROR}/c/node:v3.32.2`, `${MIRROR}/c/typha:v3.32.2`, `${MIRROR}/tigera/operator:v1.42.4`,
    ]);
  });
});
