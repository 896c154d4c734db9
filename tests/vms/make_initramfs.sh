#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: make_initramfs.sh KERNEL_FOLDER BUILD_FOLDER OUTPUT
#
# Packs the root file system of a test machine: the agent and the kernel tests as built, the tools
# of this host that they call, with the libraries of all of them, and the kernel's network modules.
# Reads the names of the tests to run from stdin.
set -euo pipefail

kernel=$1 build=$2 output=$3
here=$(dirname "${BASH_SOURCE[0]}")
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

# Copies what `program` is linked with to the places where it stands here.
add_libraries() {
  local library
  ldd "$1" | grep -oE '/[^ ]+' | while read -r library; do
    [ -e "$root$library" ] || install -D "$library" "$root$library"
  done
}

mkdir -p "$root"/{busybox,dev,etc,proc,run,sys,tmp,usr/sbin,usr/bin,usr/lib,var}
ln -s ../run "$root/var/run"
for folder in sbin bin lib lib64; do ln -s "usr/$folder" "$root/$folder"; done
mkdir -p "$root/usr/lib64"
for program in bash ip tc nft bpftool modprobe setpriv unshare wg; do
  path=$(PATH=/usr/sbin:/sbin:$PATH command -v "$program")
  install -D "$path" "$root$path"
  add_libraries "$path"
done
for program in alidade tests/kernel_test; do
  add_libraries "$build/$program"
  strip -o "$root/$(basename "$program")" "$build/$program"
done
cp /etc/protocols /etc/services "$root/etc/" 2>/dev/null || true
cp "$(command -v busybox)" "$root/busybox/busybox"
"$root/busybox/busybox" --list | while read -r applet; do
  [ "$applet" = busybox ] || ln -s busybox "$root/busybox/$applet"
done

# All of net/, and the drivers of the links that a node may have.
version=$(cat "$kernel/version")
modules=lib/modules/$version
for folder in net drivers/net lib crypto arch/x86/crypto; do
  [ -d "$kernel/$modules/kernel/$folder" ] || continue
  mkdir -p "$root/$modules/kernel/$folder"
  cp -r "$kernel/$modules/kernel/$folder/." "$root/$modules/kernel/$folder"
done
rm -rf "$root/$modules/kernel/drivers/net"/{ethernet,wireless,usb,phy,wwan,ieee802154,can}
cp "$kernel/$modules"/modules.{builtin,order} "$root/$modules/" 2>/dev/null || true
depmod -b "$root" "$version"

cat >"$root/tests"
install "$here/init" "$root/init"
chmod 755 "$root"
(cd "$root" && find . | cpio --quiet -o -H newc) >"$output"
