#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: vms_test.sh BUILD_FOLDER CACHE_FOLDER ARCHIVE KEYRING [SERIES...]
#
# Boots Debian's cloud kernels in qemu by software emulation, each with the agent and those kernel
# tests that are tagged [vm], and tells what passed on which. Kernels are fetched once and kept in
# CACHE_FOLDER; remove it for newer ones. A machine that says nothing more is ended by its deadline.
set -euo pipefail

build=$1 cache=$2 archive=$3 keyring=$4
shift 4
here=$(dirname "${BASH_SOURCE[0]}")

# Kernel series and the suite that has it.
kernels='
5.10 bullseye
6.1  bookworm
6.12 bookworm-backports
7    trixie-backports
'
deadline_seconds=${VM_DEADLINE:-900}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0

count() { grep -c "^$1: " "$work/console" || true; }

# Runs one machine; its console is in $work/console.
boot() {
  # Without cmpxchg16b, which qemu 7.2 emulates wrongly on several CPUs, five-level page tables, which
  # cost time, and the check of the timer, which fails when the host is busy.
  timeout "$deadline_seconds" nice qemu-system-x86_64 -accel tcg -cpu max,cx16=off,la57=off -smp 2 -m 1536 \
    -nographic -no-reboot -net none -kernel "$1/vmlinuz" -initrd "$work/initramfs" \
    -append 'console=ttyS0 panic=-1 no_timer_check quiet' </dev/null 2>&1 |
    tr -d '\r' | sed 's/\x1b[^a-zA-Z]*[a-zA-Z]//g' >"$work/console" || true
}

test_kernel() {
  local series=$1 suite=$2 folder=$cache/$1 start=$SECONDS
  if [ ! -e "$folder/version" ]; then
    mkdir -p "$cache"
    "$here/fetch_kernel.sh" "$archive" "$keyring" "$suite" "$folder" >"$work/fetch" 2>&1 || {
      echo "$series: failed: no kernel to be had from $suite:"
      cat "$work/fetch"
      failed=$((failed + 1))
      return
    }
  fi
  "$build/tests/kernel_test" --list-tests --verbosity quiet '[vm]' >"$work/tests"
  echo >>"$work/tests" # the list has no newline at its end
  "$here/make_initramfs.sh" "$folder" "$build" "$work/initramfs" <"$work/tests" \
    2>"$work/initramfs.log" || {
    cat "$work/initramfs.log"
    failed=$((failed + 1))
    return
  }
  boot "$folder"
  sed -n "/^running /,\$p" "$work/console" | sed "s/^/$series: /"
  passed=$((passed + $(count passed))) failed=$((failed + $(count failed)))
  skipped=$((skipped + $(count skipped)))
  if ! grep -q '^all run$' "$work/console"; then
    echo "$series: failed: the machine ended early, or at its deadline; its last words:"
    tail -20 "$work/console"
    failed=$((failed + 1))
  fi
  echo "$series: $(cat "$folder/version") took $((SECONDS - start)) s"
}

while read -r series suite; do
  [ -n "$series" ] || continue
  [ $# -eq 0 ] || [[ " $* " == *" $series "* ]] || continue
  test_kernel "$series" "$suite"
done <<<"$kernels"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
