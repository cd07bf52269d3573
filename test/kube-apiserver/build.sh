#!/bin/bash
# build.sh DIR: kube-apiserver into DIR, kept when it is there; etcd from Debian's etcd-server
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
if [ "$("$out/kube-apiserver" --version 2>/dev/null)" = "Kubernetes $version" ]; then exit 0; fi

minor=${version#v1.}
stamp=k8s.io/component-base/version
cd "$here"
# Under another name until it is whole: a build that is killed must not be taken for a server.
CGO_ENABLED=0 go build -mod=mod -trimpath -o "$out/kube-apiserver.part" \
  -ldflags "-s -w -X $stamp.gitVersion=$version -X $stamp.gitMajor=1 -X $stamp.gitMinor=${minor%%.*}" k8s.io/kubernetes/cmd/kube-apiserver
mv "$out/kube-apiserver.part" "$out/kube-apiserver"
