// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline.h"

#include <vector>

#include "absl/time/clock.h"
#include "agent/resolve/world.h"
#include "bpf/events.h"
#include "catch2/catch_test_macros.hpp"

namespace alidade {
namespace {

// Gives what it holds at the next read.
struct Held : EventSource {
  void Wait(absl::Duration) override {}
  void Wake() override {}
  size_t Read(EventSink& sink) override {
    for (const int64_t time_ns : times) {
      RawEvent event;
      event.bytes = std::as_bytes(std::span(notify));
      event.time_ns = time_ns;
      sink.OnEvent(event);
    }
    times.clear();
    return 0;
  }

  uint8_t notify[sizeof(debug_notify)] = {NOTIFY_DEBUG};
  std::vector<int64_t> times;
};

std::vector<EventKind> Kinds(const EventRing& ring) {
  std::vector<EventKind> kinds;
  FlowHeader header;
  for (uint64_t number = ring.oldest(); number < ring.written(); ++number) {
    ring.ReadHeader(number, std::as_writable_bytes(std::span<FlowHeader, 1>(&header, 1)));
    kinds.push_back(header.kind);
  }
  return kinds;
}

TEST_CASE("what the agent tells of itself goes behind what was seen before it", "[agent]") {
  Held source;
  ResolverSlot resolvers;
  resolvers.Set(std::make_shared<World>(WorldTables()));
  EventRing ring({.capacity = 15, .header_bytes = sizeof(FlowHeader)});
  Ledger ledger;
  AgentMailbox mailbox;
  Pipeline pipeline(
      source, resolvers, ring, ledger, [] {}, nullptr, &mailbox);

  const int64_t now = absl::GetCurrentTimeNanos();
  source.times = {now - 30, now - 10};
  mailbox.Tell({}, now - 1'000'000'000);
  mailbox.Tell({}, now + 3'600'000'000'000);  // of the future: events before it may still come
  pipeline.RunOnce();
  using enum EventKind;
  CHECK(Kinds(ring) == std::vector<EventKind>{kDebugEvent, kDebugEvent, kAgentEvent});
  CHECK(ledger.stored.value() == 2);
  CHECK(ledger.stored_other.value() == 1);
  CHECK(ledger.reordered.value() == 0);

  for (size_t i = 0; i <= AgentMailbox::kMostEvents; ++i) mailbox.Tell({}, 0);
  pipeline.RunOnce();
  CHECK(ledger.agent_events_lost.value() == 2);
}

}  // namespace
}  // namespace alidade
