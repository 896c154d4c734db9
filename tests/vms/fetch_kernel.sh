#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: fetch_kernel.sh ARCHIVE KEYRING SUITE FOLDER
#
# Fetches the newest cloud kernel of a Debian suite and leaves in FOLDER: vmlinuz, version and
# lib/modules/<version> with its modules uncompressed. apt works on lists and a cache of its own:
# nothing is installed, and the machine's own sources stay as they are.
set -euo pipefail

archive=$1 keyring=$2 suite=$3 folder=$4
work=$(mktemp -d "$folder.XXXXXX")
trap 'rm -rf "$work"' EXIT

mkdir -p "$work"/lists/partial "$work"/archives/partial "$work"/debs "$work"/root
echo "deb [signed-by=$keyring arch=amd64] $archive $suite main" >"$work/sources.list"
options=(
  -qq -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
  -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work" -o APT::Sandbox::User=root
  -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false
)
apt-get "${options[@]}" update

# The packages of the kernel's own parts that `package` needs: one image, or binary and modules apart.
parts_of() {
  apt-cache "${options[@]}" show --no-all-versions "$1" | sed -n 's/^Depends: //p' | tr ',' '\n' | tr '|' '\n' |
    sed -nE 's/^ *(linux-(image|binary|modules)-[0-9][^ ]*).*/\1/p'
}
image=$(parts_of linux-image-cloud-amd64)
[ -n "$image" ] || {
  echo "$suite has no linux-image-cloud-amd64" >&2
  exit 1
}
mapfile -t packages < <(echo "$image"; parts_of "$image")
(cd "$work/debs" && apt-get "${options[@]}" download "${packages[@]}")
for deb in "$work"/debs/*.deb; do dpkg-deb -x "$deb" "$work/root"; done

modules=$(find "$work/root" -path '*/lib/modules/*' -prune)
version=$(basename "$modules")
ready=$work/ready
mkdir -p "$ready/lib/modules"
mv "$(find "$work/root" -name 'vmlinuz*')" "$ready/vmlinuz"
mv "$modules" "$ready/lib/modules/"
find "$ready/lib/modules" -name '*.ko.xz' -exec xz -d {} +
depmod -b "$ready" "$version"
echo "$version" >"$ready/version"
rm -rf "$folder"
mv "$ready" "$folder"
