# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The tiers of `./dev test`, for ./dev: a function tier_NAME each, whose last lines or exit status tell
# its outcome. 77 is "skipped", with a line that begins so and says why.
: "${cache:?}" "${jobs:?}" "${tools:?}"

tier_lint() { lint_text; }
tier_tidy() { build tidy; }
tier_unit() {
  build release
  ctest --test-dir build/release -L 'unit|stress' --output-on-failure -j "$jobs"
}
# The conformance vectors in $VECTORS_DIR (default tests/vectors/data), of the set $VECTORS_SET.
tier_vectors() {
  build release
  ctest --test-dir build/release -L vectors --verbose
}
# More vectors, made up from the given ones and answered by Cilium's own code.
tier_oracle() {
  local folder=build/oracle seed=${SEED:-2} oracle name status=0
  build release --target filter_vectors_test observer_vectors_test parser_vectors_test
  oracle=$(go_tool tests/cilium cilium) || die 'no oracle'
  mkdir -p "$folder"
  cp tests/vectors/data/{observer.rings,world}.json "$folder"
  "$oracle" filters "$seed" 20000 <tests/vectors/data/filters.dev.jsonl \
    >"$folder/filters.oracle.jsonl" 2>/dev/null
  "$oracle" observer "$seed" 5000 <tests/vectors/data/observer.rings.json \
    >"$folder/observer.oracle.jsonl" 2>/dev/null
  "$oracle" parser "$seed" 50000 tests/vectors/data/world.json <tests/vectors/data/parser.dev.jsonl \
    >"$folder/parser.oracle.jsonl" 2>/dev/null || die 'the oracle fell silent'
  for name in filter observer parser; do
    VECTORS_DIR=$folder VECTORS_SET=oracle "build/release/tests/vectors/${name}_vectors_test" || status=1
  done
  return "$status"
}
tier_asan() {
  build asan --target tests_unit
  ctest --test-dir build/asan -L unit --output-on-failure -j "$jobs"
}
tier_tsan() {
  # Not the server: gRPC's packaged libraries are not instrumented, and every lock inside them that
  # ThreadSanitizer cannot see is reported as a race.
  build tsan --target tests_stress ringbuffer_test
  ctest --test-dir build/tsan -L 'unit|stress' --output-on-failure
}
tier_kernel() {
  [ "$(id -u)" = 0 ] || {
    echo 'skipped: kernel tests need root'
    return 77
  }
  build release
  ctest --test-dir build/release -L kernel --output-on-failure
}
tier_clients() {
  [ "$(id -u)" = 0 ] || {
    echo 'skipped: the clients talk to a real agent, which needs root'
    return 77
  }
  build release
  HUBBLE=$(hubble_cli) HUBBLE_OLDER="$(hubble_cli hubble-1.18) $(hubble_cli hubble-1.17)" \
    HUBBLE_SERVER_PEER=$(go_tool tests/clients/hubble-server hubble-server) \
    RELAY=$(go_tool tests/clients/relay hubble-relay) \
    ctest --test-dir build/release -L clients --output-on-failure
}
# Debian's cloud kernels, each in a virtual machine: what must hold on every kernel, and all that can be
# tested there.
tier_vms() { boot_kernels '[vm]'; }
tier_vms-all() { boot_kernels '[vm],[vm-all]'; }
boot_kernels() {
  local tests=$1 package wanted=() id codename uri key
  # shellcheck source=/dev/null
  id=$(. /etc/os-release && echo "$ID")
  # shellcheck source=/dev/null
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  read -r uri key < <(archive_of "$codename")
  if [ "$id:$(uname -m)" != debian:x86_64 ] || [ -z "$key" ]; then
    echo "skipped: the kernels come from Debian's archive, for x86-64, by this machine's own apt source"
    return 77
  fi
  for package in busybox-static cpio kmod qemu-system-x86 wireguard-tools xz-utils; do
    is_installed "$package" || wanted+=("$package")
  done
  if [ ${#wanted[@]} -gt 0 ]; then
    [ "$(id -u)" = 0 ] || {
      echo "skipped: needs ${wanted[*]}, and root to install them"
      return 77
    }
    if ! { apt-get update -qq &&
      DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${wanted[@]}" >/dev/null; }; then
      echo "skipped: cannot install ${wanted[*]}"
      return 77
    fi
  fi
  build release --target alidade kernel_test
  # shellcheck disable=SC2086 # one word a kernel
  tests/vms/vms_test.sh "$tests" build/release "$cache/vms" "$uri" "$key" ${KERNELS:-}
}
tier_deploy() { "$(go_tool tests/deploy check-manifest)" deploy/daemonset.yaml; }
tier_docker() { tests/docker/docker_test.sh; }

# Versions differ; the one of Debian 12 decides.
format_version=14

lint_text() {
  local files version
  mapfile -t files < <(git ls-files '*.cc' '*.h' '*.c')
  say 'clang-format'
  version=$(clang-format --version | sed -nE 's/.*version ([0-9]+).*/\1/p')
  if [ "$version" = "$format_version" ]; then
    clang-format --dry-run --Werror "${files[@]}" || die 'clang-format -i would change a file'
  else
    echo "not checked: version $version breaks lines otherwise than $format_version, which decides"
  fi
  say 'direction of includes'
  tests/lint/include_direction.sh || die 'an include runs against the arrows'
  say 'shellcheck'
  mapfile -t files < <(git ls-files | xargs grep -lE '^# shellcheck shell=|^#!.*(bash|sh)$')
  shellcheck -x "${files[@]}" || die 'shellcheck found something'
}
