// SPDX-License-Identifier: Apache-2.0
//
// Where events come from. Sources are interchangeable: BPF programs of our own, a Cilium node's
// pinned ring, a recording.
#ifndef ALIDADE_AGENT_CAPTURE_EVENT_SOURCE_H_
#define ALIDADE_AGENT_CAPTURE_EVENT_SOURCE_H_

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"
#include "observer/observer.pb.h"
#include "parser/raw_event.h"

namespace alidade {

// Takes what a source reads, on the thread that calls EventSource::Read.
class EventSink {
 public:
  virtual ~EventSink() = default;
  // `event.bytes` are borrowed for the call.
  virtual void OnEvent(const RawEvent& event) = 0;
  // `count` events were lost before this moment because the ring of `cpu` was full.
  virtual void OnLost(uint32_t cpu, uint64_t count, int64_t time_ns) = 0;
  // An event that was decoded before: a line of a flow log, or of an agent's life.
  virtual void OnDecoded(const observer::ExportEvent& event, int64_t time_ns) = 0;
  // A piece of a recording that is no event.
  virtual void OnBadLine() = 0;
};

// Thread: one thread calls Wait and Read; Wake may be called from any thread or signal handler.
class EventSource {
 public:
  virtual ~EventSource() = default;
  // Sleeps until there may be something to read, Wake is called, or `timeout` has passed.
  virtual void Wait(absl::Duration timeout) = 0;
  virtual void Wake() = 0;
  // Delivers what is there, oldest first across CPUs, a bounded number at a time. Returns how many
  // events were delivered.
  virtual size_t Read(EventSink& sink) = 0;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_EVENT_SOURCE_H_
