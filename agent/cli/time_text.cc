// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/time_text.h"

#include "google/protobuf/util/time_util.h"

namespace alidade {

absl::StatusOr<absl::Time> ParseTimeText(const std::string& text, absl::Time now) {
  absl::Duration ago;
  if (absl::ParseDuration(text, &ago)) return now - ago;
  for (const char* format : {"%Y-%m-%d", "%Y-%m-%dT%H%Ez", "%Y-%m-%dT%H:%M%Ez",
                             "%Y-%m-%dT%H:%M:%E*S%Ez", "%a, %d %b %Y %H:%M:%S %z"}) {
    absl::Time time;
    if (absl::ParseTime(format, text, &time, nullptr)) return time;
  }
  return absl::InvalidArgumentError(
      "must be a duration such as 5m, or a time such as 2006-01-02T15:04:05Z");
}

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(absl::ToUnixSeconds(time));
  absl::Duration rest = time - absl::FromUnixSeconds(timestamp.seconds());
  timestamp.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  return timestamp;
}

std::string TimestampText(const google::protobuf::Timestamp* time) {
  using google::protobuf::util::TimeUtil;
  if (time == nullptr || time->seconds() < TimeUtil::kTimestampMinSeconds ||
      time->seconds() > TimeUtil::kTimestampMaxSeconds || time->nanos() < 0 ||
      time->nanos() > 999999999) {
    return "N/A";
  }
  return absl::FormatTime("%b %e %H:%M:%E3S",
                          absl::FromUnixSeconds(time->seconds()) + absl::Nanoseconds(time->nanos()),
                          absl::UTCTimeZone());
}

}  // namespace alidade
