// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/timestamp.h"

#include <limits>
#include <string>

#include "absl/strings/str_cat.h"

namespace alidade {
namespace {

constexpr int64_t kNanos = 1'000'000'000;
constexpr int64_t kYear1 = -62'135'596'800;          // 0001-01-01T00:00:00Z
constexpr int64_t kEndOfYear9999 = 253'402'300'799;  // 9999-12-31T23:59:59Z

absl::Status Malformed(const google::protobuf::Timestamp& timestamp, const char* reason) {
  std::string text;
  if (timestamp.seconds() != 0) absl::StrAppend(&text, "seconds:", timestamp.seconds());
  if (timestamp.nanos() != 0) {
    absl::StrAppend(&text, text.empty() ? "" : " ", "nanos:", timestamp.nanos());
  }
  return absl::UnknownError(absl::StrCat("proto: timestamp (", text, ") ", reason));
}

}  // namespace

google::protobuf::Timestamp ToTimestamp(int64_t time_ns) {
  int64_t seconds = time_ns / kNanos;
  int64_t nanos = time_ns % kNanos;
  if (nanos < 0) {
    --seconds;
    nanos += kNanos;
  }
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(static_cast<int32_t>(nanos));
  return timestamp;
}

absl::StatusOr<int64_t> FromTimestamp(const google::protobuf::Timestamp& timestamp) {
  const int64_t seconds = timestamp.seconds();
  if (seconds < kYear1) return Malformed(timestamp, "before 0001-01-01");
  if (seconds > kEndOfYear9999) return Malformed(timestamp, "after 9999-12-31");
  if (timestamp.nanos() < 0 || timestamp.nanos() >= kNanos) {
    return Malformed(timestamp, "has out-of-range nanos");
  }
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  if (seconds <= kMin / kNanos) return kMin;
  if (seconds >= kMax / kNanos) return kMax;
  return seconds * kNanos + timestamp.nanos();
}

}  // namespace alidade
