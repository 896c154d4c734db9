// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/recvmsg_watch.h"

#include <catch2/catch_test_macros.hpp>
#include <chrono>

namespace alidade {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Some moment long after the clock began.
const RecvmsgWatch::Time kStart{std::chrono::hours(1000)};

}  // namespace

TEST_CASE("all cgroups are looked through at first, and nothing stands before") {
  const RecvmsgWatch watch;
  CHECK(watch.IsTreeDue(kStart));
  CHECK_FALSE(watch.is_on());
}

TEST_CASE("without others nothing stands, and the next look is not soon") {
  RecvmsgWatch watch;
  watch.OnTree(false, kStart, kStart);
  CHECK_FALSE(watch.is_on());
  CHECK_FALSE(watch.IsTreeDue(kStart + RecvmsgWatch::kTreeEvery - milliseconds(1)));
  CHECK(watch.IsTreeDue(kStart + RecvmsgWatch::kTreeEvery));
}

TEST_CASE("a translated call is news only while nothing stands") {
  RecvmsgWatch watch;
  CHECK(watch.told_from() <= kStart);
  watch.OnTree(false, kStart, kStart);
  CHECK(watch.told_from() == kStart);
  watch.OnOthers(kStart + seconds(1));
  CHECK(watch.told_from() == RecvmsgWatch::Time::max());
}

TEST_CASE("a look that takes long is not repeated often") {
  RecvmsgWatch watch;
  const RecvmsgWatch::Time end = kStart + milliseconds(300);
  watch.OnTree(false, kStart, end);
  CHECK_FALSE(watch.IsTreeDue(end + seconds(29)));
  CHECK(watch.IsTreeDue(end + seconds(30)));
  CHECK(watch.told_from() == end + seconds(30));
}

TEST_CASE("others anywhere are followed at once") {
  RecvmsgWatch watch;
  watch.OnTree(false, kStart, kStart);
  SECTION("at the root") { watch.OnOthers(kStart + seconds(1)); }
  SECTION("below it") { watch.OnTree(true, kStart + seconds(1), kStart + seconds(1)); }
  CHECK(watch.is_on());
}

TEST_CASE("others that are gone for a moment do not matter") {
  RecvmsgWatch watch;
  watch.OnOthers(kStart);
  watch.OnTree(false, kStart + seconds(1), kStart + seconds(1));
  CHECK(watch.is_on());
  watch.OnOthers(kStart + seconds(2));
  const RecvmsgWatch::Time still = kStart + seconds(2) + RecvmsgWatch::kLinger - milliseconds(1);
  watch.OnTree(false, still, still);
  CHECK(watch.is_on());
  watch.OnTree(false, still, still + milliseconds(1));
  CHECK_FALSE(watch.is_on());
}

}  // namespace alidade
