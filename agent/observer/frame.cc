// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/frame.h"

#include <optional>
#include <utility>

#include "agent/filter/wire.h"
#include "agent/observer/timestamp.h"
#include "flow/flow.pb.h"
#include "observer/observer.pb.h"

namespace alidade {
namespace {

using flow::Flow;
using observer::GetFlowsResponse;

constexpr std::string_view kEmitterName = "alidade";

// The three responses agree in these numbers.
constexpr uint32_t kEventField = GetFlowsResponse::kFlowFieldNumber;
constexpr uint32_t kNodeNameField = GetFlowsResponse::kNodeNameFieldNumber;
constexpr uint32_t kTimeField = GetFlowsResponse::kTimeFieldNumber;
static_assert(kEventField == observer::GetAgentEventsResponse::kAgentEventFieldNumber &&
              kNodeNameField == observer::GetAgentEventsResponse::kNodeNameFieldNumber &&
              kTimeField == observer::GetAgentEventsResponse::kTimeFieldNumber);
static_assert(kEventField == observer::GetDebugEventsResponse::kDebugEventFieldNumber &&
              kNodeNameField == observer::GetDebugEventsResponse::kNodeNameFieldNumber &&
              kTimeField == observer::GetDebugEventsResponse::kTimeFieldNumber);

void AppendTime(int64_t time_ns, std::string* out) {
  AppendBytes(kTimeField, ToTimestamp(time_ns).SerializeAsString(), out);
}

}  // namespace

NodeFrame::NodeFrame(const NodeIdentity& node, std::string_view version) {
  const std::string name = node.FullName();
  if (!name.empty()) {
    AppendBytes(Flow::kNodeNameFieldNumber, name, &flow_node_name);
    AppendBytes(kNodeNameField, name, &response_node_name);
  }
  for (const std::string& label : node.labels) {
    AppendBytes(Flow::kNodeLabelsFieldNumber, label, &flow_node_labels);
  }
  flow::Emitter emitter;
  emitter.set_name(std::string(kEmitterName));
  emitter.set_version(std::string(version));
  AppendBytes(Flow::kEmitterFieldNumber, emitter.SerializeAsString(), &flow_emitter);
}

struct Framer::Landmarks {
  std::optional<std::string_view> time;
  std::optional<std::string_view> node_name;
  bool has_node_labels = false;
  bool has_emitter = false;
};

Framer::Framer(const NodeFrame& node, FieldMask mask) : node_(node), mask_(std::move(mask)) {}

Framer::Landmarks Framer::Find(std::string_view flow) {
  Landmarks found;
  for (WireCursor cursor(flow); cursor.Next();) {
    if (cursor.type() != WireType::kBytes) continue;
    switch (cursor.field()) {
      case Flow::kTimeFieldNumber:
        found.time = cursor.bytes();
        break;
      case Flow::kNodeNameFieldNumber:
        found.node_name = cursor.bytes();
        break;
      case Flow::kNodeLabelsFieldNumber:
        found.has_node_labels = true;
        break;
      case Flow::kEmitterFieldNumber:
        found.has_emitter = true;
        break;
      default:
        break;
    }
  }
  return found;
}

void Framer::Frame(const StreamItem& item, int64_t now_ns, std::string* out) {
  out->clear();
  if (item.is_ring_loss) {
    FrameRingLoss(item.loss, now_ns, out);
  } else if (item.header.kind != EventKind::kFlow) {
    FrameEvent(item, out);
  } else if (mask_.keeps_all()) {
    FrameFlow(item.body, out);
  } else {
    FrameMaskedFlow(item.body, out);
  }
}

// What the flow brings of its own goes before what is constant for the node.
void Framer::FrameFlow(std::string_view flow, std::string* out) {
  const Landmarks found = Find(flow);
  const std::string_view name = found.node_name ? std::string_view() : node_.flow_node_name;
  const std::string_view labels =
      found.has_node_labels ? std::string_view() : node_.flow_node_labels;
  const std::string_view emitter = found.has_emitter ? std::string_view() : node_.flow_emitter;
  AppendBytesHead(kEventField, flow.size() + name.size() + labels.size() + emitter.size(), out);
  out->append(flow).append(name).append(labels).append(emitter);
  if (found.node_name) {
    AppendBytes(kNodeNameField, *found.node_name, out);
  } else {
    out->append(node_.response_node_name);
  }
  if (found.time) AppendBytes(kTimeField, *found.time, out);
}

// Time and name of the response are those of the masked flow (contract 2.7).
void Framer::FrameMaskedFlow(std::string_view flow, std::string* out) {
  const Landmarks found = Find(flow);
  spliced_.assign(flow);
  if (!found.node_name) spliced_.append(node_.flow_node_name);
  if (!found.has_node_labels) spliced_.append(node_.flow_node_labels);
  if (!found.has_emitter) spliced_.append(node_.flow_emitter);
  masked_.clear();
  mask_.Apply(spliced_, &masked_);
  AppendBytes(kEventField, masked_, out);
  const Landmarks left = Find(masked_);
  if (left.node_name) AppendBytes(kNodeNameField, *left.node_name, out);
  if (left.time) AppendBytes(kTimeField, *left.time, out);
}

void Framer::FrameEvent(const StreamItem& item, std::string* out) const {
  const uint32_t field = item.header.kind == EventKind::kLostEvent
                             ? uint32_t{GetFlowsResponse::kLostEventsFieldNumber}
                             : kEventField;
  AppendBytes(field, item.body, out);
  out->append(node_.response_node_name);
  AppendTime(item.header.time_ns, out);
}

void Framer::FrameRingLoss(const RingLoss& loss, int64_t now_ns, std::string* out) const {
  flow::LostEvent event;
  event.set_source(flow::HUBBLE_RING_BUFFER);
  event.set_num_events_lost(loss.count);
  *event.mutable_first() = ToTimestamp(loss.first_ns);
  *event.mutable_last() = ToTimestamp(loss.last_ns);
  AppendBytes(GetFlowsResponse::kLostEventsFieldNumber, event.SerializeAsString(), out);
  out->append(node_.response_node_name);
  AppendTime(now_ns, out);
}

}  // namespace alidade
