// SPDX-License-Identifier: Apache-2.0
//
// The event source that reads a recording, for a look at what happened elsewhere or before.
#ifndef ALIDADE_AGENT_CAPTURE_REPLAY_SOURCE_H_
#define ALIDADE_AGENT_CAPTURE_REPLAY_SOURCE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/capture/capture_options.h"
#include "agent/capture/event_source.h"
#include "agent/capture/file_descriptor.h"
#include "agent/recording/recording.h"

namespace alidade {

// Events keep the times at which they were recorded. In a loop each round follows the one before:
// its times are moved by what the earlier rounds took. A line without a time has that of the line
// before it, the first one the time of the replay.
class ReplaySource : public EventSource {
 public:
  // Errors: the file cannot be opened.
  static absl::StatusOr<std::unique_ptr<ReplaySource>> Open(const std::string& path,
                                                            ReplayPace pace, bool loop);

  void Wait(absl::Duration timeout) override;
  void Wake() override;
  size_t Read(EventSink& sink) override;

 private:
  ReplaySource(std::string path, ReplayPace pace, bool loop, RecordingReader reader);

  void Fetch();
  bool BeginAgain();
  absl::Duration TimeLeft() const;
  void Deliver(EventSink& sink);

  const std::string path_;
  const ReplayPace pace_;
  const bool loop_;
  RecordingReader reader_;
  FileDescriptor wake_;                 // eventfd
  std::optional<RecordingEntry> next_;  // nothing: the end
  int64_t first_time_ns_ = 0;           // of this round, as recorded
  int64_t last_time_ns_ = 0;
  int64_t shift_ns_ = 0;        // what is added to the times of this round
  int64_t round_began_ns_ = 0;  // CLOCK_MONOTONIC
  bool round_is_empty_ = true;  // so far
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_REPLAY_SOURCE_H_
