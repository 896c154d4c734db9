// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/status_report.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "agent/cli/text.h"
#include "agent/recording/proto_json.h"
#include "nlohmann/json.hpp"

namespace alidade {
namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string HealthText(const StatusReport& report) {
  bool ok = report.serving == HealthCheckResponse::SERVING;
  return absl::StrCat(
      "Healthcheck (via ", report.target, "): ",
      ok ? "Ok"
         : absl::StrCat("Unavailable: ", HealthCheckResponse::ServingStatus_Name(report.serving)),
      "\n");
}

// The rate that the server tells, else the mean since its start.
std::string FlowRateText(const observer::ServerStatusResponse& server) {
  double uptime_seconds = static_cast<double>(server.uptime_ns()) / 1e9;
  if (server.flows_rate() > 0) return absl::StrFormat("%.2f", server.flows_rate());
  if (uptime_seconds > 0) {
    return absl::StrFormat("%.2f", static_cast<double>(server.seen_flows()) / uptime_seconds);
  }
  return "N/A";
}

// Only hubble-relay speaks of nodes.
std::string NodesText(const observer::ServerStatusResponse& server) {
  std::string text;
  uint32_t connected = server.num_connected_nodes().value();
  uint32_t unavailable = server.num_unavailable_nodes().value();
  if (server.has_num_connected_nodes()) {
    absl::StrAppend(&text, "Connected Nodes: ", connected);
    if (server.has_num_unavailable_nodes()) absl::StrAppend(&text, "/", connected + unavailable);
    text += "\n";
  }
  if (unavailable > 0) {
    absl::StrAppend(&text, "Unavailable Nodes: ", unavailable, "\n");
    std::vector<std::string> names(server.unavailable_nodes().begin(),
                                   server.unavailable_nodes().end());
    std::sort(names.begin(), names.end());
    if (!names.empty() && unavailable > names.size()) {
      names.push_back(absl::StrCat("and ", unavailable - names.size(), " more..."));
    }
    for (const std::string& name : names) absl::StrAppend(&text, "  - ", name, "\n");
  }
  return text;
}

std::string ServerText(const observer::ServerStatusResponse& server) {
  std::string ratio;
  if (server.max_flows() > 0) {
    ratio = absl::StrFormat(" (%.2f%%)", 100 * static_cast<double>(server.num_flows()) /
                                             static_cast<double>(server.max_flows()));
  }
  return absl::StrCat("Current/Max Flows: ", GroupDigits(server.num_flows()), "/",
                      GroupDigits(server.max_flows()), ratio, "\n",
                      "Flows/s: ", FlowRateText(server), "\n", NodesText(server));
}

// Every cause by which an event can be missing from the store.
std::string LossText(const LedgerStatus& ledger) {
  std::string text =
      absl::StrCat("Lost: kernel ring ", GroupDigits(ledger.kernel_ring_lost()), ", rate limit ",
                   GroupDigits(ledger.limited()), ", too large ", GroupDigits(ledger.oversize()));
  const std::pair<const char*, uint64_t> rare[] = {
      {"not written", ledger.failed()},
      {"programs left out", ledger.missed()},
      {"agent events", ledger.agent_events_lost()},
  };
  for (const auto& [name, count] : rare) {
    if (count > 0) absl::StrAppend(&text, ", ", name, " ", GroupDigits(count));
  }
  for (const Count& error : ledger.decode_errors()) {
    absl::StrAppend(&text, ", ", error.name(), " ", GroupDigits(error.value()));
  }
  return text + "\n";
}

std::string HooksText(const GetStatusResponse& agent) {
  Rows rows = {{"HOOK", "STATE", "SEEN", "MISSED", "EMITTED", "LOST", "FAILED", "IGNORED",
                "LIMITED", "SAMPLED OUT", "UNTOLD", "DETAIL"}};
  for (const HookStatus& hook : agent.hooks()) {
    rows.push_back({hook.name(), hook.attached() ? "attached" : "missing", GroupDigits(hook.seen()),
                    GroupDigits(hook.missed()), GroupDigits(hook.emitted()),
                    GroupDigits(hook.lost()), GroupDigits(hook.failed()),
                    GroupDigits(hook.ignored()), GroupDigits(hook.limited()),
                    GroupDigits(hook.sampled()), GroupDigits(hook.untold()), hook.detail()});
  }
  return AlignColumns(rows);
}

std::string PeerText(const InterfaceStatus& interface) {
  if (interface.peer_index() == 0) return {};
  std::string text = absl::StrCat(interface.peer_index());
  if (interface.peer_netns() != 0) absl::StrAppend(&text, " in ", interface.peer_netns_path());
  return text;
}

std::string InterfacesText(const GetStatusResponse& agent) {
  Rows rows = {{"INDEX", "INTERFACE", "ROLE", "ATTACHED", "UNSEEN", "PEER", "DETAIL"}};
  for (const InterfaceStatus& interface : agent.interfaces()) {
    rows.push_back({absl::StrCat(interface.index()), interface.name(), interface.role(),
                    interface.attach().empty() ? "no" : interface.attach(),
                    GroupDigits(interface.unseen_packets()), PeerText(interface),
                    interface.detail()});
  }
  return AlignColumns(rows);
}

std::string MapsText(const GetStatusResponse& agent) {
  Rows rows = {{"MAP", "BYTES", "MAX ENTRIES"}};
  for (const MapStatus& map : agent.maps()) {
    rows.push_back({map.name(), GroupDigits(map.bytes()), GroupDigits(map.max_entries())});
  }
  return AlignColumns(rows);
}

std::string ClientsText(const GetStatusResponse& agent) {
  Rows rows = {{"CLIENT", "METHOD", "DELIVERED", "FILTERED", "LOST"}};
  for (const ClientStatus& client : agent.clients()) {
    rows.push_back({client.peer(), client.method(), GroupDigits(client.delivered()),
                    GroupDigits(client.filtered()), GroupDigits(client.lost())});
  }
  return AlignColumns(rows);
}

std::string AgentText(const GetStatusResponse& agent) {
  absl::Duration uptime = absl::Nanoseconds(static_cast<int64_t>(agent.uptime_ns()));
  const LedgerStatus& ledger = agent.ledger();
  std::string text = absl::StrCat(
      "Node: ", agent.node_name(), "\n", "Version: ", agent.version(), "\n",
      "Uptime: ", absl::FormatDuration(absl::Trunc(uptime, absl::Seconds(1))), "\n",
      "Source: ", agent.source(), "\n", "Events: emitted ", GroupDigits(ledger.emitted()),
      ", received ", GroupDigits(ledger.received()), ", stored ", GroupDigits(ledger.stored()),
      ", reordered ", GroupDigits(ledger.reordered()), "\n", LossText(ledger),
      "Kernel maps: ", GroupDigits(agent.map_memory_bytes()), " bytes\n");
  if (agent.interface_resyncs() > 0) {
    absl::StrAppend(&text, "Changes of interfaces lost, and all read again: ",
                    GroupDigits(agent.interface_resyncs()), " times\n");
  }
  absl::StrAppend(&text, "\n", HooksText(agent), "\n", InterfacesText(agent));
  if (agent.maps_size() > 0) absl::StrAppend(&text, "\n", MapsText(agent));
  if (agent.clients_size() > 0) absl::StrAppend(&text, "\n", ClientsText(agent));
  return text;
}

}  // namespace

std::string FormatStatusText(const StatusReport& report) {
  std::string text = HealthText(report);
  if (report.server) text += ServerText(*report.server);
  if (report.agent) text += AgentText(*report.agent);
  return EscapeForTerminal(text);
}

std::string FormatStatusJson(const StatusReport& report) {
  nlohmann::ordered_json json;
  json["target"] = report.target;
  json["health"] = HealthCheckResponse::ServingStatus_Name(report.serving);
  if (report.server) json["server"] = nlohmann::ordered_json::parse(ToJson(*report.server));
  if (report.agent) json["agent"] = nlohmann::ordered_json::parse(ToJson(*report.agent));
  return json.dump() + "\n";
}

}  // namespace alidade
