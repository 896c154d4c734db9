// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/event_text.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

// Services are no longer told of, but older servers and recordings have them.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace alidade {
namespace {

std::string EndpointRegenerateText(const flow::EndpointRegenNotification& regenerate) {
  std::string text = absl::StrCat("id: ", regenerate.id(), ", labels: [",
                                  absl::StrJoin(regenerate.labels(), ","), "]");
  if (!regenerate.error().empty()) absl::StrAppend(&text, ", error: ", regenerate.error());
  return text;
}

std::string EndpointUpdateText(const flow::EndpointUpdateNotification& update) {
  std::string text = absl::StrCat("id: ", update.id());
  if (!update.namespace_().empty()) absl::StrAppend(&text, ", namespace: ", update.namespace_());
  if (!update.pod_name().empty()) absl::StrAppend(&text, ", pod name: ", update.pod_name());
  return text;
}

std::string IpCacheText(const flow::IPCacheNotification& update) {
  std::string text = absl::StrCat("cidr: ", update.cidr(), ", identity: ", update.identity());
  if (update.has_old_identity()) {
    absl::StrAppend(&text, ", old identity: ", update.old_identity().value());
  }
  if (!update.host_ip().empty()) absl::StrAppend(&text, ", host ip: ", update.host_ip());
  if (!update.old_host_ip().empty()) {
    absl::StrAppend(&text, ", old host ip: ", update.old_host_ip());
  }
  absl::StrAppend(&text, ", encrypt key: ", update.encrypt_key());
  return text;
}

std::string AddressText(const flow::ServiceUpsertNotificationAddr& address) {
  const bool is_ipv6 = absl::StrContains(address.ip(), ":");
  return is_ipv6 ? absl::StrCat("[", address.ip(), "]:", address.port())
                 : absl::StrCat(address.ip(), ":", address.port());
}

std::string ServiceText(const flow::ServiceUpsertNotification& service) {
  std::string text = absl::StrCat("id: ", service.id());
  if (service.has_frontend_address()) {
    absl::StrAppend(&text, ", frontend: ", AddressText(service.frontend_address()));
  }
  if (!service.backend_addresses().empty()) {
    std::vector<std::string> backends;
    for (const auto& address : service.backend_addresses()) {
      backends.push_back(AddressText(address));
    }
    absl::StrAppend(&text, ", backends: [", absl::StrJoin(backends, ","), "]");
  }
  const auto append = [&text](const char* name, const std::string& value) {
    if (!value.empty()) absl::StrAppend(&text, name, value);
  };
  append(", type: ", service.type());
  append(", traffic policy: ", service.traffic_policy());
  append(", namespace: ", service.namespace_());
  append(", name: ", service.name());
  return text;
}

}  // namespace

std::string AgentEventDetails(const flow::AgentEvent& event, TimeFormat time_format) {
  switch (event.type()) {
    case flow::AGENT_EVENT_UNKNOWN:
      if (!event.has_unknown()) break;
      return absl::StrCat("type: ", event.unknown().type(),
                          ", notification: ", event.unknown().notification());
    case flow::AGENT_STARTED: {
      if (!event.has_agent_start()) break;
      const flow::TimeNotification& start = event.agent_start();
      return absl::StrCat("start time: ",
                          TimestampText(start.has_time() ? &start.time() : nullptr, time_format));
    }
    case flow::POLICY_UPDATED:
    case flow::POLICY_DELETED:
      if (!event.has_policy_update()) break;
      return absl::StrCat("labels: [", absl::StrJoin(event.policy_update().labels(), ","),
                          "], revision: ", event.policy_update().revision(),
                          ", count: ", event.policy_update().rule_count());
    case flow::ENDPOINT_REGENERATE_SUCCESS:
    case flow::ENDPOINT_REGENERATE_FAILURE:
      if (!event.has_endpoint_regenerate()) break;
      return EndpointRegenerateText(event.endpoint_regenerate());
    case flow::ENDPOINT_CREATED:
    case flow::ENDPOINT_DELETED:
      if (!event.has_endpoint_update()) break;
      return EndpointUpdateText(event.endpoint_update());
    case flow::IPCACHE_UPSERTED:
    case flow::IPCACHE_DELETED:
      if (!event.has_ipcache_update()) break;
      return IpCacheText(event.ipcache_update());
    case flow::SERVICE_UPSERTED:
      if (!event.has_service_upsert()) break;
      return ServiceText(event.service_upsert());
    case flow::SERVICE_DELETED:
      if (!event.has_service_delete()) break;
      return absl::StrCat("id: ", event.service_delete().id());
    default:
      break;
  }
  return "UNKNOWN";
}

std::string DebugSourceText(const flow::DebugEvent& event) {
  if (!event.has_source()) return "N/A";
  const flow::Endpoint& source = event.source();
  std::string id = absl::StrCat("ID: ", source.id());
  if (!source.namespace_().empty() && !source.pod_name().empty()) {
    return absl::StrCat(source.namespace_(), "/", source.pod_name(), " (", id, ")");
  }
  if (source.labels_size() == 1 && absl::StartsWith(source.labels(0), "reserved:")) {
    return absl::StrCat(source.labels(0), " (", id, ")");
  }
  return id;
}

std::string DebugMarkText(const flow::DebugEvent& event) {
  return event.has_hash() ? absl::StrCat("0x", absl::Hex(event.hash().value())) : "N/A";
}

std::string DebugCpuText(const flow::DebugEvent& event) {
  return event.has_cpu() ? absl::StrFormat("%02d", event.cpu().value()) : "N/A";
}

std::string TypeText(const flow::AgentEvent& event) {
  const std::string& name = flow::AgentEventType_Name(event.type());
  return name.empty() ? std::to_string(event.type()) : name;
}

std::string TypeText(const flow::DebugEvent& event) {
  const std::string& name = flow::DebugEventType_Name(event.type());
  return name.empty() ? std::to_string(event.type()) : name;
}

}  // namespace alidade
