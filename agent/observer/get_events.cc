// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/get_events.h"

#include <utility>

#include "absl/time/clock.h"
#include "agent/observer/byte_buffer.h"
#include "agent/observer/field_mask.h"
#include "agent/observer/flow_stream.h"
#include "agent/observer/frame.h"
#include "agent/observer/timestamp.h"
#include "agent/status_macros.h"
#include "observer/observer.pb.h"

namespace alidade {
namespace {

class EventResponder final : public Responder {
 public:
  EventResponder(const CallStart& call, const StreamRequest& request, FilterSet filters,
                 FieldMask mask)
      : entry_(&call.state.streams, call.peer, std::string(call.method)),
        stream_(call.state.ring, request, std::move(filters), call.state.loss_interval_ns,
                absl::GetCurrentTimeNanos, entry_.counters()),
        framer_(call.state.node_frame, std::move(mask)) {}

  Step Next(std::string* message) override {
    switch (stream_.Next(&item_)) {
      case StreamStep::kItem:
        framer_.Frame(item_, item_.is_ring_loss ? absl::GetCurrentTimeNanos() : 0, message);
        return Step::kMessage;
      case StreamStep::kCaughtUp:
        return Step::kWait;
      case StreamStep::kYield:
        return Step::kYield;
      case StreamStep::kEnd:
        break;
    }
    return Step::kDone;
  }

  std::optional<int64_t> wake_ns() const override { return stream_.due_ns(); }

 private:
  StreamRegistry::Entry entry_;
  FlowStream stream_;
  Framer framer_;
  StreamItem item_;
};

// The members that the three requests share. Contract 2.2 has the filters between the first check
// and the others.
template <typename Request>
absl::Status CheckFirst(const Request& request) {
  if (request.first() && request.follow()) {
    return absl::InvalidArgumentError("first cannot be specified with follow");
  }
  return absl::OkStatus();
}

template <typename Request>
absl::StatusOr<StreamRequest> ReadCommon(const Request& request, EventKind kind) {
  StreamRequest stream;
  stream.kind = kind;
  stream.number = request.number();
  stream.first = request.first();
  stream.follow = request.follow();
  if (request.has_since()) {
    ASSIGN_OR_RETURN(stream.since_ns, FromTimestamp(request.since()));
  }
  if (request.has_until()) {
    ASSIGN_OR_RETURN(stream.until_ns, FromTimestamp(request.until()));
  }
  return stream;
}

template <typename Request>
ResponderOr StartUnfiltered(const CallStart& call, EventKind kind) {
  ASSIGN_OR_RETURN(const Request request, ParseBuffer<Request>(call.request));
  RETURN_IF_ERROR(CheckFirst(request));
  ASSIGN_OR_RETURN(const StreamRequest stream, ReadCommon(request, kind));
  return std::make_unique<EventResponder>(call, stream, FilterSet(), FieldMask());
}

}  // namespace

ResponderOr StartGetFlows(const CallStart& call) {
  ASSIGN_OR_RETURN(const observer::GetFlowsRequest request,
                   ParseBuffer<observer::GetFlowsRequest>(call.request));
  RETURN_IF_ERROR(CheckFirst(request));
  ASSIGN_OR_RETURN(FilterSet filters,
                   CompileFilters(request.whitelist(), request.blacklist(), call.state.node));
  ASSIGN_OR_RETURN(const StreamRequest stream, ReadCommon(request, EventKind::kFlow));
  ASSIGN_OR_RETURN(FieldMask mask, FieldMask::Compile(request.field_mask()));
  return std::make_unique<EventResponder>(call, stream, std::move(filters), std::move(mask));
}

ResponderOr StartGetAgentEvents(const CallStart& call) {
  return StartUnfiltered<observer::GetAgentEventsRequest>(call, EventKind::kAgentEvent);
}

ResponderOr StartGetDebugEvents(const CallStart& call) {
  return StartUnfiltered<observer::GetDebugEventsRequest>(call, EventKind::kDebugEvent);
}

}  // namespace alidade
