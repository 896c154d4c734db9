// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/replay_source.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "absl/time/clock.h"
#include "agent/capture/system_error.h"
#include "parser/agent_event.h"

namespace alidade {
namespace {

// So that a stop is heard and stored events are announced while a fast replay goes on.
constexpr size_t kMaxEntriesPerRead = 4096;

// Between the last event of a round and the first of the next.
constexpr int64_t kRoundGapNs = 1'000'000;

int64_t MonotonicNs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// Gives a recorded event to a sink.
struct Delivery {
  EventSink& sink;
  int64_t time_ns;
  bool is_moved;  // its time differs from the one it was recorded with

  void operator()(const BadLine&) const { sink.OnBadLine(); }
  void operator()(const PerfSample& sample) const {
    RawEvent event;
    event.bytes = std::as_bytes(std::span(sample.bytes));
    event.time_ns = time_ns;
    event.cpu = sample.cpu;
    event.origin = sample.origin.value_or(Origin::kCilium);
    sink.OnEvent(event);
  }
  void operator()(const LostRecord& lost) const {
    sink.OnLost(static_cast<uint32_t>(lost.cpu), lost.count, time_ns);
  }
  void operator()(const AgentMessage& message) const {
    if (!message.notification) return sink.OnBadLine();
    observer::ExportEvent event;
    *event.mutable_agent_event() = ToAgentEvent(*message.notification);
    sink.OnDecoded(event, time_ns);
  }
  void operator()(observer::ExportEvent& event) const {
    if (is_moved && event.has_flow()) {
      event.mutable_flow()->mutable_time()->set_seconds(time_ns / 1'000'000'000);
      event.mutable_flow()->mutable_time()->set_nanos(
          static_cast<int32_t>(time_ns % 1'000'000'000));
    }
    sink.OnDecoded(event, time_ns);
  }
};

}  // namespace

ReplaySource::ReplaySource(std::string path, ReplayPace pace, bool loop, RecordingReader reader)
    : path_(std::move(path)),
      pace_(pace),
      loop_(loop),
      reader_(std::move(reader)),
      wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

absl::StatusOr<std::unique_ptr<ReplaySource>> ReplaySource::Open(const std::string& path,
                                                                 ReplayPace pace, bool loop) {
  absl::StatusOr<RecordingReader> reader = RecordingReader::Open(path);
  if (!reader.ok()) return reader.status();
  auto source =
      std::unique_ptr<ReplaySource>(new ReplaySource(path, pace, loop, *std::move(reader)));
  if (!source->wake_.valid()) return SystemError(errno, "create an event descriptor");
  source->round_began_ns_ = MonotonicNs();
  source->Fetch();
  return source;
}

// Reads the next entry, at the end that of the next round.
void ReplaySource::Fetch() {
  next_ = reader_.Next();
  if (!next_ && BeginAgain()) next_ = reader_.Next();
  if (!next_) return;
  if (next_->time_ns == 0) {
    next_->time_ns = last_time_ns_ != 0 ? last_time_ns_ : absl::GetCurrentTimeNanos();
  }
  if (round_is_empty_) first_time_ns_ = next_->time_ns;
  round_is_empty_ = false;
  last_time_ns_ = std::max(last_time_ns_, next_->time_ns);
}

// A file without a line would be read over and over. A loop ends before its times leave their type.
bool ReplaySource::BeginAgain() {
  if (!loop_ || round_is_empty_) return false;
  const int64_t round_ns = last_time_ns_ - first_time_ns_ + kRoundGapNs;
  if (shift_ns_ > std::numeric_limits<int64_t>::max() / 2 - round_ns) return false;
  absl::StatusOr<RecordingReader> reader = RecordingReader::Open(path_);
  if (!reader.ok()) return false;
  reader_ = *std::move(reader);
  shift_ns_ += round_ns;
  round_began_ns_ = MonotonicNs();
  last_time_ns_ = 0;
  round_is_empty_ = true;
  return true;
}

// Until the next entry is due.
absl::Duration ReplaySource::TimeLeft() const {
  if (!next_) return absl::InfiniteDuration();
  if (pace_ == ReplayPace::kFastest) return absl::ZeroDuration();
  const absl::Duration due = absl::Nanoseconds(next_->time_ns) - absl::Nanoseconds(first_time_ns_);
  return std::max(due - absl::Nanoseconds(MonotonicNs() - round_began_ns_), absl::ZeroDuration());
}

void ReplaySource::Wait(absl::Duration timeout) {
  pollfd waited = {wake_.get(), POLLIN, 0};
  const absl::Duration left = std::min(timeout, TimeLeft());
  if (poll(&waited, 1, static_cast<int>(absl::ToInt64Milliseconds(left))) <= 0) return;
  uint64_t count = 0;
  [[maybe_unused]] ssize_t bytes = read(wake_.get(), &count, sizeof(count));
}

void ReplaySource::Wake() {
  const uint64_t one = 1;
  [[maybe_unused]] ssize_t bytes = write(wake_.get(), &one, sizeof(one));
}

size_t ReplaySource::Read(EventSink& sink) {
  size_t delivered = 0;
  while (delivered < kMaxEntriesPerRead && TimeLeft() <= absl::ZeroDuration()) {
    Deliver(sink);
    ++delivered;
    Fetch();
  }
  return delivered;
}

void ReplaySource::Deliver(EventSink& sink) {
  std::visit(Delivery{sink, next_->time_ns + shift_ns_, shift_ns_ != 0}, next_->event);
}

}  // namespace alidade
