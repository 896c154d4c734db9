// SPDX-License-Identifier: Apache-2.0
#include "agent/recording/go_json.h"
#include "agent/recording/recorded_event.h"
#include "parser/ip_address.h"

namespace alidade {
namespace {

using OrderedJson = nlohmann::ordered_json;

// Each reader fills the payload and the JSON that a Go agent would write of it, with its names of
// the members; most are left out when they are empty.

template <typename Value>
void PutUnlessEmpty(const char* name, const Value& value, OrderedJson* json) {
  if (value != Value()) (*json)[name] = value;
}

void ReadStarted(const Json& fields, AgentNotification* notification, OrderedJson* json) {
  AgentStarted started{Text(fields, "time")};
  (*json)["time"] = started.time;
  notification->payload = std::move(started);
}

void ReadPolicy(const Json& fields, AgentNotification* notification, OrderedJson* json) {
  PolicyUpdate update;
  update.labels = Texts(fields, "labels");
  update.revision = Integer<uint64_t>(fields, "revision");
  update.rule_count = Integer<int64_t>(fields, "rule_count");
  PutUnlessEmpty("labels", update.labels, json);
  PutUnlessEmpty("revision", update.revision, json);
  (*json)["rule_count"] = update.rule_count;
  notification->payload = std::move(update);
}

void ReadRegenerate(const Json& fields, AgentNotification* notification, OrderedJson* json) {
  EndpointRegenerate regenerate;
  regenerate.id = Integer<uint64_t>(fields, "id");
  regenerate.labels = Texts(fields, "labels");
  regenerate.error = Text(fields, "error");
  PutUnlessEmpty("id", regenerate.id, json);
  PutUnlessEmpty("labels", regenerate.labels, json);
  PutUnlessEmpty("error", regenerate.error, json);
  notification->payload = std::move(regenerate);
}

void ReadEndpoint(const Json& fields, AgentNotification* notification, OrderedJson* json) {
  EndpointUpdate update;
  update.id = Integer<uint64_t>(fields, "id");
  update.labels = Texts(fields, "labels");
  update.error = Text(fields, "error");
  update.pod_name = Text(fields, "pod_name");
  update.namespace_name = Text(fields, "namespace");
  PutUnlessEmpty("id", update.id, json);
  PutUnlessEmpty("labels", update.labels, json);
  PutUnlessEmpty("error", update.error, json);
  PutUnlessEmpty("pod-name", update.pod_name, json);
  PutUnlessEmpty("namespace", update.namespace_name, json);
  notification->payload = std::move(update);
}

std::string CanonicalAddress(const Json& fields, const char* name) {
  const std::optional<IpAddress> address = IpAddress::Parse(Text(fields, name));
  return address ? address->ToString() : "";
}

void ReadIpCache(const Json& fields, AgentNotification* notification, OrderedJson* json) {
  IpCacheUpdate update;
  update.cidr = Text(fields, "cidr");
  update.identity = Integer<uint32_t>(fields, "identity");
  if (Member(fields, "old_identity") != nullptr) {
    update.old_identity = Integer<uint32_t>(fields, "old_identity");
  }
  update.host_ip = CanonicalAddress(fields, "host_ip");
  update.old_host_ip = CanonicalAddress(fields, "old_host_ip");
  update.encrypt_key = Integer<uint8_t>(fields, "encrypt_key");
  update.namespace_name = Text(fields, "namespace");
  update.pod_name = Text(fields, "pod_name");
  (*json)["cidr"] = update.cidr;
  (*json)["id"] = update.identity;
  if (update.old_identity) (*json)["old-id"] = *update.old_identity;
  PutUnlessEmpty("host-ip", update.host_ip, json);
  PutUnlessEmpty("old-host-ip", update.old_host_ip, json);
  (*json)["encrypt-key"] = update.encrypt_key;
  PutUnlessEmpty("namespace", update.namespace_name, json);
  PutUnlessEmpty("pod-name", update.pod_name, json);
  notification->payload = std::move(update);
}

struct KindRow {
  const char* name;
  void (*read)(const Json& fields, AgentNotification* notification, OrderedJson* json);
};

constexpr KindRow kKinds[] = {{"TimeNotification", ReadStarted},
                              {"PolicyUpdateNotification", ReadPolicy},
                              {"EndpointRegenNotification", ReadRegenerate},
                              {"EndpointNotification", ReadEndpoint},
                              {"IPCacheNotification", ReadIpCache}};

AgentNotification ReadNotification(const Json& object, const std::string& kind,
                                   const Json& fields) {
  AgentNotification notification;
  notification.type = static_cast<AgentNotificationType>(Integer<uint32_t>(object, "notify_type"));
  OrderedJson json;
  if (kind == "string") {
    json = Text(fields, "value");
  } else if (kind == "object") {
    json = fields;
  }
  for (const KindRow& row : kKinds) {
    if (kind == row.name) row.read(fields, &notification, &json);
  }
  notification.json = GoJson(json);
  return notification;
}

}  // namespace

AgentMessage ReadAgentMessage(const Json& object) {
  AgentMessage message;
  message.event_type = Integer<int64_t>(object, "event_type");
  const std::string kind = Text(object, "notification");
  const Json* fields = Member(object, "fields");
  if (kind != "raw_string_message") {
    message.notification =
        ReadNotification(object, kind, fields != nullptr ? *fields : Json::object());
  }
  return message;
}

}  // namespace alidade
