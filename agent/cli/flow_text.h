// SPDX-License-Identifier: Apache-2.0
//
// A flow in the words of Hubble's client, column by column (contract 7.4).
#ifndef ALIDADE_AGENT_CLI_FLOW_TEXT_H_
#define ALIDADE_AGENT_CLI_FLOW_TEXT_H_

#include <string>

#include "agent/cli/time_text.h"
#include "flow/flow.pb.h"
#include "observer/observer.pb.h"

namespace alidade {

// What is text in a flow comes from strangers: all of it is made safe for a terminal.
struct FlowTextOptions {
  bool node_name = false;     // print a column for it
  bool translate_ip = true;   // pods, services and DNS names instead of addresses
  bool policy_names = false;  // of what allowed or denied, in verdicts of policies
  bool color = false;
  TimeFormat time_format = TimeFormat::kStampMilli;
};

// `host`, `host:port` or, for packets without IP, the MAC address.
std::string SourceText(const flow::Flow& flow, const FlowTextOptions& options);
std::string DestinationText(const flow::Flow& flow, const FlowTextOptions& options);

std::string FlowTypeText(const flow::Flow& flow);
std::string VerdictText(const flow::Flow& flow, const FlowTextOptions& options);
std::string SummaryText(const flow::Flow& flow, const FlowTextOptions& options);
// `-` for the name of a node that a loss does not tell.
std::string LostNodeText(const std::string& name);

std::string LostSourceText(const flow::LostEvent& lost);
// `(first: <time>, last: <time>)` with a space in front; empty when the event does not tell.
std::string LostSpanText(const flow::LostEvent& lost, const FlowTextOptions& options);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_FLOW_TEXT_H_
