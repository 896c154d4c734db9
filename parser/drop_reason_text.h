// SPDX-License-Identifier: Apache-2.0
#ifndef ALIDADE_PARSER_DROP_REASON_TEXT_H_
#define ALIDADE_PARSER_DROP_REASON_TEXT_H_

#include <cstdint>
#include <string_view>

namespace alidade {

// What a user of Hubble reads for a reason that Cilium's datapath gives: `Policy denied`. Numbers
// below 130 are no drops. Empty for a number without a text.
std::string_view FindDropReasonText(uint8_t reason);

}  // namespace alidade

#endif  // ALIDADE_PARSER_DROP_REASON_TEXT_H_
