// SPDX-License-Identifier: Apache-2.0
//
// Reads the rings of several CPUs as a single stream in time order, up to a moment taken before:
// what is younger waits for the next time, since a record of another CPU with an older time may
// still be on its way.
#ifndef ALIDADE_AGENT_CAPTURE_RING_MERGE_H_
#define ALIDADE_AGENT_CAPTURE_RING_MERGE_H_

#include <time.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "agent/capture/event_source.h"

namespace alidade {

// The moment up to which records are read, and how its clock stands to the wall's.
struct ReadLimit {
  // Records younger than this may still have an older sibling that is being written: a time stamp
  // is taken a moment before its record can be seen.
  static constexpr uint64_t kSettleNs = 100'000;

  static ReadLimit Now() {
    const uint64_t monotonic = Clock(CLOCK_MONOTONIC);
    return {.limit_ns = monotonic - kSettleNs,
            .to_unix_ns = static_cast<int64_t>(Clock(CLOCK_REALTIME) - monotonic)};
  }
  int64_t UnixTime(uint64_t monotonic_ns) const {
    return static_cast<int64_t>(monotonic_ns) + to_unix_ns;
  }

  uint64_t limit_ns;  // CLOCK_MONOTONIC
  int64_t to_unix_ns;

 private:
  static uint64_t Clock(clockid_t clock) {
    timespec now;
    clock_gettime(clock, &now);
    return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(now.tv_nsec);
  }
};

// Asks the processor for the lines of a record that another CPU wrote, each of which would be
// waited for: as many as a trace of ours with the headers of its packet takes.
inline void PrefetchRecord(const std::byte* record) {
  constexpr size_t kLineBytes = 64;
  constexpr size_t kLines = 4;
  for (size_t line = 0; line < kLines; ++line) __builtin_prefetch(record + line * kLineBytes);
}

// Ring is one CPU's ring:
//   Look()          asks the kernel how far it has written
//   Peek(&time_ns)  the time of the oldest unread record; false when there is none
//   Deliver(limit, sink)  hands that record on
//   Release()       gives the space of delivered records back, if any
//   IsReleaseDue()  whether that is worth while now
template <typename Ring>
class RingMerge {
 public:
  // Delivers the records of `rings`, oldest first, a bounded number of them; returns how many.
  size_t Read(std::vector<Ring>& rings, const ReadLimit& limit, EventSink& sink) {
    heap_.clear();
    for (size_t i = 0; i < rings.size(); ++i) {
      rings[i].Look();
      uint64_t time_ns;
      if (rings[i].Peek(&time_ns) && time_ns <= limit.limit_ns) heap_.push_back({time_ns, i});
    }
    std::make_heap(heap_.begin(), heap_.end(), IsYounger);

    size_t delivered = 0;
    while (!heap_.empty() && delivered < kMaxRecordsPerRead) {
      std::pop_heap(heap_.begin(), heap_.end(), IsYounger);
      const size_t index = heap_.back().ring;
      heap_.pop_back();
      Ring& ring = rings[index];
      // Only the oldest of the others bounds how far this ring may be read without a look around.
      const uint64_t bound = heap_.empty() ? limit.limit_ns : heap_.front().time_ns;
      uint64_t time_ns = 0;
      bool more = true;
      do {
        ring.Deliver(limit, sink);
        ++delivered;
        if (ring.IsReleaseDue()) ring.Release();
        more = ring.Peek(&time_ns) && time_ns <= limit.limit_ns;
      } while (more && time_ns <= bound && delivered < kMaxRecordsPerRead);
      if (more) {
        heap_.push_back({time_ns, index});
        std::push_heap(heap_.begin(), heap_.end(), IsYounger);
      }
    }
    for (Ring& ring : rings) ring.Release();
    is_behind_ = !heap_.empty();
    return delivered;
  }

  // Whether the last Read left records for the next one only because of its bound: none of their
  // rings may come to be half full, and wake, again.
  bool is_behind() const { return is_behind_; }

 private:
  // So that stored events are announced and ring space is given back while a flood goes on.
  static constexpr size_t kMaxRecordsPerRead = 4096;

  // The oldest unread record of a ring.
  struct Pending {
    uint64_t time_ns;  // CLOCK_MONOTONIC
    size_t ring;
  };
  static bool IsYounger(const Pending& a, const Pending& b) { return a.time_ns > b.time_ns; }

  std::vector<Pending> heap_;  // used inside Read
  bool is_behind_ = false;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_RING_MERGE_H_
