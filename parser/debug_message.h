// SPDX-License-Identifier: Apache-2.0
//
// DebugEvent.message: what a debug message says, for people.
#ifndef ALIDADE_PARSER_DEBUG_MESSAGE_H_
#define ALIDADE_PARSER_DEBUG_MESSAGE_H_

#include <cstddef>
#include <string_view>

#include "parser/debug_record.h"
#include "parser/text_buffer.h"

namespace alidade {

// Room for every message, with the longest name that an interface can have.
using DebugMessageBuffer = TextBuffer<192>;

// The text of an enriched record: a view into `buffer`.
// Source: event-format section 3.10.
std::string_view DebugMessage(const DebugRecord& record, DebugMessageBuffer* buffer);

}  // namespace alidade

#endif  // ALIDADE_PARSER_DEBUG_MESSAGE_H_
