// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "agent/filter/flow_header_of.h"
#include "parser/lost_event.h"

namespace alidade {
namespace {

// How long to sleep when the rings do not wake us, which they do when one is half full: a flow is
// at most this late. Looking more often costs CPU time, others' too, since each look begins with
// what they have put into the caches, and ends the other way round: on a busy node, half as often.
constexpr absl::Duration kTick = absl::Milliseconds(10);
constexpr absl::Duration kBusyTick = absl::Milliseconds(20);
constexpr size_t kBusyEvents = 100;  // found at one look

// Events of the kernel's rings are read at the latest so long after their time: what the agent told
// before that has its place behind them.
constexpr int64_t kRingDelayNs = 1'000'000;

}  // namespace

Pipeline::Pipeline(EventSource& source, const ResolverSlot& resolvers, EventRing& ring,
                   Ledger& ledger, std::function<void()> on_stored, ProcessTable* processes,
                   AgentMailbox* mailbox)
    : source_(source),
      resolvers_(resolvers),
      ring_(ring),
      ledger_(ledger),
      on_stored_(std::move(on_stored)),
      processes_(processes),
      mailbox_(mailbox) {
  encoded_.resize(4096);
}

void Pipeline::Run() {
  size_t events = 0;
  while (!stop_.load(std::memory_order_relaxed)) {
    source_.Wait(events < kBusyEvents ? kTick : kBusyTick);
    events = RunOnce();
  }
}

void Pipeline::Stop() {
  stop_.store(true, std::memory_order_relaxed);
  source_.Wake();
}

size_t Pipeline::RunOnce() {
  resolver_ = resolvers_.Get();
  stored_ = false;
  batch_ns_ = absl::GetCurrentTimeNanos();
  const size_t events = source_.Read(*this);
  if (mailbox_ != nullptr) StoreAgentEvents();
  if (stored_) on_stored_();
  return events;
}

int64_t Pipeline::NextTime(int64_t time_ns) {
  if (time_ns <= last_time_ns_) {
    if (time_ns < last_time_ns_) ledger_.reordered.Add(1);
    time_ns = last_time_ns_ + 1;
  }
  last_time_ns_ = time_ns;
  return time_ns;
}

void Pipeline::OnEvent(const RawEvent& event) {
  ledger_.received.Add(1);
  const DecodeError error = Decode(event, &record_);
  if (error == DecodeError::kNotAFlow) return OnDebugMessage(event);
  if (error != DecodeError::kNone) return CountError(error);
  Enrich(*resolver_, &record_);
  if (processes_ != nullptr) processes_->Attribute(&record_, batch_ns_);
  if (event.origin == Origin::kCilium && IsOfUnknownPod(record_)) {
    return CountError(DecodeError::kEventSkipped);
  }
  record_.time_ns = NextTime(event.time_ns);
  record_.uuid = uuids_.Next();
  ledger_.flows.Add(1);
  ledger_.namespaces.Note(record_.source, batch_ns_);
  ledger_.namespaces.Note(record_.destination, batch_ns_);
  char* const out = RoomFor(MaxEncodedFlowBytes(record_));
  const size_t size = EncodeFlow(record_, out);
  if (Store(MakeFlowHeader(record_), {out, size})) ledger_.stored.Add(1);
}

void Pipeline::OnDebugMessage(const RawEvent& event) {
  DebugRecord record;
  const DecodeError error = DecodeDebug(event, &record);
  if (error != DecodeError::kNone) return CountError(error);
  EnrichDebug(*resolver_, &record);
  FlowHeader header;
  header.kind = EventKind::kDebugEvent;
  header.time_ns = NextTime(event.time_ns);
  char* const out = RoomFor(MaxEncodedDebugBytes(record));
  const size_t size = EncodeDebugEvent(record, out);
  if (Store(header, {out, size})) ledger_.stored.Add(1);
}

void Pipeline::StoreAgentEvents() {
  AgentMailbox::Taken taken = mailbox_->Take(batch_ns_ - kRingDelayNs);
  ledger_.agent_events_lost.Add(taken.lost);
  for (const AgentMailbox::Told& told : taken.events) {
    FlowHeader header;
    header.kind = EventKind::kAgentEvent;
    header.time_ns = NextTime(std::max(told.time_ns, last_time_ns_ + 1));
    if (Store(header, told.event.SerializeAsString())) ledger_.stored_other.Add(1);
  }
}

void Pipeline::OnLost(uint32_t cpu, uint64_t count, int64_t time_ns) {
  ledger_.kernel_ring_lost.Add(count);
  LostRecord lost;
  lost.source = flow::PERF_EVENT_RING_BUFFER;
  lost.count = count;
  lost.cpu = static_cast<int32_t>(cpu);
  FlowHeader header;
  header.kind = EventKind::kLostEvent;
  header.time_ns = NextTime(time_ns);
  if (Store(header, ToLostEvent(lost).SerializeAsString())) ledger_.stored_other.Add(1);
}

void Pipeline::OnDecoded(const observer::ExportEvent& event, int64_t time_ns) {
  using observer::ExportEvent;
  FlowHeader header;
  const google::protobuf::Message* body = nullptr;
  switch (event.response_types_case()) {
    case ExportEvent::kFlow:
      header = FlowHeaderOf(event.flow());
      body = &event.flow();
      ledger_.flows.Add(1);
      ledger_.namespaces.Note(event.flow().source().namespace_(), batch_ns_);
      ledger_.namespaces.Note(event.flow().destination().namespace_(), batch_ns_);
      break;
    case ExportEvent::kLostEvents:
      header.kind = EventKind::kLostEvent;
      body = &event.lost_events();
      break;
    case ExportEvent::kAgentEvent:
      header.kind = EventKind::kAgentEvent;
      body = &event.agent_event();
      break;
    case ExportEvent::kDebugEvent:
      header.kind = EventKind::kDebugEvent;
      body = &event.debug_event();
      break;
    case ExportEvent::kNodeStatus:
    case ExportEvent::RESPONSE_TYPES_NOT_SET:
      return OnBadLine();
  }
  ledger_.received.Add(1);
  header.time_ns = NextTime(time_ns);
  if (Store(header, body->SerializeAsString())) ledger_.stored.Add(1);
}

void Pipeline::OnBadLine() {
  ledger_.received.Add(1);
  CountError(DecodeError::kBadLine);
}

char* Pipeline::RoomFor(size_t bytes) {
  if (bytes > encoded_.size()) encoded_.resize(bytes);
  return encoded_.data();
}

void Pipeline::CountError(DecodeError error) {
  ledger_.decode_errors[static_cast<size_t>(error)].Add(1);
}

bool Pipeline::Store(const FlowHeader& header, std::string_view body) {
  const bool fits = ring_.Append(std::as_bytes(std::span<const FlowHeader, 1>(&header, 1)),
                                 std::as_bytes(std::span(body.data(), body.size())));
  if (!fits) ledger_.oversize.Add(1);
  stored_ |= fits;
  return fits;
}

}  // namespace alidade
