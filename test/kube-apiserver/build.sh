#!/bin/bash
# build.sh DIR: kube-apiserver and kube-controller-manager into DIR, kept when they are there; etcd from Debian's etcd-server
set -euo pipefail
out=${1:?usage: build.sh DIR}
here=$(cd "$(dirname "$0")" && pwd)
version=$(awk '$1 == "k8s.io/kubernetes" && $2 ~ /^v/ { print $2; exit }' "$here/go.mod")
mkdir -p "$out"
out=$(cd "$out" && pwd)

if ! command -v etcd >/dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq etcd-server >/dev/null
fi
missing=()
for program in kube-apiserver kube-controller-manager; do
  [ "$("$out/$program" --version 2>/dev/null)" = "Kubernetes $version" ] || missing+=("$program")
done
[ ${#missing[@]} -gt 0 ] || exit 0

minor=${version#v1.}
stamp=k8s.io/component-base/version
# Elsewhere until they are whole: a build that is killed must not be taken for a server.
part=$(mktemp -d "$out/part-XXXXXX")
trap 'rm -rf "$part"' EXIT
cd "$here"
CGO_ENABLED=0 go build -mod=mod -trimpath -o "$part/" \
  -ldflags "-s -w -X $stamp.gitVersion=$version -X $stamp.gitMajor=1 -X $stamp.gitMinor=${minor%%.*}" "${missing[@]/#/k8s.io/kubernetes/cmd/}"
mv "$part"/* "$out/"
