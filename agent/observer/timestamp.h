// SPDX-License-Identifier: Apache-2.0
//
// Nanoseconds since the Unix epoch to and from google.protobuf.Timestamp.
#ifndef ALIDADE_AGENT_OBSERVER_TIMESTAMP_H_
#define ALIDADE_AGENT_OBSERVER_TIMESTAMP_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "google/protobuf/timestamp.pb.h"

namespace alidade {

google::protobuf::Timestamp ToTimestamp(int64_t time_ns);

// A valid time that 64 bits of nanoseconds cannot hold (before 1677, after 2262) becomes the
// nearest that they can.
// Errors: UNKNOWN, with Go's words for a timestamp outside the years 1 to 9999 or with malformed
// nanos (contract 2.2).
absl::StatusOr<int64_t> FromTimestamp(const google::protobuf::Timestamp& timestamp);

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_TIMESTAMP_H_
