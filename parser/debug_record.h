// SPDX-License-Identifier: Apache-2.0
//
// Debug messages: what a step of the datapath wants to tell its developers. They become
// flow.DebugEvent in the same three steps as flows.
#ifndef ALIDADE_PARSER_DEBUG_RECORD_H_
#define ALIDADE_PARSER_DEBUG_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "parser/endpoint.h"
#include "parser/parser.h"
#include "parser/raw_event.h"

namespace alidade {

// Plain, like FlowRecord.
struct DebugRecord {
  int64_t time_ns = 0;  // since the Unix epoch
  uint8_t type = 0;     // flow.DebugEventType
  uint16_t endpoint_id = 0;
  uint32_t hash = 0;  // of the packet
  uint32_t arg1 = 0;  // meaning by type
  uint32_t arg2 = 0;
  uint32_t arg3 = 0;
  uint32_t cpu = 0;

  // --- written by enrichment ---
  const Endpoint* endpoint = nullptr;
  std::string_view interface_name;  // of arg1, where that is an interface
};

// Decodes an event whose first byte is NOTIFY_DEBUG. Errors: kHeaderTooShort.
DecodeError DecodeDebug(const RawEvent& event, DebugRecord* record);

// Fills who emitted the message. Afterwards the record borrows from `resolver`.
void EnrichDebug(const EndpointResolver& resolver, DebugRecord* record);

// Upper bound of what EncodeDebugEvent writes for `record`.
size_t MaxEncodedDebugBytes(const DebugRecord& record);

// Writes `record` as a serialized flow.DebugEvent to `out` and returns the number of bytes.
size_t EncodeDebugEvent(const DebugRecord& record, char* out);

}  // namespace alidade

#endif  // ALIDADE_PARSER_DEBUG_RECORD_H_
