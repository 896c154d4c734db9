// SPDX-License-Identifier: Apache-2.0
//
// Time stamps as text, without asking a clock or a time zone.
#ifndef ALIDADE_PARSER_RFC3339_H_
#define ALIDADE_PARSER_RFC3339_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace alidade {

// A moment as google.protobuf.Timestamp has it: nanoseconds count forwards, also before the epoch.
struct UnixTime {
  int64_t seconds = 0;
  int32_t nanos = 0;

  friend bool operator==(const UnixTime&, const UnixTime&) = default;
};

// Nanoseconds since the epoch; nullopt when they do not fit (before 1678, after 2261).
std::optional<int64_t> UnixNanos(const UnixTime& time);

// Parses a date and time with zone (RFC 3339 section 5.6; `T` and `Z` in upper case). Digits
// beyond nanoseconds are dropped. nullopt when `text` is anything else, or a moment before the year
// 1 or after the year 9999.
std::optional<UnixTime> ParseRfc3339(std::string_view text);

}  // namespace alidade

#endif  // ALIDADE_PARSER_RFC3339_H_
