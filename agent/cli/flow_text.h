// SPDX-License-Identifier: Apache-2.0
//
// A flow in the words of Hubble's client, column by column (contract 7.4).
#ifndef ALIDADE_AGENT_CLI_FLOW_TEXT_H_
#define ALIDADE_AGENT_CLI_FLOW_TEXT_H_

#include <string>

#include "flow/flow.pb.h"
#include "observer/observer.pb.h"

namespace alidade {

struct FlowTextOptions {
  bool node_name = false;    // print a column for it
  bool translate_ip = true;  // pods, services and DNS names instead of addresses
};

// `host`, `host:port` or, for packets without IP, the MAC address.
std::string SourceText(const flow::Flow& flow, const FlowTextOptions& options);
std::string DestinationText(const flow::Flow& flow, const FlowTextOptions& options);

std::string FlowTypeText(const flow::Flow& flow);
std::string VerdictText(const flow::Flow& flow);
std::string SummaryText(const flow::Flow& flow);

std::string LostSourceText(const flow::LostEvent& lost);
// `(first: <time>, last: <time>)` with a space in front; empty when the event does not tell.
std::string LostSpanText(const flow::LostEvent& lost);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_FLOW_TEXT_H_
