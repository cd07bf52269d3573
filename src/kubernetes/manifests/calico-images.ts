import {
  CALICO_CRD_CHART, CALICO_IMAGE_PATH, CALICO_IMAGE_SET, CALICO_OPERATOR_CHART, CALICO_REGISTRY, CALICO_CHART_REPOSITORY,
} from './calico-facts';
import { CalicoInstallation } from './calico-values';
import { KubernetesObject } from './objects';
import { CALICO_IMAGES, CALICO_OPERATOR_IMAGE } from '../../core/engine/calico-releases';
import { Image } from '../../core/image';

/** Every image and chart that Calico needs here. */
export function calicoImages({ version, operatorVersion, registry = CALICO_REGISTRY, imagePath = CALICO_IMAGE_PATH, chartRepository, imageDigests = {} }: CalicoInstallation): Image[] {
  const image = (name: string, path: string, tag: string | undefined, usedBy: string): Image => ({
    kind: 'image', name, repository: `${registry}/${path}`, tag, ...imageDigests[name] !== undefined && { digest: imageDigests[name] }, source: `${CALICO_REGISTRY}/${name}`, usedBy,
  });
  const chart = (name: string, usedBy: string): Image => ({
    kind: 'chart', name, repository: chartRepository.startsWith('oci://') ? `${chartRepository}/${name}` : chartRepository, tag: version, source: CALICO_CHART_REPOSITORY, usedBy,
  });
  return [
    ...Object.entries(CALICO_IMAGES).map(([name, usedBy]) => image(name, `${imagePath}/${name.split('/')[1]}`, version, usedBy)),
    image(CALICO_OPERATOR_IMAGE, CALICO_OPERATOR_IMAGE, operatorVersion, 'the operator of Calico'),
    chart(CALICO_CRD_CHART, 'the definitions of Calico'),
    chart(CALICO_OPERATOR_CHART, 'the installation of Calico'),
  ];
}

/** Digests as the operator takes them: it looks for the one of its own release, under names as published, whatever the mirror calls them. */
export function calicoImageSet({ version, imageDigests }: CalicoInstallation): KubernetesObject | undefined {
  const images = Object.entries(imageDigests ?? {}).filter(([image]) => image !== CALICO_OPERATOR_IMAGE).map(([image, digest]) => ({ image, digest }));
  return imageDigests && { ...CALICO_IMAGE_SET, metadata: { name: `calico-${version}` }, spec: { images: images.sort((a, b) => a.image < b.image ? -1 : 1) } };
}
