/** Something that the cluster fetches from outside: an image that runs in it, or a chart that is deployed to it. */
export interface Image {
  readonly kind: 'image' | 'chart';
  /** Path under which its publisher knows it: `calico/node`, `tigera-operator`. */
  readonly name: string;
  /** From where it is fetched, without tag: a mirror, or where it is published. */
  readonly repository: string;
  /** Absent: not known at synthesis. */
  readonly tag?: string;
  /** `sha256:` and 64 hexadecimal digits, where it is pinned. */
  readonly digest?: string;
  /** Where it is published, without tag: what a mirror copies. */
  readonly source: string;
  /** Who needs it, in words. */
  readonly usedBy: string;
}

/** Images first, then charts, each by name; the same twice once. */
export function listImages(images: readonly Image[]): Image[] {
  const byKey = new Map(images.map((image) => [keyOf(image), image]));
  return [...byKey.keys()].sort().map((key) => byKey.get(key)!);
}

function keyOf({ kind, name, repository, tag = '', digest = '' }: Image): string {
  return [kind === 'image' ? 0 : 1, name, repository, tag, digest].join('\n');
}

/** `sha256:` and what it must have behind it. https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests */
export const DIGEST = /^sha256:[0-9a-f]{64}$/;
