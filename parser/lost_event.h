// SPDX-License-Identifier: Apache-2.0
#ifndef ALIDADE_PARSER_LOST_EVENT_H_
#define ALIDADE_PARSER_LOST_EVENT_H_

#include <cstdint>
#include <optional>

#include "flow/flow.pb.h"
#include "parser/rfc3339.h"

namespace alidade {

// Events that were lost before they could be decoded.
struct LostRecord {
  int64_t source = 0;  // flow.LostEventSource
  uint64_t count = 0;
  int32_t cpu = 0;
  std::optional<UnixTime> first;  // when, as far as it is known
  std::optional<UnixTime> last;
};

// A source outside of the enum is told as unknown. Source: event-format section 8.
flow::LostEvent ToLostEvent(const LostRecord& record);

}  // namespace alidade

#endif  // ALIDADE_PARSER_LOST_EVENT_H_
