// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/status_report.h"

#include <string>

#include "agent/recording/proto_json.h"
#include "catch2/catch_test_macros.hpp"

namespace alidade {
namespace {

template <typename Message>
Message FromText(const char* json) {
  Message message;
  REQUIRE(FromJson(json, &message).ok());
  return message;
}

StatusReport Serving(const char* server) {
  StatusReport report;
  report.target = "unix:///run/a.sock";
  report.serving = HealthCheckResponse::SERVING;
  report.server = FromText<observer::ServerStatusResponse>(server);
  return report;
}

TEST_CASE("the status of a Hubble server is what its own client prints", "[cli]") {
  CHECK(FormatStatusText(Serving(R"({"num_flows":"14","max_flows":"4095","flows_rate":0.125})")) ==
        "Healthcheck (via unix:///run/a.sock): Ok\n"
        "Current/Max Flows: 14/4,095 (0.34%)\n"
        "Flows/s: 0.12\n");
}

TEST_CASE("the rate of flows falls back to the mean since the start", "[cli]") {
  std::string mean = FormatStatusText(Serving(R"({"seen_flows":"30","uptime_ns":"4000000000"})"));
  CHECK(mean.find("Current/Max Flows: 0/0\nFlows/s: 7.50\n") != std::string::npos);
  CHECK(FormatStatusText(Serving("{}")).find("Flows/s: N/A\n") != std::string::npos);
}

TEST_CASE("the nodes behind a relay are counted and named", "[cli]") {
  std::string text = FormatStatusText(Serving(
      R"({"num_connected_nodes":2,"num_unavailable_nodes":3,"unavailable_nodes":["n5","n4"]})"));
  CHECK(text.find(
            "Connected Nodes: 2/5\nUnavailable Nodes: 3\n  - n4\n  - n5\n  - and 1 more...\n") !=
        std::string::npos);
}

TEST_CASE("a server that does not serve has one line", "[cli]") {
  StatusReport report;
  report.target = "h:1";
  report.serving = HealthCheckResponse::NOT_SERVING;
  CHECK(FormatStatusText(report) == "Healthcheck (via h:1): Unavailable: NOT_SERVING\n");
}

TEST_CASE("the status of an agent tells sources, losses, hooks, interfaces and clients", "[cli]") {
  StatusReport report = Serving(R"({"num_flows":"1","max_flows":"1","flows_rate":2})");
  report.agent = FromText<GetStatusResponse>(R"({
      "version":"alidade v1","node_name":"n1","source":"ebpf","uptime_ns":"3723500000000",
      "map_memory_bytes":"1048576",
      "maps":[{"name":"BPF rings","bytes":"1048000","max_entries":64},
              {"name":"connection_sets","bytes":"576","max_entries":16384}],
      "hooks":[{"name":"trace","attached":true,"detail":"tcx","seen":"12345","emitted":"1000",
                "lost":"2","failed":"0","ignored":"11300","limited":"40","sampled":"3",
                "missed":"5","untold":"6"},
               {"name":"packet_drop","detail":"no tracepoint\u001b"}],
      "interfaces":[{"index":2,"name":"pod0","role":"pod","attach":"tcx","peer_index":5,
                     "peer_netns":4026532000,"peer_netns_path":"/run/netns/p0"},
                    {"index":1,"name":"lo","role":"loopback","unseen_packets":"1000",
                     "detail":"excluded"}],
      "ledger":{"emitted":"1000","kernel_ring_lost":"2","limited":"40","missed":"5","received":"999",
                "stored":"998",
                "reordered":"3","decode_errors":[{"name":"packet_decode","value":"1"}]},
      "clients":[{"peer":"unix:","method":"GetFlows","delivered":"5","filtered":"6","lost":"7"}]})");
  CHECK(FormatStatusText(report) ==
        "Healthcheck (via unix:///run/a.sock): Ok\n"
        "Current/Max Flows: 1/1 (100.00%)\n"
        "Flows/s: 2.00\n"
        "Node: n1\n"
        "Version: alidade v1\n"
        "Uptime: 1h2m3s\n"
        "Source: ebpf\n"
        "Events: emitted 1,000, received 999, stored 998, reordered 3\n"
        "Lost: kernel ring 2, rate limit 40, too large 0, programs left out 5, packet_decode 1\n"
        "Kernel maps: 1,048,576 bytes\n"
        "\n"
        "HOOK         STATE     SEEN    MISSED  EMITTED  LOST  FAILED  IGNORED  LIMITED  "
        "SAMPLED OUT  UNTOLD  DETAIL\n"
        "trace        attached  12,345  5       1,000    2     0       11,300   40       "
        "3            6       tcx\n"
        "packet_drop  missing   0       0       0        0     0       0        0        "
        "0            0       no tracepoint^[\n"
        "\n"
        "INDEX  INTERFACE  ROLE      ATTACHED  UNSEEN  PEER                DETAIL\n"
        "2      pod0       pod       tcx       0       5 in /run/netns/p0\n"
        "1      lo         loopback  no        1,000                       excluded\n"
        "\n"
        "MAP              BYTES      MAX ENTRIES\n"
        "BPF rings        1,048,000  64\n"
        "connection_sets  576        16,384\n"
        "\n"
        "CLIENT  METHOD    DELIVERED  FILTERED  LOST\n"
        "unix:   GetFlows  5          6         7\n");
}

TEST_CASE("the status as JSON carries both answers", "[cli]") {
  StatusReport report = Serving(R"({"max_flows":"7"})");
  report.agent = FromText<GetStatusResponse>(R"({"node_name":"n1"})");
  CHECK(FormatStatusJson(report) ==
        R"({"target":"unix:///run/a.sock","health":"SERVING","server":{"max_flows":"7"},)"
        R"("agent":{"node_name":"n1"}})"
        "\n");
}

}  // namespace
}  // namespace alidade
