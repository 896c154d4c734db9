// SPDX-License-Identifier: Apache-2.0
//
// What the agent has to tell of its own life, on its way to the pipeline, which alone writes to the
// store. These events are rare; a burst that does not fit is counted, not waited for.
#ifndef ALIDADE_AGENT_AGENT_MAILBOX_H_
#define ALIDADE_AGENT_AGENT_MAILBOX_H_

#include <cstddef>
#include <cstdint>
#include <deque>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "flow/flow.pb.h"

namespace alidade {

// Thread: any.
class AgentMailbox {
 public:
  // A node with hundreds of pods tells four events of each at start.
  static constexpr size_t kMostEvents = 4096;

  struct Told {
    flow::AgentEvent event;
    int64_t time_ns = 0;  // since the Unix epoch
  };
  struct Taken {
    std::deque<Told> events;  // in the order in which they were told
    uint64_t lost = 0;        // since the last Take, because there was no room
  };

  void Tell(flow::AgentEvent event, int64_t time_ns);

  // Takes out what was told up to that time.
  Taken Take(int64_t until_ns);

 private:
  absl::Mutex mutex_;
  Taken waiting_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_AGENT_MAILBOX_H_
