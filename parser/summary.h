// SPDX-License-Identifier: Apache-2.0
//
// Flow.Summary: one line about the last layer that was decoded, which clients still print.
#ifndef ALIDADE_PARSER_SUMMARY_H_
#define ALIDADE_PARSER_SUMMARY_H_

#include <cstddef>
#include <string_view>

#include "parser/flow_record.h"
#include "parser/text_buffer.h"

namespace alidade {

// Room for the texts that are put together. No summary is longer.
inline constexpr size_t kMaxSummaryBytes = 64;
using SummaryBuffer = TextBuffer<kMaxSummaryBytes>;

// The summary of `packet`: a view into `buffer` or into a static table.
// Source: event-format section 4.5.
std::string_view Summary(const PacketLayers& packet, SummaryBuffer* buffer);

}  // namespace alidade

#endif  // ALIDADE_PARSER_SUMMARY_H_
