// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/flow_stream.h"

#include <algorithm>
#include <span>
#include <utility>
#include <variant>

namespace alidade {
namespace {

// How far ahead of its reader a scan asks for headers: about what is looked at while memory
// answers.
constexpr uint64_t kAhead = 16;

std::span<std::byte> AsBytes(FlowHeader* header) {
  return std::as_writable_bytes(std::span<FlowHeader, 1>(header, 1));
}

}  // namespace

// The bytes of the event at hand, read when first asked for.
class FlowStream::Body final : public BodySource {
 public:
  Body(const EventRing& ring, uint64_t sequence, std::string* bytes)
      : ring_(ring), sequence_(sequence), bytes_(bytes) {}

  // Reads header and bytes in one go.
  EventRing::ReadOutcome ReadAll(FlowHeader* header) {
    const EventRing::ReadOutcome outcome = ring_.Read(sequence_, AsBytes(header), bytes_);
    state_ = std::holds_alternative<EventRing::Value>(outcome) ? State::kThere : State::kGone;
    return outcome;
  }

  std::optional<std::string_view> FetchBody() override {
    if (state_ == State::kUnread) {
      FlowHeader header;
      ReadAll(&header);
    }
    if (state_ == State::kGone) return std::nullopt;
    return *bytes_;
  }

 private:
  enum class State { kUnread, kThere, kGone };

  const EventRing& ring_;
  const uint64_t sequence_;
  std::string* const bytes_;
  State state_ = State::kUnread;
};

FlowStream::FlowStream(const EventRing& ring, const StreamRequest& request, FilterSet filters,
                       int64_t loss_interval_ns, Clock clock, StreamCounters* counters)
    : ring_(ring),
      request_(request),
      filters_(std::move(filters)),
      loss_interval_ns_(loss_interval_ns),
      clock_(std::move(clock)),
      counters_(*counters) {
  ChooseStart();
}

void FlowStream::ChooseStart() {
  const uint64_t written = ring_.written();
  const uint64_t oldest = ring_.oldest();
  if (!request_.since_ns) {
    if (request_.follow && request_.number == 0) {
      position_ = written > oldest ? written - 1 : written;
      return;
    }
    const bool whole_ring = request_.number == 0 || request_.number >= ring_.capacity();
    if (request_.first || whole_ring) {
      position_ = oldest;
      return;
    }
  }
  phase_ = Phase::kRewinding;
  position_ = written;
}

StreamStep FlowStream::Next(StreamItem* item) {
  int turn = kTurn;
  if (phase_ == Phase::kRewinding) {
    if (!Rewind(&turn)) return StreamStep::kYield;
    phase_ = Phase::kForward;
    counted_ = 0;
  }
  for (; turn > 0; --turn) {
    if (phase_ == Phase::kEnded) return AtEnd(item);
    if (LossIsDue()) {
      TellLoss(item);
      return StreamStep::kItem;
    }
    if (const std::optional<StreamStep> step = Forward(item)) return *step;
  }
  return StreamStep::kYield;
}

bool FlowStream::Rewind(int* turn) {
  FlowHeader header;
  for (; *turn > 0; --*turn) {
    if (position_ == 0) return true;
    ring_.Prefetch(position_ - kAhead);
    const EventRing::ReadOutcome outcome = ring_.ReadHeader(position_ - 1, AsBytes(&header));
    // What is overwritten was never this reader's: it starts after that and has lost nothing.
    if (!std::holds_alternative<EventRing::Value>(outcome)) return true;
    const bool matters = MattersForStart(position_ - 1, header);
    if (matters && request_.since_ns) return true;
    --position_;
    if (matters && ++counted_ == request_.number) return true;
  }
  return false;
}

// With a lower bound, whether the event is older, of whatever kind; otherwise whether it is one of
// the number that was asked for. Either only when the filters let it pass.
bool FlowStream::MattersForStart(uint64_t sequence, const FlowHeader& header) {
  if (header.kind == EventKind::kLostEvent) return false;
  if (request_.since_ns ? header.time_ns >= *request_.since_ns : header.kind != request_.kind) {
    return false;
  }
  if (filters_.passes_all()) return true;
  Body body(ring_, sequence, &scratch_);
  return filters_.Judge(header, &body) == FilterAnswer::kPass;
}

std::optional<StreamStep> FlowStream::Forward(StreamItem* item) {
  Body body(ring_, position_, &item->body);
  if (!filters_.passes_all()) ring_.Prefetch(position_ + kAhead);
  const EventRing::ReadOutcome outcome = filters_.passes_all()
                                             ? body.ReadAll(&item->header)
                                             : ring_.ReadHeader(position_, AsBytes(&item->header));
  if (const auto* overwritten = std::get_if<EventRing::Overwritten>(&outcome)) {
    CountLoss(overwritten->oldest);
    return std::nullopt;
  }
  if (std::holds_alternative<EventRing::NotYetWritten>(outcome)) {
    if (request_.follow) return StreamStep::kCaughtUp;
    phase_ = Phase::kEnded;
    return std::nullopt;
  }
  switch (Judge(item->header, &body)) {
    case Verdict::kGone:
      CountLoss(ring_.oldest());
      return std::nullopt;
    case Verdict::kEnd:
      phase_ = Phase::kEnded;
      return std::nullopt;
    case Verdict::kSkip:
      ++position_;
      counters_.filtered.Add(1);
      return std::nullopt;
    case Verdict::kDeliver:
      break;
  }
  ++position_;
  counters_.delivered.Add(1);
  item->is_ring_loss = false;
  const bool counts = item->header.kind == request_.kind && !request_.follow;
  if (counts && ++counted_ == request_.number) phase_ = Phase::kEnded;
  return StreamStep::kItem;
}

FlowStream::Verdict FlowStream::Judge(const FlowHeader& header, Body* body) {
  if (header.kind == EventKind::kLostEvent) {
    if (request_.kind != EventKind::kFlow) return Verdict::kSkip;
    return body->FetchBody() ? Verdict::kDeliver : Verdict::kGone;
  }
  if (request_.until_ns && header.time_ns > *request_.until_ns) return Verdict::kEnd;
  if (request_.since_ns && header.time_ns < *request_.since_ns) return Verdict::kSkip;
  if (header.kind != request_.kind) return Verdict::kSkip;
  if (!filters_.passes_all()) {
    const FilterAnswer answer = filters_.Judge(header, body);
    if (answer == FilterAnswer::kGone) return Verdict::kGone;
    if (answer == FilterAnswer::kDrop) return Verdict::kSkip;
  }
  return body->FetchBody() ? Verdict::kDeliver : Verdict::kGone;
}

void FlowStream::CountLoss(uint64_t oldest) {
  const uint64_t missed = oldest - std::min(oldest, position_);
  if (missed == 0) return;  // the writer was in the middle; the next look tells
  position_ = oldest;
  const int64_t now = clock_();
  if (loss_.count == 0) loss_.first_ns = now;
  loss_.last_ns = now;
  loss_.count += missed;
  counters_.lost.Add(missed);
}

bool FlowStream::LossIsDue() const {
  const std::optional<int64_t> due = due_ns();
  return due && clock_() >= *due;
}

void FlowStream::TellLoss(StreamItem* item) {
  item->is_ring_loss = true;
  item->loss = std::exchange(loss_, RingLoss{});
}

StreamStep FlowStream::AtEnd(StreamItem* item) {
  if (!due_ns()) return StreamStep::kEnd;
  TellLoss(item);
  return StreamStep::kItem;
}

std::optional<int64_t> FlowStream::due_ns() const {
  // Only flow streams speak of losses.
  if (loss_.count == 0 || request_.kind != EventKind::kFlow) return std::nullopt;
  return loss_.first_ns + loss_interval_ns_;
}

}  // namespace alidade
