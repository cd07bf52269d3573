import { Image } from '../../core/image';

/** Node.js alone, by AWS' copy of the official image, for amd64 and arm64; docs/decisions/0007. https://gallery.ecr.aws/docker/library/node */
export const PROBE_IMAGE = { repository: 'public.ecr.aws/docker/library/node', tag: '24.11.0-alpine3.22' };

/** As `cluster.images` lists it. */
export function probeImage(reference = `${PROBE_IMAGE.repository}:${PROBE_IMAGE.tag}`): Image {
  const [, repository, tag, digest] = /^(.*?)(?::([\w][\w.-]*))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(reference)!;
  return {
    kind: 'image', name: 'docker/library/node', repository, ...tag !== undefined && { tag }, ...digest !== undefined && { digest },
    source: PROBE_IMAGE.repository, usedBy: 'probes of the network in the live cluster',
  };
}

export function referenceOf({ repository, tag, digest }: Image): string {
  return `${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}
