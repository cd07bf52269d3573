import { KubernetesObject } from '../connectivity/workload';
import { Diagnostic } from '../diagnostic';
import { Image } from '../image';
import { Program } from '../plan/isolated';
import { inWords, KnownPlaces, placeOfImage } from '../plan/private-places';

/** An image that an object in view runs or mounts. */
export interface ImageInView {
  readonly image: string;
  /** `Deployment shop/web`, and where it was given. */
  readonly of: string;
}

/** Of the library's own list; charts are judged where they are fetched. */
export function pulledImages(images: readonly Image[]): ImageInView[] {
  return images.filter(({ kind }) => kind === 'image').map(({ repository, tag, usedBy }) => ({ image: tag === undefined ? repository : `${repository}:${tag}`, of: usedBy }));
}

const CONTAINERS = ['containers', 'initContainers', 'ephemeralContainers'];
/** What they hold is a definition or free data. */
const NO_PODS = ['CustomResourceDefinition', 'ConfigMap', 'Secret'];

/** What users put onto a cluster, as far as it is seen. */
export interface Running {
  readonly images: readonly ImageInView[];
  readonly charts: readonly { readonly chart: string; readonly origin: string }[];
  readonly addons: readonly { readonly name: string; readonly origin: string }[];
  /** Whether a load balancer in view has a certificate. */
  readonly certificates: boolean;
}

/** Every image of every pod that objects describe, however deep; each once for an object. */
export function imagesIn(objects: readonly KubernetesObject[], origins: ReadonlyMap<KubernetesObject, string> = new Map()): ImageInView[] {
  return objects.filter(({ kind }) => !NO_PODS.includes(kind ?? '')).flatMap((object) => {
    const { kind, metadata } = object;
    const origin = origins.get(object);
    const of = `${kind ?? ''} ${[metadata?.namespace, metadata?.name].filter(Boolean).join('/')}${origin === undefined ? '' : ` (${origin})`}`;
    return [...new Set(imagesBelow(object))].sort().map((image) => ({ image, of }));
  });
}

function imagesBelow(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    const own = Array.isArray(child) && CONTAINERS.includes(key) ? child.map((each) => each?.image)
      : Array.isArray(child) && key === 'volumes' ? child.map((each) => each?.image?.reference) : [];
    return [...own.filter((image) => typeof image === 'string'), ...imagesBelow(child)];
  });
}

/** What a node without a way out could not pull. */
export function checkImages(images: readonly ImageInView[], known: KnownPlaces): Diagnostic[] {
  return images.flatMap(({ image, of }): Diagnostic[] => {
    const { verdict, because } = placeOfImage(image, known);
    if (verdict === 'inside') return [];
    const outside = verdict === 'outside';
    return [{
      code: outside ? 'isolatedImagePublic' : 'isolatedImageUnknown', severity: outside ? 'error' : 'warning', subject: of, acknowledgeable: true, message: `image ${inWords(image)}: ${because}`,
      fix: outside ? 'copy it into an ECR registry of this region and name it there' : 'name it in an ECR registry of this region, or acknowledge that it is reached',
    }];
  });
}

/** What runs, as far as it is seen: charts and add-ons by their names, and images. */
export function programsIn({ images, charts, addons }: Running): Program[] {
  return [
    ...addons.map((addon) => ({ what: 'EKS add-on' as const, ...addon })),
    ...charts.map(({ chart, origin }) => ({ what: 'chart' as const, name: chart, origin })),
    ...images.map(({ image, of }) => ({ what: 'image' as const, name: image, origin: of })),
  ];
}

/** Whether anything that the AWS Load Balancer Controller serves has a certificate. */
export function hasCertificates(objects: readonly KubernetesObject[]): boolean {
  return objects.some(({ kind, metadata, spec }) => Object.keys(metadata?.annotations ?? {}).some((key) => /(certificate-arn|ssl-cert)$/.test(key)) || kind === 'Ingress' && (spec as { tls?: unknown } | undefined)?.tls !== undefined);
}
