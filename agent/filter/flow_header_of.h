// SPDX-License-Identifier: Apache-2.0
//
// The header that the store would hold for a flow that comes as a message, not from our parser.
#ifndef ALIDADE_AGENT_FILTER_FLOW_HEADER_OF_H_
#define ALIDADE_AGENT_FILTER_FLOW_HEADER_OF_H_

#include "flow/flow.pb.h"
#include "parser/flow_header.h"

namespace alidade {

// For filters only. What is free text in the message (uuid, addresses) or too large for the header
// stays zero, so that filters look at the bytes (agent/filter/stored_event.h); handles and the time
// are zero too.
FlowHeader FlowHeaderOf(const flow::Flow& flow);

}  // namespace alidade

#endif  // ALIDADE_AGENT_FILTER_FLOW_HEADER_OF_H_
