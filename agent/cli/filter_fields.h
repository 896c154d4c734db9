// SPDX-License-Identifier: Apache-2.0
//
// The fields of a FlowFilter as flags of observe: name, meaning, and how the text of a value gets
// into a filter. A new filter flag is a row in filter_fields.cc.
#ifndef ALIDADE_AGENT_CLI_FILTER_FIELDS_H_
#define ALIDADE_AGENT_CLI_FILTER_FIELDS_H_

#include <span>
#include <string>

#include "absl/status/status.h"
#include "agent/filter/stored_event.h"
#include "flow/flow.pb.h"

namespace alidade {

// A field that a filter has for each side. Three flags come of it: --x (one of the sides),
// --from-x and --to-x.
struct SideField {
  const char* name;
  char letter;          // short flag of --x, or NUL
  const char* meaning;  // what the side is, e.g. "has this address"
  // Errors: kInvalidArgument with the reason, in the words of Hubble's client.
  absl::Status (*add)(const std::string& value, Side side, flow::FlowFilter* filter);
};
std::span<const SideField> SideFields();

// A field of the flow as a whole.
struct FlowField {
  const char* name;
  char letter;
  const char* alone;  // the value of a flag that is given without one; empty: it needs one
  const char* meaning;
  absl::Status (*add)(const std::string& value, flow::FlowFilter* filter);
};
std::span<const FlowField> FlowFields();

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_FILTER_FIELDS_H_
