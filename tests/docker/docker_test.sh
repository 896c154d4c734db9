#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The image: it builds, holds no compiler, and its agent becomes healthy with the capabilities of
# deploy/daemonset.yaml, the system calls of deploy/seccomp.json and no others.
#
#   sudo tests/docker/docker_test.sh
#
# Needs root, Docker and Debian's package archive. Exits with 77 where the first two are missing.
# Uses the Docker engine that runs, or one of its own that goes when the test ends. Without an
# image registry the base image is made by debootstrap. Base and layers of an engine of its own
# are kept in $ALIDADE_CACHE (~/.cache/alidade).
set -euo pipefail

readonly BASE_IMAGE=debian:trixie-slim
readonly IMPORTED_BASE=alidade-test-base:trixie
readonly IMAGE=alidade:docker-test
readonly HEALTHY_WITHIN=60 # seconds
readonly ENGINE_WITHIN=60

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${ALIDADE_CACHE:-$HOME/.cache/alidade}
work=$(mktemp -d)
container=alidade-docker-test-$$
dockerd_pid=
base=
capabilities=()

skip() {
  echo "skipped: $1"
  exit 77
}

fail() {
  echo "failed: $1" >&2
  exit 1
}

step() {
  echo "== $1"
}

clean_up() {
  docker rm --force "$container" >"$work/rm.log" 2>&1 || true
  if [[ -n $dockerd_pid ]]; then
    kill "$dockerd_pid" || true
    wait "$dockerd_pid" || true
    umount "$work/exec/netns/default" 2>"$work/umount.log" || true # dockerd leaves it mounted
  fi
  rm -rf "$work"
}

# Runs a command until it succeeds. Fails after <seconds>.
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.2
  done
}

engine_answers() {
  docker info >"$work/info.log" 2>&1
}

# An engine apart from one that the machine may be set up for. It makes no bridge and no firewall
# rules: every container here uses the network of the host.
start_engine() {
  step "starting dockerd"
  export DOCKER_HOST=unix://$work/docker.sock
  dockerd --host "$DOCKER_HOST" --data-root "$cache/docker" --exec-root "$work/exec" \
    --pidfile "$work/dockerd.pid" --bridge=none --iptables=false --ip6tables=false \
    >"$work/dockerd.log" 2>&1 &
  dockerd_pid=$!
  if ! wait_until "$ENGINE_WITHIN" engine_answers; then
    tail -n 20 "$work/dockerd.log" >&2
    fail "dockerd does not answer"
  fi
}

# Sets `base` to the name of a Debian 13 image.
find_base() {
  base=$IMPORTED_BASE
  docker image inspect "$base" >"$work/inspect.log" 2>&1 && return
  if timeout 60 docker pull --quiet "$BASE_IMAGE" >"$work/pull.log" 2>&1; then
    base=$BASE_IMAGE
    return
  fi
  local tarball=$cache/debian-trixie.tar
  if [[ ! -f $tarball ]]; then
    command -v debootstrap >"$work/which.log" || skip "no image registry and no debootstrap"
    debootstrap --variant=minbase trixie "$work/base" >"$work/debootstrap.log" 2>&1 ||
      fail "debootstrap: $(tail -n 1 "$work/debootstrap.log")"
    rm -rf "$work"/base/var/cache/apt/archives/*.deb "$work"/base/var/lib/apt/lists/*
    tar --create --directory "$work/base" --file "$tarball.part" .
    mv "$tarball.part" "$tarball"
  fi
  docker import "$tarball" "$IMPORTED_BASE" >"$work/import.log"
}

in_image() {
  docker run --rm --network none "$@"
}

# Whether this engine, on this machine, can give a container the capability.
can_give() {
  in_image --cap-drop ALL --cap-add "$1" "$IMAGE" --version >"$work/capability.log" 2>&1
}

# Sets `capabilities` to those that the daemonset adds, as far as a container can have them here.
# Whether the others matter is seen by the hooks that attach or do not.
find_capabilities() {
  local wanted capability
  mapfile -t wanted < <(sed -n '/^ *add:$/,/^ *volumeMounts:/s/^ *- \([A-Z_]*\)$/\1/p' \
    "$root/deploy/daemonset.yaml")
  [[ " ${wanted[*]} " == *" BPF "* ]] || fail "no capabilities in deploy/daemonset.yaml"
  for capability in "${wanted[@]}"; do
    if can_give "$capability"; then
      capabilities+=("$capability")
    elif [[ $capability == BPF ]]; then
      # Debian 12's engine knows neither BPF nor PERFMON. The kernel takes this one for both.
      echo "note: no $capability can be given here; SYS_ADMIN takes its place"
      capabilities+=(SYS_ADMIN)
    else
      echo "note: no $capability can be given here"
    fi
  done
}

check_no_compiler() {
  local tools='cc|gcc|g\+\+|c\+\+|cpp|clang|clang\+\+|ld|as|make|cmake' found
  found=$(in_image --entrypoint find "$IMAGE" / -xdev -regextype posix-extended \
    -regex ".*/bin/([a-z0-9_]+-linux-gnu-)?($tools)(-[0-9.]+)?")
  [[ -z $found ]] || fail "the image holds build tools: $found"
}

agent_runs() {
  [[ $(docker inspect --format '{{.State.Running}}' "$container") == true ]]
}

# Healthy, and done with its attempts to attach: each hook says how that went.
healthy() {
  agent_runs || return 0 # no use in waiting for it
  docker exec "$container" alidade status >"$work/status.log" 2>&1 &&
    grep -Eq '^trace +(attached|missing)' "$work/status.log"
}

check_agent() {
  find_capabilities
  mkdir "$work/socket"
  docker run --detach --name "$container" --network host --read-only \
    --cap-drop ALL "${capabilities[@]/#/--cap-add=}" --group-add alidade \
    --security-opt "seccomp=$root/deploy/seccomp.json" --security-opt no-new-privileges \
    --volume "$work/socket:/var/run/alidade" --volume /sys/fs/cgroup:/sys/fs/cgroup:ro \
    --env ALIDADE_NODE_NAME=docker-test --env ALIDADE_LISTEN_ADDRESS= \
    "$IMAGE" >"$work/run.log"
  if ! wait_until "$HEALTHY_WITHIN" healthy || ! agent_runs; then
    docker logs "$container" >&2 || true
    cat "$work/status.log" >&2 || true
    fail "the agent ended, or is not healthy after $HEALTHY_WITHIN s"
  fi
  cat "$work/status.log"
  ! grep -Eq '^[a-z_]+ +missing' "$work/status.log" || fail "a hook could not be attached"
  docker stop --time 10 "$container" >"$work/stop.log"
  local status
  status=$(docker inspect --format '{{.State.ExitCode}}' "$container")
  [[ $status == 0 ]] || fail "the agent ended with status $status on SIGTERM"
}

[[ $(id -u) == 0 ]] || skip "needs root"
[[ -n $(command -v docker) ]] || skip "needs docker"
trap clean_up EXIT
mkdir -p "$cache"
if ! engine_answers; then
  [[ -n $(command -v dockerd) ]] || skip "no docker engine runs and there is no dockerd"
  start_engine
fi

step "base image"
find_base
step "building on $base"
log=$cache/image-build.log
if ! docker build --force-rm --network host --build-arg "BASE=$base" --tag "$IMAGE" "$root" \
  >"$log" 2>&1; then
  grep -m 1 -A 20 FAILED "$log" >&2 || tail -n 20 "$log" >&2
  fail "the image does not build; all of it is in $log"
fi

step "no compiler in the image"
check_no_compiler
step "alidade --version"
in_image "$IMAGE" --version
step "status --help as a user without rights"
in_image --user 64244 --cap-drop ALL "$IMAGE" status --help >"$work/help.log"
step "the agent, with the capabilities of the daemonset and the system calls of deploy/seccomp.json"
check_agent
echo passed
