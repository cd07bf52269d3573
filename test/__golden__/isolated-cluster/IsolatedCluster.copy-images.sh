#!/bin/sh
# Copies what cluster IsolatedCluster/Cluster fetches to where it fetches it from. Run it where the internet is reached.
#   DRY_RUN=1  prints what it would do and does nothing.
#   TOOL       crane or skopeo; the one that is found where it is left out. Charts need helm.
#   INSECURE=1 for a registry without TLS.
#   ACCOUNT    the account whose registry it is
#   REGION     the region of the registry
#   SUFFIX     amazonaws.com, in China amazonaws.com.cn
set -eu

: "${ACCOUNT:?the account whose registry it is}"
: "${REGION:?the region of the registry}"
: "${SUFFIX:?amazonaws.com, in China amazonaws.com.cn}"
if [ -z "${TOOL:-}" ]; then
  if command -v crane >/dev/null 2>&1; then TOOL=crane; elif command -v skopeo >/dev/null 2>&1; then TOOL=skopeo; else
    echo "neither crane nor skopeo is found" >&2; exit 1
  fi
fi
run() {
  if [ -n "${DRY_RUN:-}" ]; then echo "$@"; else "$@"; fi
}
# ECR makes no repository by itself.
repository() {
  case "$1" in
    *.dkr.ecr.*|*.dkr.ecr-fips.*)
      host=${1%%/*}; name=${1#*/}; rest=${host#*.ecr*.}
      if [ -n "${DRY_RUN:-}" ] || ! aws ecr describe-repositories --registry-id "${host%%.*}" --region "${rest%%.*}" --repository-names "$name" >/dev/null 2>&1; then
        run aws ecr create-repository --registry-id "${host%%.*}" --region "${rest%%.*}" --repository-name "$name" --image-tag-mutability IMMUTABLE
      fi ;;
  esac
}
# From where it is published to the mirror, every architecture of it. A digest is kept.
image() {
  repository "${2%:*}"
  case "$TOOL" in
    crane) run crane copy ${INSECURE:+--insecure} "$1" "$2" ;;
    skopeo) run skopeo copy --all --preserve-digests ${INSECURE:+--src-tls-verify=false --dest-tls-verify=false} "docker://$1" "docker://$2" ;;
    *) echo "TOOL is $TOOL, and this script knows crane and skopeo" >&2; exit 1 ;;
  esac
}
# A repository over HTTP, the chart, its version, and the registry that gets it.
chart() {
  # Pushed again it would have another digest, which a tag that never changes refuses.
  if [ -z "${DRY_RUN:-}" ] && helm show chart ${INSECURE:+--plain-http} "$4/$2" --version "$3" >/dev/null 2>&1; then echo "$4/$2 $3 is there"; return; fi
  repository "${4#oci://}/$2"
  if [ -n "${DRY_RUN:-}" ]; then folder=FOLDER; else folder=$(mktemp -d); fi
  run helm pull "$2" --repo "$1" --version "$3" --destination "$folder"
  run helm push ${INSECURE:+--plain-http} "$folder/$2-$3.tgz" "$4"
  if [ -z "${DRY_RUN:-}" ]; then rm -rf "$folder"; fi
}

image quay.io/calico/apiserver:v3.32.1 "${ACCOUNT}.dkr.ecr.${REGION}.${SUFFIX}/mirror/calico/apiserver:v3.32.1"
image quay.io/calico/kube-controllers:v3.32.1 "${ACCOUNT}.dkr.ecr.${REGION}.${SUFFIX}/mirror/calico/kube-controllers:v3.32.1"
image quay.io/calico/node:v3.32.1 "${ACCOUNT}.dkr.ecr.${REGION}.${SUFFIX}/mirror/calico/node:v3.32.1"
image quay.io/calico/typha:v3.32.1 "${ACCOUNT}.dkr.ecr.${REGION}.${SUFFIX}/mirror/calico/typha:v3.32.1"
image public.ecr.aws/eks/aws-load-balancer-controller:v3.5.0 "${ACCOUNT}.dkr.ecr.${REGION}.${SUFFIX}/mirror/eks/aws-load-balancer-controller:v3.5.0"
image quay.io/tigera/operator:v1.42.3 "${ACCOUNT}.dkr.ecr.${REGION}.${SUFFIX}/mirror/tigera/operator:v1.42.3"
chart https://aws.github.io/eks-charts aws-load-balancer-controller 3.5.0 "oci://${ACCOUNT}.dkr.ecr.${REGION}.${SUFFIX}/mirror/charts"
chart https://docs.tigera.io/calico/charts crd.projectcalico.org.v1 v3.32.1 "oci://${ACCOUNT}.dkr.ecr.${REGION}.${SUFFIX}/mirror/charts"
chart https://docs.tigera.io/calico/charts tigera-operator v3.32.1 "oci://${ACCOUNT}.dkr.ecr.${REGION}.${SUFFIX}/mirror/charts"
