#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Fails when an include runs against the arrows of ARCHITECTURE.md: every part may include itself
# and what its row names. Libraries that would drag root, gRPC or the kernel into a part that must
# do without are checked by header as well.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# part | parts it may include | headers (patterns) it must not include
rules='
bpf             |                                                            | .*\.pb\.h|absl/.*
ringbuffer      |                                                            | .*\.pb\.h|absl/.*|grpc.*|bpf/.*
parser          | bpf flow                                                   | grpc.*|bpf/(bpf|libbpf|btf)\.h|spdlog.*|thread|mutex|chrono|ctime
agent/metrics   | parser                                                     | grpc.*|bpf/(bpf|libbpf|btf)\.h
agent/filter    | parser flow                                                | grpc.*|bpf/(bpf|libbpf|btf)\.h
agent/recording | parser flow observer                                                | grpc.*|bpf/(bpf|libbpf|btf)\.h
agent/resolve   | parser flow agent/recording                                | grpc.*|bpf/(bpf|libbpf|btf)\.h
agent/capture   | bpf parser flow observer agent/metrics agent/recording              | grpc.*
agent/privileges |                                                           | .*\.pb\.h|grpc.*|bpf/(bpf|libbpf|btf)\.h
agent/observer  | ringbuffer parser agent/filter agent/metrics flow observer peer relay alidade | bpf/(bpf|libbpf|btf)\.h
agent/cli       | parser agent/filter agent/recording agent/resolve agent/command_line.h agent/config_file.h agent/option_values.h flow observer peer relay alidade | bpf/(bpf|libbpf|btf)\.h
agent           | bpf ringbuffer parser agent flow observer alidade          |
'

failed=0
complain() {
  printf '%s: includes "%s": %s\n' "$1" "$2" "$3" >&2
  failed=1
}

# Sets $allowed and $forbidden for the part that `file` belongs to.
rule_of() {
  local file=$1 part parts headers
  while IFS='|' read -r part parts headers; do
    part=${part// /}
    [ -n "$part" ] || continue
    case $file in
      "$part"/*)
        allowed="$part $parts" forbidden=${headers// /}
        return 0
        ;;
    esac
  done <<<"${rules}"
  return 1
}

check() {
  local file=$1 include=$2 kind=$3 allowed forbidden prefix
  rule_of "$file" || return 0
  if [ -n "$forbidden" ] && [[ $include =~ ^($forbidden)$ ]]; then
    complain "$file" "$include" 'this part must do without it'
    return 0
  fi
  [ "$kind" = '"' ] || return 0
  # Only the project's own files and generated protos have arrows.
  case $include in
    bpf/*.skel.h) prefix=bpf ;;
    vmlinux.h) return 0 ;;
    *) prefix=$include ;;
  esac
  case $include in
    agent/* | bpf/* | flow/* | observer/* | parser/* | peer/* | relay/* | ringbuffer/* | alidade/* | tests/*) ;;
    *) return 0 ;;
  esac
  # Two macros over absl::Status stand below everything in agent/.
  [[ $file != agent/* || $include != agent/status_macros.h ]] || return 0
  for part in $allowed; do
    case $prefix in "$part" | "$part"/*) return 0 ;; esac
  done
  complain "$file" "$include" "only from: $allowed"
}

while IFS=: read -r file line; do
  kind=${line#*include}
  kind=${kind#"${kind%%[\"<]*}"}
  kind=${kind:0:1}
  include=$(sed -E 's/.*include *["<]([^">]+)[">].*/\1/' <<<"$line")
  check "$file" "$include" "$kind"
done < <(git ls-files -co --exclude-standard bpf ringbuffer parser agent |
  grep -E '\.(c|h|cc)$' | xargs grep -HE '^ *# *include')

[ "$failed" -eq 0 ] || exit 1
echo 'no include runs against the arrows'
