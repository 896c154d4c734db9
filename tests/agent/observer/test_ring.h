// SPDX-License-Identifier: Apache-2.0
//
// A store full of numbered flows: flow i has uuid `u<i>`, time i seconds, and is dropped when i is
// a multiple of five.
#ifndef ALIDADE_TESTS_AGENT_OBSERVER_TEST_RING_H_
#define ALIDADE_TESTS_AGENT_OBSERVER_TEST_RING_H_

#include <cstdint>
#include <string>

#include "flow/flow.pb.h"
#include "ringbuffer/event_ring.h"
#include "tests/agent/filter/stored_flow.h"

namespace alidade {

constexpr int64_t kTestSecond = 1'000'000'000;

class TestRing {
 public:
  explicit TestRing(uint32_t capacity)
      : ring_({.capacity = capacity, .header_bytes = sizeof(FlowHeader)}) {}

  const EventRing& ring() const { return ring_; }

  void AddFlows(int first, int last) {
    for (int i = first; i <= last; ++i) AddFlow("u" + std::to_string(i), i);
  }

  void AddFlow(const std::string& uuid, int seconds) {
    flow::Flow flow;
    flow.set_uuid(uuid);
    flow.mutable_time()->set_seconds(seconds);
    flow.set_verdict(seconds % 5 == 0 ? flow::DROPPED : flow::FORWARDED);
    flow.mutable_source()->set_namespace_(seconds % 2 == 0 ? "even" : "odd");
    Append(Store(flow), &ring_);
  }

  void AddLoss(uint64_t count, int seconds) {
    flow::LostEvent lost;
    lost.set_source(flow::PERF_EVENT_RING_BUFFER);
    lost.set_num_events_lost(count);
    Append(StoreOther(EventKind::kLostEvent, seconds * kTestSecond, lost.SerializeAsString()),
           &ring_);
  }

  void AddAgentEvent(int seconds) {
    flow::AgentEvent event;
    event.set_type(flow::AGENT_STARTED);
    Append(StoreOther(EventKind::kAgentEvent, seconds * kTestSecond, event.SerializeAsString()),
           &ring_);
  }

  void AddDebugEvent(int seconds) {
    flow::DebugEvent event;
    event.set_message("debug " + std::to_string(seconds));
    Append(StoreOther(EventKind::kDebugEvent, seconds * kTestSecond, event.SerializeAsString()),
           &ring_);
  }

 private:
  EventRing ring_;
};

}  // namespace alidade

#endif  // ALIDADE_TESTS_AGENT_OBSERVER_TEST_RING_H_
