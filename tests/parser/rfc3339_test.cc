// SPDX-License-Identifier: Apache-2.0
#include "parser/rfc3339.h"

#include <catch2/catch_test_macros.hpp>

namespace alidade {
namespace {

TEST_CASE("a time stamp is a number of seconds and nanoseconds", "[parser]") {
  CHECK(ParseRfc3339("1970-01-01T00:00:00Z") == UnixTime{0, 0});
  CHECK(ParseRfc3339("2024-02-29T12:30:15.25Z") == UnixTime{1709209815, 250'000'000});
  CHECK(ParseRfc3339("2024-01-01T00:00:00,5+01:30") == UnixTime{1704061800, 500'000'000});
  CHECK(ParseRfc3339("1969-12-31T23:59:59.000000001Z") == UnixTime{-1, 1});
  CHECK(ParseRfc3339("2024-01-01T00:00:00.1234567899999Z") == UnixTime{1704067200, 123'456'789});
  CHECK(ParseRfc3339("0001-01-01T00:00:00Z") == UnixTime{-62135596800, 0});
  CHECK(ParseRfc3339("9999-12-31T23:59:59Z") == UnixTime{253402300799, 0});
  CHECK(ParseRfc3339("2024-01-01T7:00:00Z") == UnixTime{1704092400, 0});
}

TEST_CASE("what is no time stamp is none", "[parser]") {
  for (const char* text : {"",
                           "yesterday",
                           "2024-01-01",
                           "2024-01-01T00:00:00",
                           "2024-01-01t00:00:00Z",
                           "2024-01-01T00:00:00z",
                           "2024-01-01 00:00:00Z",
                           "2023-02-29T00:00:00Z",
                           "2024-13-01T00:00:00Z",
                           "2024-00-01T00:00:00Z",
                           "2024-01-32T00:00:00Z",
                           "2024-01-01T24:00:00Z",
                           "2024-01-01T00:60:00Z",
                           "2024-01-01T00:00:60Z",
                           "2024-01-01T00:00:00.Z",
                           "2024-01-01T00:00:00+0100",
                           "2024-01-01T00:00:00+25:00",
                           "2024-01-01T00:00:00Z ",
                           "24-01-01T00:00:00Z",
                           "10000-01-01T00:00:00Z",
                           "0000-06-01T00:00:00Z",
                           "9999-12-31T23:59:59-00:01"}) {
    INFO(text);
    CHECK_FALSE(ParseRfc3339(text).has_value());
  }
}

}  // namespace
}  // namespace alidade
