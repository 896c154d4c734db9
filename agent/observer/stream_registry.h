// SPDX-License-Identifier: Apache-2.0
//
// The event streams that are open now, for the status.
#ifndef ALIDADE_AGENT_OBSERVER_STREAM_REGISTRY_H_
#define ALIDADE_AGENT_OBSERVER_STREAM_REGISTRY_H_

#include <list>
#include <string>

#include "absl/synchronization/mutex.h"
#include "agent/observer/flow_stream.h"
#include "alidade/agent.pb.h"

namespace alidade {

// Thread: any.
class StreamRegistry {
 public:
  // One open stream; closes with its destruction.
  class Entry {
   public:
    Entry(StreamRegistry* registry, std::string peer, std::string method);
    ~Entry();
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

    StreamCounters* counters() { return &counters_; }

   private:
    friend class StreamRegistry;
    StreamRegistry* const registry_;
    const std::string peer_;
    const std::string method_;
    StreamCounters counters_;
    std::list<Entry*>::iterator place_;
  };

  // Adds a row for every open stream, the oldest first.
  void Describe(GetStatusResponse* status) const;

 private:
  mutable absl::Mutex mutex_;  // guards the list; the counters are read without it
  std::list<Entry*> open_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_STREAM_REGISTRY_H_
