// SPDX-License-Identifier: Apache-2.0
//
// One event of the store as the predicates of a filter see it: the header at once, the encoded
// bytes only when one of them asks.
//
// A header field that is zero is not a fact: a flow that was not made by our own parser (replay)
// may say in its bytes what the header has no room for, such as a uuid that is free text. So a
// predicate decides by the header when the field is set, and by the bytes when it is zero.
#ifndef ALIDADE_AGENT_FILTER_STORED_EVENT_H_
#define ALIDADE_AGENT_FILTER_STORED_EVENT_H_

#include <optional>
#include <string_view>

#include "agent/filter/wire.h"
#include "parser/flow_header.h"

namespace alidade {

// Fetches the encoded bytes of the event at hand: flow.Flow, flow.AgentEvent or flow.DebugEvent.
class BodySource {
 public:
  virtual ~BodySource() = default;
  // nullopt when the writer has overwritten them. Asked at most once an event; the view has to
  // stay valid until the event is decided.
  virtual std::optional<std::string_view> FetchBody() = 0;
};

enum class Side : uint8_t { kSource, kDestination };

class StoredEvent {
 public:
  StoredEvent(const FlowHeader& header, BodySource* source) : header_(header), source_(source) {}
  StoredEvent(const StoredEvent&) = delete;
  StoredEvent& operator=(const StoredEvent&) = delete;

  const FlowHeader& header() const { return header_; }
  // The encoded bytes; empty once gone() is true.
  std::string_view body();
  // The bytes were asked for and are not there any more: whatever was decided is void.
  bool gone() const { return gone_; }

  // A submessage or text of the body.
  std::optional<std::string_view> Bytes(int field) {
    return FindBytes(body(), static_cast<uint32_t>(field));
  }

  // The encoded flow.Endpoint of one side; nullopt when the flow has none.
  std::optional<std::string_view> Endpoint(Side side);
  // Endpoint::handle of one side; 0 when unknown.
  uint32_t EndpointHandle(Side side) const {
    return side == Side::kSource ? header_.source_handle : header_.destination_handle;
  }

 private:
  const FlowHeader& header_;
  BodySource* source_;
  std::optional<std::string_view> body_;
  bool gone_ = false;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_FILTER_STORED_EVENT_H_
