import { Image } from './image';

/** What the script copies, for one cluster. `${AWS::AccountId}` and its like in texts are given by whoever runs the script. */
export interface CopyRequest {
  readonly cluster: string;
  readonly images: readonly Image[];
}

/** What only the deployment knows, as a shell names it. */
const VARIABLES: Readonly<Record<string, readonly [variable: string, meaning: string]>> = {
  'AWS::AccountId': ['ACCOUNT', 'the account whose registry it is'],
  'AWS::Region': ['REGION', 'the region of the registry'],
  'AWS::URLSuffix': ['SUFFIX', 'amazonaws.com, in China amazonaws.com.cn'],
};
const UNKNOWN = /\$\{([A-Za-z0-9:.]+)\}/;
/** Without a doubt one word of a shell, and no option of a command. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._:/@+-]*$/;

/**
 * A POSIX script that copies images and charts to where the cluster fetches them from, with crane or skopeo, and helm. What is
 * fetched from where it is published needs no copy. Undefined where nothing does.
 */
export function copyScript({ cluster, images }: CopyRequest): string | undefined {
  const copied = images.filter(({ repository, source, kind, name }) => repository !== source && repository !== (kind === 'chart' ? `${source}/${name}` : source));
  if (copied.length === 0) return undefined;
  const lines = copied.map((image) => image.kind === 'image' ? imageLine(image) : chartLine(image));
  const names = copied.flatMap(({ repository, source, tag = '' }) => [...`${repository} ${source} ${tag}`.matchAll(new RegExp(UNKNOWN, 'g'))].map(([, name]) => name));
  const used = [...new Set(names)].sort().map(variableOf);
  return [
    '#!/bin/sh',
    `# Copies what cluster ${oneLine(cluster)} fetches to where it fetches it from. Run it where the internet is reached.`,
    '#   DRY_RUN=1  prints what it would do and does nothing.',
    '#   TOOL       crane or skopeo; the one that is found where it is left out. Charts need helm.',
    '#   INSECURE=1 for a registry without TLS.',
    ...used.map(([variable, meaning]) => `#   ${variable.padEnd(10)} ${meaning}`),
    'set -eu',
    '',
    ...used.map(([variable, meaning]) => `: "\${${variable}:?${meaning}}"`),
    ...PREAMBLE,
    ...lines,
    '',
  ].join('\n');
}

function variableOf(name: string): readonly [string, string] {
  return VARIABLES[name] ?? [name.replace(/[^A-Za-z0-9]/g, '_').toUpperCase(), `what ${name} is in the deployed template`];
}

const PREAMBLE: readonly string[] = [
  'if [ -z "${TOOL:-}" ]; then',
  '  if command -v crane >/dev/null 2>&1; then TOOL=crane; elif command -v skopeo >/dev/null 2>&1; then TOOL=skopeo; else',
  '    echo "neither crane nor skopeo is found" >&2; exit 1',
  '  fi',
  'fi',
  'run() {',
  '  if [ -n "${DRY_RUN:-}" ]; then echo "$@"; else "$@"; fi',
  '}',
  '# ECR makes no repository by itself.',
  'repository() {',
  '  case "$1" in',
  '    *.dkr.ecr.*|*.dkr.ecr-fips.*)',
  '      host=${1%%/*}; name=${1#*/}; rest=${host#*.ecr*.}',
  '      if [ -n "${DRY_RUN:-}" ] || ! aws ecr describe-repositories --registry-id "${host%%.*}" --region "${rest%%.*}" --repository-names "$name" >/dev/null 2>&1; then',
  '        run aws ecr create-repository --registry-id "${host%%.*}" --region "${rest%%.*}" --repository-name "$name" --image-tag-mutability IMMUTABLE',
  '      fi ;;',
  '  esac',
  '}',
  '# From where it is published to the mirror, every architecture of it. A digest is kept.',
  'image() {',
  '  repository "${2%:*}"',
  '  case "$TOOL" in',
  '    crane) run crane copy ${INSECURE:+--insecure} "$1" "$2" ;;',
  '    skopeo) run skopeo copy --all --preserve-digests ${INSECURE:+--src-tls-verify=false --dest-tls-verify=false} "docker://$1" "docker://$2" ;;',
  '    *) echo "TOOL is $TOOL, and this script knows crane and skopeo" >&2; exit 1 ;;',
  '  esac',
  '}',
  '# A repository over HTTP, the chart, its version, and the registry that gets it.',
  'chart() {',
  '  # Pushed again it would have another digest, which a tag that never changes refuses.',
  '  if [ -z "${DRY_RUN:-}" ] && helm show chart ${INSECURE:+--plain-http} "$4/$2" --version "$3" >/dev/null 2>&1; then echo "$4/$2 $3 is there"; return; fi',
  '  repository "${4#oci://}/$2"',
  '  if [ -n "${DRY_RUN:-}" ]; then folder=FOLDER; else folder=$(mktemp -d); fi',
  '  run helm pull "$2" --repo "$1" --version "$3" --destination "$folder"',
  '  run helm push ${INSECURE:+--plain-http} "$folder/$2-$3.tgz" "$4"',
  '  if [ -z "${DRY_RUN:-}" ]; then rm -rf "$folder"; fi',
  '}',
  '',
];

function imageLine({ repository, source, tag, digest, name, usedBy }: Image): string {
  // What the chart brings has a tag that nobody here knows.
  if (tag === undefined) return `echo ${quote(`${name} is not copied, because its tag is not known: ${usedBy} brings it`)} >&2`;
  return `image ${quote(digest === undefined ? `${source}:${tag}` : `${source}@${digest}`)} ${quote(`${repository}:${tag}`)}`;
}

function chartLine({ repository, source, tag, name, usedBy }: Image): string {
  const registry = repository.endsWith(`/${name}`) ? repository.slice(0, -name.length - 1) : repository;
  if (tag === undefined || !registry.startsWith('oci://')) return `echo ${quote(`chart ${name} is not copied: ${tag === undefined ? 'its version is not known' : `${repository} is no registry`} (${usedBy})`)} >&2`;
  return `chart ${[source, name, tag, registry].map(quote).join(' ')}`;
}

/** One word of a shell: variables of the deployment are its variables, everything else is what it says. */
function quote(text: string): string {
  const literal = (part: string) => part.replace(/["$`\\]/g, '\\$&');
  // Names stand between the literal parts.
  const filled = text.split(UNKNOWN).map((part, index) => index % 2 === 0 ? literal(part) : `\${${variableOf(part)[0]}}`).join('');
  return PLAIN.test(text) ? text : `"${oneLine(filled)}"`;
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}
