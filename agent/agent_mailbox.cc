// SPDX-License-Identifier: Apache-2.0
#include "agent/agent_mailbox.h"

#include <utility>

namespace alidade {

void AgentMailbox::Tell(flow::AgentEvent event, int64_t time_ns) {
  absl::MutexLock lock(&mutex_);
  if (waiting_.events.size() >= kMostEvents) {
    ++waiting_.lost;
  } else {
    waiting_.events.push_back({std::move(event), time_ns});
  }
}

AgentMailbox::Taken AgentMailbox::Take(int64_t until_ns) {
  absl::MutexLock lock(&mutex_);
  Taken taken;
  taken.lost = std::exchange(waiting_.lost, 0);
  while (!waiting_.events.empty() && waiting_.events.front().time_ns <= until_ns) {
    taken.events.push_back(std::move(waiting_.events.front()));
    waiting_.events.pop_front();
  }
  return taken;
}

}  // namespace alidade
