/** Where an image or a chart comes from, seen from a VPC without a way out. */
export interface Place {
  readonly verdict: 'inside' | 'outside' | 'unknown';
  readonly because: string;
}

export interface KnownPlaces {
  /** Hosts, or hosts and paths, that the user named as their own: registries of the cluster's options. */
  readonly trusted: readonly string[];
  /** Of the cluster; undefined where only the deployment knows it. */
  readonly region?: string;
}

/** What the options name, and where the cluster is. */
export function knownPlaces(registries: readonly (string | undefined)[], region: string | undefined): KnownPlaces {
  return { trusted: registries.flatMap((each) => each?.replace(/^oci:\/\//, '').replace(/\/+$/, '') ?? []), region };
}

/** Of an account in any partition. https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html, and docs.amazonaws.cn for China; tokens stand for any part. */
const ECR = /^[^/]*\.dkr[.-]ecr(?:-fips)?\.([^/]+)$/;

/** Registries that anybody reaches, and only by the internet. */
const PUBLIC: readonly RegExp[] = [
  /(^|\.)docker\.io$/, /^quay\.io$/, /^ghcr\.io$/, /(^|\.)gcr\.io$/, /\.pkg\.dev$/, /^registry\.k8s\.io$/, /^public\.ecr\.aws$/, /^ecr-public\.aws\.com$/, /^mcr\.microsoft\.com$/, /^nvcr\.io$/,
  /^registry\.gitlab\.com$/, /^docker\.elastic\.co$/, /^registry\.access\.redhat\.com$/, /^registry\.redhat\.io$/, /^cgr\.dev$/, /^xpkg\.upbound\.io$/, /\.azurecr\.io$/,
];

/** An image without a host comes from Docker Hub. https://docs.docker.com/reference/cli/docker/image/tag/ */
export function placeOfImage(image: string, known: KnownPlaces): Place {
  const [first, ...rest] = image.split('/');
  const host = first.includes('${') || rest.length > 0 && (/[.:]/.test(first) || first === 'localhost') ? first : 'docker.io';
  return placeOf(host, image, known);
}

/** A repository of charts, or a registry: `https://...`, `oci://...`. */
export function placeOfChart(source: string, known: KnownPlaces): Place {
  const [, scheme, path] = /^([a-z0-9+]+):\/\/(.*)$/.exec(source) ?? [];
  if (path === undefined) return { verdict: 'unknown', because: 'it is no address of a repository' };
  const place = placeOf(path.split('/')[0], path, known);
  // No AWS service is a repository over HTTP, but somebody's server in the VPC may be.
  return scheme !== 'oci' && place.verdict !== 'inside' && /^[a-z0-9.-]+$/i.test(path.split('/')[0]) && !/(^|\.)(internal|local|corp|lan)$/i.test(path.split('/')[0])
    ? { verdict: 'outside', because: 'it is a repository on the internet, as far as its name tells' } : place;
}

function placeOf(host: string, path: string, { trusted, region }: KnownPlaces): Place {
  const [, rest] = ECR.exec(host) ?? [];
  if (rest !== undefined) {
    const [, elsewhere] = /^([a-z]{2,}(?:-[a-z]+)+-\d)\./.exec(rest) ?? [];
    return elsewhere === undefined || region === undefined || elsewhere === region ? { verdict: 'inside', because: 'a registry in ECR' }
      : { verdict: 'outside', because: `ECR of ${elsewhere} is not reached by endpoints of ${region}` };
  }
  if (PUBLIC.some((each) => each.test(host))) return { verdict: 'outside', because: `${host} is on the internet` };
  if (trusted.some((each) => path === each || path.startsWith(`${each}/`))) return { verdict: 'inside', because: 'the registry that the options name' };
  return { verdict: 'unknown', because: `whether ${inWords(host)} is reached from the VPC is not known` };
}

/** Tokens have numbers that mean nothing to a reader. */
export function inWords(text: string): string {
  return text.replace(/\$\{Token\[[^\]]*\]\}/g, '<known at deployment>');
}
