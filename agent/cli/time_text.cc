// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/time_text.h"

#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/cli/flag_values.h"
#include "google/protobuf/util/time_util.h"

namespace alidade {
namespace {

struct TimeFormatRow {
  const char* name;
  const char* format;
  int64_t unit_ns;  // what is smaller is cut off
};

// In the order of TimeFormat.
constexpr TimeFormatRow kTimeFormats[] = {
    {"StampMilli", "%b %e %H:%M:%E3S", 1'000'000},
    {"YearMonthDay", "%E4Y-%m-%d", 1},
    {"YearMonthDayHour", "%E4Y-%m-%dT%HZ", 1},
    {"YearMonthDayHourMinute", "%E4Y-%m-%dT%H:%MZ", 1},
    {"RFC3339", "%E4Y-%m-%dT%H:%M:%SZ", 1},
    {"RFC3339Milli", "%E4Y-%m-%dT%H:%M:%E*SZ", 1'000'000},
    {"RFC3339Micro", "%E4Y-%m-%dT%H:%M:%E*SZ", 1'000},
    {"RFC3339Nano", "%E4Y-%m-%dT%H:%M:%E*SZ", 1},
    {"RFC1123Z", "%a, %d %b %E4Y %H:%M:%S +0000", 1},
};

}  // namespace

absl::StatusOr<TimeFormat> ParseTimeFormat(const std::string& name) {
  std::string names;
  for (size_t i = 0; i < std::size(kTimeFormats); ++i) {
    if (absl::EqualsIgnoreCase(name, kTimeFormats[i].name)) return static_cast<TimeFormat>(i);
    absl::StrAppend(&names, i == 0 ? "" : ", ", kTimeFormats[i].name);
  }
  return absl::InvalidArgumentError(absl::StrCat("must be one of ", names));
}

absl::StatusOr<absl::Time> ParseTimeText(const std::string& text, absl::Time now) {
  const absl::StatusOr<absl::Duration> ago = ParseGoDuration(text);
  if (ago.ok()) return now - *ago;
  for (const char* format : {"%Y-%m-%d", "%Y-%m-%dT%H%Ez", "%Y-%m-%dT%H:%M%Ez",
                             "%Y-%m-%dT%H:%M:%E*S%Ez", "%a, %d %b %Y %H:%M:%S %z"}) {
    absl::Time time;
    if (absl::ParseTime(format, text, &time, nullptr)) return time;
  }
  return absl::InvalidArgumentError(absl::StrCat("failed to convert ", text, " to time"));
}

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(absl::ToUnixSeconds(time));
  absl::Duration rest = time - absl::FromUnixSeconds(timestamp.seconds());
  timestamp.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  return timestamp;
}

std::string TimestampText(const google::protobuf::Timestamp* time, TimeFormat format) {
  using google::protobuf::util::TimeUtil;
  if (time == nullptr || time->seconds() < TimeUtil::kTimestampMinSeconds ||
      time->seconds() > TimeUtil::kTimestampMaxSeconds || time->nanos() < 0 ||
      time->nanos() > 999999999) {
    return "N/A";
  }
  const TimeFormatRow& row = kTimeFormats[static_cast<size_t>(format)];
  const int64_t nanos = time->nanos() - time->nanos() % row.unit_ns;
  return absl::FormatTime(row.format,
                          absl::FromUnixSeconds(time->seconds()) + absl::Nanoseconds(nanos),
                          absl::UTCTimeZone());
}

}  // namespace alidade
