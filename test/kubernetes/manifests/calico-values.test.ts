import { readFileSync } from 'fs';
import { join } from 'path';
import { tolerationsOf } from '../../../src/core/plan/tolerations';
import { calicoImages, calicoImageSet } from '../../../src/kubernetes/manifests/calico-images';
import { CalicoInstallation, calicoInstallation, calicoValues } from '../../../src/kubernetes/manifests/calico-values';
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

test('digests: of the operator behind its tag, of the others in an ImageSet that only its own release reads', () => {
  const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
  const installation = calicoInstallation({ imageDigests: { 'calico/node': digest('a'), 'calico/apiserver': digest('b'), 'tigera/operator': digest('c') } });
  expect(calicoValues(installation).tigeraOperator).toEqual({ image: 'tigera/operator', version: `v1.42.3@${digest('c')}` });
  expect(calicoImageSet(installation)).toEqual({
    apiVersion: 'operator.tigera.io/v1',
    kind: 'ImageSet',
    metadata: { name: 'calico-v3.32.1' },
    spec: { images: [{ image: 'calico/apiserver', digest: digest('b') }, { image: 'calico/node', digest: digest('a') }] },
  });
  expect(calicoImageSet(calicoInstallation())).toBeUndefined();
  expect(calicoImages(installation).find(({ name }) => name === 'calico/node')).toMatchObject({ tag: 'v3.32.1', digest: digest('a') });
});

test("Calico's own pods tolerate the taints of nodes that others do not", () => {
  const tolerations = tolerationsOf([{ key: 'dedicated', value: 'system', effect: 'NO_SCHEDULE' }, { key: 'starting', effect: 'NO_EXECUTE' }]);
  expect((calicoValues(calicoInstallation({ tolerations })).installation as any).controlPlaneTolerations).toEqual([
    { key: 'dedicated', operator: 'Equal', value: 'system', effect: 'NoSchedule' }, { key: 'starting', operator: 'Exists', effect: 'NoExecute' },
  ]);
});

describe('the images to mirror', () => {
  const said = (given: Partial<CalicoInstallation>) => calicoImages(calicoInstallation(given)).map(({ kind, repository, tag, source }) => `${kind} ${repository}:${tag} from ${source}`);

  test('from where they are published', () => {
    expect(said({})).toEqual([
      'image quay.io/calico/apiserver:v3.32.1 from quay.io/calico/apiserver',
      'image quay.io/calico/kube-controllers:v3.32.1 from quay.io/calico/kube-controllers',
      'image quay.io/calico/node:v3.32.1 from quay.io/calico/node',
      'image quay.io/calico/typha:v3.32.1 from quay.io/calico/typha',
      'image quay.io/tigera/operator:v1.42.3 from quay.io/tigera/operator',
      'chart https://docs.tigera.io/calico/charts:v3.32.1 from https://docs.tigera.io/calico/charts',
      'chart https://docs.tigera.io/calico/charts:v3.32.1 from https://docs.tigera.io/calico/charts',
    ]);
  });

  test('from a mirror', () => {
    expect(said({ registry: MIRROR, imagePath: 'c', version: 'v3.32.2', operatorVersion: 'v1.42.4', chartRepository: `oci://${MIRROR}/charts` })).toEqual([
      `image ${MIRROR}/c/apiserver:v3.32.2 from quay.io/calico/apiserver`,
      `image ${MIRROR}/c/kube-controllers:v3.32.2 from quay.io/calico/kube-controllers`,
      `image ${MIRROR}/c/node:v3.32.2 from quay.io/calico/node`,
      `image ${MIRROR}/c/typha:v3.32.2 from quay.io/calico/typha`,
      `image ${MIRROR}/tigera/operator:v1.42.4 from quay.io/tigera/operator`,
      `chart oci://${MIRROR}/charts/crd.projectcalico.org.v1:v3.32.2 from https://docs.tigera.io/calico/charts`,
      `chart oci://${MIRROR}/charts/tigera-operator:v3.32.2 from https://docs.tigera.io/calico/charts`,
    ]);
  });

  test('an operator that is not known has no tag', () => {
    expect(calicoImages(calicoInstallation({ version: 'v3.99.0' })).find(({ name }) => name === 'tigera/operator')!.tag).toBeUndefined();
  });
});
