#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: vms_test.sh TESTS BUILD_FOLDER CACHE_FOLDER ARCHIVE KEYRING [SERIES...]
#
# Boots Debian's cloud kernels in qemu by software emulation, each with the agent and those kernel
# tests that TESTS chooses (tags, as Catch2 has them), and tells what passed on which. Kernels are
# fetched once and kept in CACHE_FOLDER; remove it for newer ones. A machine that says nothing more is
# ended by its deadline.
set -euo pipefail

chosen=$1 build=$2 cache=$3 archive=$4 keyring=$5
shift 5
here=$(dirname "${BASH_SOURCE[0]}")

# Kernel series, the suite that has it, and its CPUs; what takes longest first. qemu 7.2 emulates
# cmpxchg16b wrongly on several CPUs, so that they must do without; then a 7.x kernel has no memory for
# a socket's storage (kmalloc_nolock in mm/slub.c).
kernels='
7    trixie-backports   1
5.10 bullseye           2
6.1  bookworm           2
6.12 bookworm-backports 2
'
deadline_seconds=${VM_DEADLINE:-1800}

work=$(mktemp -d)
end_machines() {
  local pid
  for pid in "$work"/*/pid; do
    [ ! -e "$pid" ] || kill "$(cat "$pid")" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap end_machines EXIT

# Runs one machine of $3 CPUs with the initial file system in folder $2 and keeps what it says there.
boot() {
  local kernel=$1 machine=$2 cpus=$3 cpu=max,la57=off
  [ "$cpus" -eq 1 ] || cpu+=,cx16=off
  # Without five-level page tables, which cost time, and the check of the timer, which fails when the
  # host is busy.
  timeout "$deadline_seconds" nice qemu-system-x86_64 -accel tcg -cpu "$cpu" -smp "$cpus" -m 1536 \
    -nographic -no-reboot -net none -kernel "$kernel/vmlinuz" -initrd "$machine/initramfs" \
    -append 'console=ttyS0 panic=-1 no_timer_check quiet' </dev/null >"$machine/raw" 2>&1 &
  echo $! >"$machine/pid"
  wait $! || true
  rm "$machine/pid"
  tr -d '\r' <"$machine/raw" | sed 's/\x1b[^a-zA-Z]*[a-zA-Z]//g' >"$machine/console"
}

# Tests on one kernel, and tells the outcome.
test_kernel() {
  local series=$1 suite=$2 cpus=$3 folder=$cache/$1 machine=$work/$1 start=$SECONDS
  mkdir -p "$machine" "$cache"
  if [ ! -e "$folder/version" ]; then
    timeout 600 "$here/fetch_kernel.sh" "$archive" "$keyring" "$suite" "$folder" >"$machine/fetch" 2>&1 || {
      echo "$series: skipped: no kernel to be had from $suite:"
      cat "$machine/fetch"
      return
    }
  fi
  touch "$machine/has-kernel"
  "$here/make_initramfs.sh" "$folder" "$build" "$machine/initramfs" <"$work/tests" \
    2>"$machine/initramfs.log" || {
    echo "$series: failed: no initial file system:"
    cat "$machine/initramfs.log"
    return
  }
  boot "$folder" "$machine" "$cpus"
  # A word of the firmware's or the kernel's may stand before it, without an end of its line.
  sed -n "/running $(cat "$folder/version")/,\$p" "$machine/console" |
    sed "1s/.*running /running /; s/^/$series: /"
  if ! grep -q '^all run$' "$machine/console"; then
    echo "$series: failed: the machine ended early, or at its deadline; its last words:"
    tail -20 "$machine/console"
  elif [ "$(grep -cE '^(passed|failed|skipped): ' "$machine/console")" -ne "$(grep -c . "$work/tests")" ]; then
    echo "$series: failed: not every test has told how it ended"
  fi
  echo "$series: $(cat "$folder/version") took $((SECONDS - start)) s"
}

"$build/tests/kernel_test" --list-tests --verbosity quiet "$chosen" >"$work/tests"
echo >>"$work/tests" # the list has no newline at its end
tested=()
while read -r series suite cpus; do
  [ -n "$series" ] || continue
  [ $# -eq 0 ] || [[ " $* " == *" $series "* ]] || continue
  tested+=("$work/$series.log")
  # A machine keeps one CPU and a half busy.
  while [ "$(jobs -pr | wc -l)" -ge "$(nproc)" ]; do wait -n; done
  test_kernel "$series" "$suite" "$cpus" >"$work/$series.log" 2>&1 &
done <<<"$kernels"
wait

count() { cat "${tested[@]}" | grep -cE "^[0-9.]+: $1: " || true; }
cat "${tested[@]}"
if [ "$(count failed)" -eq 0 ] && ! compgen -G "$work/*/has-kernel" >/dev/null; then
  echo 'skipped: no kernel could be fetched'
  exit 77
fi
echo "$(count passed) passed, $(count failed) failed, $(count skipped) skipped"
[ "$(count failed)" -eq 0 ]
