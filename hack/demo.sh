#!/usr/bin/env bash
# The main job, end to end: install, upgrade, look, roll back, uninstall.
# PACK and PLANE name the binaries. With DEMO_CLUSTER=current the cluster of
# KUBECONFIG is used; otherwise a control plane is started and stopped again.
set -euo pipefail
cd "$(dirname "$0")/.."
chart=charts/examples/mongo-express
namespace=pack-demo
state=

stop() { [[ -z "$state" ]] || { "$PLANE" down --dir "$state" >/dev/null 2>&1 || true; rm -rf "$state"; }; }
trap stop EXIT

run() {
	printf '\n\033[1m$ pack %s\033[0m\n' "$*"
	"$PACK" "$@"
}

if [[ "${DEMO_CLUSTER:-}" == current ]]; then
	echo "using the cluster of KUBECONFIG=${KUBECONFIG:-~/.kube/config}"
else
	state=$(mktemp -d)
	echo "starting a control plane: etcd, kube-apiserver, kube-controller-manager, kube-scheduler, simulated nodes"
	"$PLANE" up --dir "$state"
	export KUBECONFIG=$state/kubeconfig
fi

run lint "$chart" --env dev
run install demo "$chart" -n "$namespace" --create-namespace --env dev --wait --timeout 3m
run status demo -n "$namespace"
run upgrade demo "$chart" -n "$namespace" --env staging --wait --timeout 3m
run history demo -n "$namespace"
run get values demo -n "$namespace"
run rollback demo 1 -n "$namespace" --wait --timeout 3m
run list -n "$namespace"
run history demo -n "$namespace"
run uninstall demo -n "$namespace" --wait

cat <<'TXT'

That was the whole life of a release, on a real API server. To keep such a
cluster and use it:

  make cluster-up                                # start it
  export KUBECONFIG=$PWD/build/cluster/kubeconfig
  export PATH=$PWD/build:$PATH
  pack install demo charts/examples/mongo-express \
    --env dev --wait
  make cluster-down                              # stop it
TXT
