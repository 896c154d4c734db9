// SPDX-License-Identifier: Apache-2.0
//
// Times as users write and read them on the command line of observe.
#ifndef ALIDADE_AGENT_CLI_TIME_TEXT_H_
#define ALIDADE_AGENT_CLI_TIME_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace alidade {

// A time that long before `now` (`5m`, `1h43m`), a date (UTC), or RFC 3339 with or without minutes,
// seconds and fractions. Errors: kInvalidArgument with what would be right.
absl::StatusOr<absl::Time> ParseTimeText(const std::string& text, absl::Time now);

google::protobuf::Timestamp ToTimestamp(absl::Time time);

// How times are printed; Hubble's names are these without the k. Fractions are cut off.
enum class TimeFormat : uint8_t {
  kStampMilli,
  kYearMonthDay,
  kYearMonthDayHour,
  kYearMonthDayHourMinute,
  kRFC3339,
  kRFC3339Milli,
  kRFC3339Micro,
  kRFC3339Nano,
  kRFC1123Z,
};

// Errors: kInvalidArgument with the names that there are.
absl::StatusOr<TimeFormat> ParseTimeFormat(const std::string& name);

// In UTC, by default as `Nov  2 15:04:05.000`; `N/A` when `time` is null or out of range.
std::string TimestampText(const google::protobuf::Timestamp* time,
                          TimeFormat format = TimeFormat::kStampMilli);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_TIME_TEXT_H_
