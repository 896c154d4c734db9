// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/silent_connections.h"

#include <catch2/catch_test_macros.hpp>

namespace alidade {

TEST_CASE("the table is gone through in an interval, within bounds") {
  CHECK(SilentSetsPerSecond({.sets = 1000, .interval = absl::Seconds(5)}) == 200);
  CHECK(SilentSetsPerSecond({.sets = 1001, .interval = absl::Seconds(5)}) == 201);
  CHECK(SilentSetsPerSecond({.sets = 1000, .interval = absl::ZeroDuration()}) == 1000);
  CHECK(SilentSetsPerSecond({.sets = 6000, .interval = absl::Hours(1)}) == 100);
}

}  // namespace alidade
