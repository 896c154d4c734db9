// SPDX-License-Identifier: Apache-2.0
#include "parser/agent_event.h"

#include "absl/strings/str_cat.h"
#include "parser/rfc3339.h"

namespace alidade {
namespace {

using flow::AgentEvent;
using Type = AgentNotificationType;

// The event type of each pair of payload and notification type; AGENT_EVENT_UNKNOWN when the two
// do not belong together.
struct EventTypeOf {
  Type type;

  flow::AgentEventType operator()(std::monostate) const { return flow::AGENT_EVENT_UNKNOWN; }
  flow::AgentEventType operator()(const AgentStarted&) const {
    return type == Type::kStart ? flow::AGENT_STARTED : flow::AGENT_EVENT_UNKNOWN;
  }
  flow::AgentEventType operator()(const PolicyUpdate&) const {
    return OneOf(Type::kPolicyUpdated, flow::POLICY_UPDATED, Type::kPolicyDeleted,
                 flow::POLICY_DELETED);
  }
  flow::AgentEventType operator()(const EndpointRegenerate&) const {
    return OneOf(Type::kRegenerateSuccess, flow::ENDPOINT_REGENERATE_SUCCESS,
                 Type::kRegenerateFailure, flow::ENDPOINT_REGENERATE_FAILURE);
  }
  flow::AgentEventType operator()(const EndpointUpdate&) const {
    return OneOf(Type::kEndpointCreated, flow::ENDPOINT_CREATED, Type::kEndpointDeleted,
                 flow::ENDPOINT_DELETED);
  }
  flow::AgentEventType operator()(const IpCacheUpdate&) const {
    return OneOf(Type::kIpCacheUpserted, flow::IPCACHE_UPSERTED, Type::kIpCacheDeleted,
                 flow::IPCACHE_DELETED);
  }

 private:
  flow::AgentEventType OneOf(Type first, flow::AgentEventType first_event, Type second,
                             flow::AgentEventType second_event) const {
    if (type == first) return first_event;
    return type == second ? second_event : flow::AGENT_EVENT_UNKNOWN;
  }
};

template <typename Message>
void SetLabels(const std::vector<std::string>& labels, Message* message) {
  message->mutable_labels()->Assign(labels.begin(), labels.end());
}

struct Fill {
  AgentEvent* event;

  void operator()(std::monostate) const {}
  void operator()(const AgentStarted& started) const {
    flow::TimeNotification* message = event->mutable_agent_start();
    const std::optional<UnixTime> time = ParseRfc3339(started.time);
    if (!time) return;
    message->mutable_time()->set_seconds(time->seconds);
    message->mutable_time()->set_nanos(time->nanos);
  }
  void operator()(const PolicyUpdate& update) const {
    flow::PolicyUpdateNotification* message = event->mutable_policy_update();
    SetLabels(update.labels, message);
    message->set_revision(update.revision);
    message->set_rule_count(update.rule_count);
  }
  void operator()(const EndpointRegenerate& regenerate) const {
    flow::EndpointRegenNotification* message = event->mutable_endpoint_regenerate();
    message->set_id(regenerate.id);
    SetLabels(regenerate.labels, message);
    message->set_error(regenerate.error);
  }
  void operator()(const EndpointUpdate& update) const {
    flow::EndpointUpdateNotification* message = event->mutable_endpoint_update();
    message->set_id(update.id);
    SetLabels(update.labels, message);
    message->set_error(update.error);
    message->set_pod_name(update.pod_name);
    message->set_namespace_(update.namespace_name);
  }
  void operator()(const IpCacheUpdate& update) const {
    flow::IPCacheNotification* message = event->mutable_ipcache_update();
    message->set_cidr(update.cidr);
    message->set_identity(update.identity);
    if (update.old_identity) message->mutable_old_identity()->set_value(*update.old_identity);
    message->set_host_ip(update.host_ip);
    message->set_old_host_ip(update.old_host_ip);
    message->set_encrypt_key(update.encrypt_key);
    message->set_namespace_(update.namespace_name);
    message->set_pod_name(update.pod_name);
  }
};

}  // namespace

AgentEvent ToAgentEvent(const AgentNotification& notification) {
  AgentEvent event;
  event.set_type(std::visit(EventTypeOf{notification.type}, notification.payload));
  if (event.type() != flow::AGENT_EVENT_UNKNOWN) {
    std::visit(Fill{&event}, notification.payload);
    return event;
  }
  event.mutable_unknown()->set_type(absl::StrCat(static_cast<uint32_t>(notification.type)));
  event.mutable_unknown()->set_notification(notification.json);
  return event;
}

}  // namespace alidade
