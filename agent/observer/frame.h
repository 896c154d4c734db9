// SPDX-License-Identifier: Apache-2.0
//
// Writes stream items as responses of the Observer service, by hand: the stored bytes of an event
// go into the response as they are, with what is constant for the node spliced in.
#ifndef ALIDADE_AGENT_OBSERVER_FRAME_H_
#define ALIDADE_AGENT_OBSERVER_FRAME_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/filter/node_identity.h"
#include "agent/observer/field_mask.h"
#include "agent/observer/flow_stream.h"

namespace alidade {

// What every flow of this node has in common, encoded once when the server starts.
struct NodeFrame {
  NodeFrame(const NodeIdentity& node, std::string_view version);

  // Fields of flow.Flow.
  std::string flow_node_name;
  std::string flow_node_labels;
  std::string flow_emitter;
  // The field that every response has.
  std::string response_node_name;
};

// Thread: one at a time.
class Framer {
 public:
  // `node` must outlive the framer.
  Framer(const NodeFrame& node, FieldMask mask);

  // Replaces `out` by the response for `item`: a serialized GetFlowsResponse,
  // GetAgentEventsResponse or GetDebugEventsResponse. `now_ns` is the time of a loss report.
  void Frame(const StreamItem& item, int64_t now_ns, std::string* out);

 private:
  // Where the fields are that are copied or spliced.
  struct Landmarks;
  static Landmarks Find(std::string_view flow);

  void FrameFlow(std::string_view flow, std::string* out);
  void FrameMaskedFlow(std::string_view flow, std::string* out);
  void FrameEvent(const StreamItem& item, std::string* out) const;
  void FrameRingLoss(const RingLoss& loss, int64_t now_ns, std::string* out) const;

  const NodeFrame& node_;
  const FieldMask mask_;
  std::string spliced_;  // scratch
  std::string masked_;   // scratch
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_FRAME_H_
