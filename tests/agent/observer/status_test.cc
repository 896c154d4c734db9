// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/status.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/agent/observer/test_ring.h"

namespace alidade {
namespace {

TEST_CASE("the rate is that of the last minute, or of the time since the oldest", "[observer]") {
  TestRing ring(1023);
  CHECK(FlowRate(ring.ring(), 0) == 0);
  ring.AddFlows(1, 30);
  CHECK(FlowRate(ring.ring(), 41 * kTestSecond) == 30.0 / 40);
  CHECK(FlowRate(ring.ring(), 61 * kTestSecond) == 30.0 / 60);
  CHECK(FlowRate(ring.ring(), 71 * kTestSecond) == 20.0 / 60);
  CHECK(FlowRate(ring.ring(), 90 * kTestSecond) == 1.0 / 60);
  CHECK(FlowRate(ring.ring(), 91 * kTestSecond) == 0);
  CHECK(FlowRate(ring.ring(), 30 * kTestSecond) == 30.0 / 29);
}

TEST_CASE("the rate is that of flows alone", "[observer]") {
  TestRing ring(1023);
  ring.AddAgentEvent(1);
  CHECK(FlowRate(ring.ring(), 2 * kTestSecond) == 0);
  ring.AddFlow("a", 11);
  ring.AddDebugEvent(12);
  CHECK(FlowRate(ring.ring(), 15 * kTestSecond) == 1.0 / 4);
}

TEST_CASE("a burst within one moment has a finite rate", "[observer]") {
  TestRing ring(7);
  ring.AddFlow("a", 5);
  ring.AddFlow("b", 5);
  CHECK(FlowRate(ring.ring(), 5 * kTestSecond) == 2);
}

}  // namespace
}  // namespace alidade
