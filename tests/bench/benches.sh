# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Benchmarks that run beside a peer, for ./dev: a function bench_NAME each. The others are the program
# alone.

# Our parser, then Cilium's on the same bytes: as its agent makes it (peer), and with a map behind
# every getter (maps), which no agent has. How many times the CPU time it takes, by kind and in all.
bench_parser() {
  local folder=build/bench peer
  peer=$(go_tool tests/cilium cilium) || die 'no peer'
  mkdir -p "$folder"
  { build/release/tests/bench/parser_bench "$folder" && "$peer" bench "$folder"; } | tee "$folder/parser.txt"
  awk '$1 ~ /^cilium-/ && $2 ~ /^(all|maps|peer)$/ {cost[$1, $2] = $3; sum[$2] += $3; kinds[$1]}
    function show(kind, ours, maps, peer) {
      printf "%-16s ours %6.0f ns  peer %6.0f ns, %5.1f times  maps %6.0f ns, %5.1f times\n",
        kind, ours, peer, peer / ours, maps, maps / ours
    }
    END {
      for (kind in kinds) { n++; show(kind, cost[kind, "all"], cost[kind, "maps"], cost[kind, "peer"]) }
      show("mean of kinds", sum["all"] / n, sum["maps"] / n, sum["peer"] / n)
    }' "$folder/parser.txt"
}

# Beside Cilium's own server on the same flows.
bench_serve() {
  local peer
  peer=$(go_tool tests/clients/hubble-server hubble-server)
  build/release/tests/bench/serve_bench --peer "$peer"
}
