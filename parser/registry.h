// SPDX-License-Identifier: Apache-2.0
//
// Which decoder reads which kind of notification. A new kind is a file in kinds/, its declaration
// here and a row in registry.cc.
#ifndef ALIDADE_PARSER_REGISTRY_H_
#define ALIDADE_PARSER_REGISTRY_H_

#include <cstdint>

#include "parser/flow_record.h"
#include "parser/parser.h"
#include "parser/raw_event.h"

namespace alidade {

// Decodes one event of its kind. `event.bytes` is not empty and starts with the kind; `record` has
// been reset and knows time, event_type and event_sub_type.
using KindDecoder = DecodeError (*)(const RawEvent& event, FlowRecord* record);

DecodeError DecodeTrace(const RawEvent& event, FlowRecord* record);
DecodeError DecodeDrop(const RawEvent& event, FlowRecord* record);
DecodeError DecodePolicyVerdict(const RawEvent& event, FlowRecord* record);
DecodeError DecodeCapture(const RawEvent& event, FlowRecord* record);
DecodeError DecodeSock(const RawEvent& event, FlowRecord* record);

// The decoder of notifications whose byte 0 is `type`; never null. That of a type no perf ring
// carries answers kInvalidType.
KindDecoder FindKind(uint8_t type);

}  // namespace alidade

#endif  // ALIDADE_PARSER_REGISTRY_H_
