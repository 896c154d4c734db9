// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <utility>

#include "bpf/events.h"
#include "parser/netfilter_hook.h"
#include "parser/parser.h"
#include "parser/policy_key.h"

namespace alidade {
namespace {

// What a socket speaks from is known to the event only once it is bound.
void CompleteSock(const EndpointResolver& resolver, FlowRecord* record) {
  IpLayer& ip = record->packet.ip;
  if (!ip.source.valid()) {
    // By the event's family: a mapped address is not taken for an IPv4 one here.
    ip.source = resolver.LocalAddress(record->cgroup_id, record->extension.netns, ip.destination);
  }
  if (!record->swap_endpoints) return;
  std::swap(ip.source, ip.destination);
  std::swap(record->packet.l4.source_port, record->packet.l4.destination_port);
}

uint32_t EndpointId(const Endpoint* endpoint) {
  return endpoint != nullptr ? endpoint->info.id : 0;
}

// A workload of this node, or the node itself.
bool IsLocal(const Endpoint* endpoint) {
  return endpoint != nullptr &&
         (endpoint->info.id != 0 || endpoint->info.identity == kIdentityHost);
}

// Direction of a trace as the endpoint sees the connection: what the endpoint sends is egress,
// unless it answers.
flow::TrafficDirection TraceDirection(const FlowRecord& record, bool is_from_endpoint) {
  const bool is_reply = record.trace_reason == flow::REPLY;
  if (is_from_endpoint != is_reply || record.has_original_source) return flow::EGRESS;
  return flow::INGRESS;
}

// Event-format section 5.3: the event names the endpoint whose program saw the packet.
flow::TrafficDirection DirectionByEmitter(const FlowRecord& record) {
  if (record.emitter_endpoint == 0) return flow::TRAFFIC_DIRECTION_UNKNOWN;
  const bool is_from_endpoint = record.emitter_endpoint == (EndpointId(record.source) & 0xffff);
  if (record.event_type == NOTIFY_DROP) return is_from_endpoint ? flow::EGRESS : flow::INGRESS;
  if (record.event_type == NOTIFY_TRACE && record.trace_reason_known) {
    return TraceDirection(record, is_from_endpoint);
  }
  return flow::TRAFFIC_DIRECTION_UNKNOWN;
}

// Without an endpoint's interface the endpoint is the side that lives on this node. When both do,
// it is the receiver of a packet on its way to an endpoint, and the sender of any other.
flow::TrafficDirection DirectionByAddresses(const FlowRecord& record) {
  const bool is_source_local = IsLocal(record.source);
  const bool is_destination_local = IsLocal(record.destination);
  if (!is_source_local && !is_destination_local) return flow::TRAFFIC_DIRECTION_UNKNOWN;
  const bool is_delivery = is_destination_local && record.observation_point == flow::TO_ENDPOINT;
  const bool is_from_endpoint = is_source_local && !is_delivery;
  if (record.event_type == NOTIFY_DROP) return is_from_endpoint ? flow::EGRESS : flow::INGRESS;
  if (!record.trace_reason_known) return flow::TRAFFIC_DIRECTION_UNKNOWN;
  return TraceDirection(record, is_from_endpoint);
}

// A drop's direction is the packet's: seen from the endpoint at whose interface it was, else from
// the node (or the pod, in its own network namespace).
flow::TrafficDirection OurDropDirection(const FlowRecord& record, bool at_endpoint) {
  switch (record.drop_path) {
    case DROP_PATH_OUT:
      return flow::EGRESS;
    case DROP_PATH_IN:
      return at_endpoint && !IsLocal(record.destination) ? flow::EGRESS : flow::INGRESS;
    case DROP_PATH_THROUGH:
      return at_endpoint ? flow::INGRESS : flow::EGRESS;
    default:
      return DirectionByAddresses(record);
  }
}

// Our programs do not know whose they are.
flow::TrafficDirection OurDirection(const EndpointResolver& resolver, const FlowRecord& record) {
  const bool at_endpoint =
      record.interface_index != 0 &&
      resolver.IsEndpointInterface(record.extension.netns, record.interface_index);
  if (record.event_type == NOTIFY_DROP) return OurDropDirection(record, at_endpoint);
  if (!at_endpoint) return DirectionByAddresses(record);
  if (!record.trace_reason_known) return flow::TRAFFIC_DIRECTION_UNKNOWN;
  return TraceDirection(record, !record.is_egress_hook);
}

flow::TrafficDirection Direction(const EndpointResolver& resolver, const FlowRecord& record) {
  if (record.stated_direction != flow::TRAFFIC_DIRECTION_UNKNOWN) return record.stated_direction;
  if (record.derive_direction && record.emitter_endpoint == 0) {
    return OurDirection(resolver, record);
  }
  return DirectionByEmitter(record);
}

void FindPolicy(const EndpointResolver& resolver, FlowRecord* record) {
  const std::optional<PolicyKey> key = PolicyKeyOf(*record);
  record->policy = key ? resolver.FindPolicy(*key) : nullptr;
}

}  // namespace

// Each side is named as the other one came to know it.
void EnrichNames(const EndpointResolver& resolver, const IpAddress& source,
                 const IpAddress& destination, FlowRecord* record) {
  record->source_names = resolver.DnsNames(EndpointId(record->destination), source);
  record->destination_names = resolver.DnsNames(EndpointId(record->source), destination);
  const L4Layer& l4 = record->packet.l4;
  record->source_service = resolver.FindService(source, l4.source_port);
  record->destination_service = resolver.FindService(destination, l4.destination_port);
}

bool IsOfUnknownPod(const FlowRecord& record) {
  if (record.type != flow::SOCK) return false;
  const IpLayer& ip = record.packet.ip;
  return !(record.swap_endpoints ? ip.destination : ip.source).valid();
}

void Enrich(const EndpointResolver& resolver, FlowRecord* record, const EnrichOptions& options) {
  if (record->type == flow::SOCK) CompleteSock(resolver, record);
  const IpAddress source = record->packet.ip.source.Unmapped();
  const IpAddress destination = record->packet.ip.destination.Unmapped();
  record->source = resolver.Resolve(source, record->source_label);
  record->destination = resolver.Resolve(destination, record->destination_label);
  record->traffic_direction = Direction(resolver, *record);
  EnrichNames(resolver, source, destination, record);
  record->policy = nullptr;
  if (options.correlate_policies) FindPolicy(resolver, record);
  record->ip_option_type = options.ip_tracing_option_type;

  FlowExtension& extension = record->extension;
  record->interface_name = {};
  if (record->interface_index != 0) {
    record->interface_name = resolver.InterfaceName(extension.netns, record->interface_index);
  }
  extension.kernel_reason_name = {};
  if (extension.kernel_reason != 0) {
    extension.kernel_reason_name = resolver.DropReasonName(extension.kernel_reason);
  }
  extension.function = {};
  if (extension.location != 0) extension.function = resolver.KernelSymbol(extension.location);
  extension.netfilter_hook = {};
  if (extension.hook_caller != 0) {
    extension.netfilter_hook = NetfilterHook(resolver.KernelSymbol(extension.hook_caller));
  }
}

}  // namespace alidade
