// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/timestamp.h"

#include <catch2/catch_test_macros.hpp>
#include <limits>
#include <string>

#include "agent/filter/concat.h"

namespace alidade {
namespace {

google::protobuf::Timestamp Make(int64_t seconds, int32_t nanos) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(nanos);
  return timestamp;
}

TEST_CASE("times convert both ways", "[observer]") {
  const int64_t times[] = {0, 1, -1, 1'700'000'000'123'456'789, -1'500'000'000};
  for (const int64_t time : times) {
    const google::protobuf::Timestamp timestamp = ToTimestamp(time);
    CHECK(timestamp.nanos() >= 0);
    CHECK(FromTimestamp(timestamp).value() == time);
  }
}

TEST_CASE("valid times beyond 64 bits of nanoseconds are the nearest that fit", "[observer]") {
  CHECK(FromTimestamp(Make(253'402'300'799, 999'999'999)).value() ==
        std::numeric_limits<int64_t>::max());
  CHECK(FromTimestamp(Make(-62'135'596'800, 0)).value() == std::numeric_limits<int64_t>::min());
}

TEST_CASE("malformed times are refused with Go's words", "[observer]") {
  const struct {
    int64_t seconds;
    int32_t nanos;
    const char* error;
  } cases[] = {
      {1, -1, "proto: timestamp (seconds:1 nanos:-1) has out-of-range nanos"},
      {0, 1'000'000'000, "proto: timestamp (nanos:1000000000) has out-of-range nanos"},
      {int64_t{1} << 60, 0, "proto: timestamp (seconds:1152921504606846976) after 9999-12-31"},
      {-62'135'596'801, 5, "proto: timestamp (seconds:-62135596801 nanos:5) before 0001-01-01"},
  };
  for (const auto& one : cases) {
    const absl::Status status = FromTimestamp(Make(one.seconds, one.nanos)).status();
    CHECK(status.code() == absl::StatusCode::kUnknown);
    CHECK(AsView(status.message()) == one.error);
  }
}

}  // namespace
}  // namespace alidade
