// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/node_status_text.h"

#include "absl/strings/str_cat.h"
#include "agent/cli/text.h"
#include "agent/filter/go_text.h"
#include "agent/recording/proto_json.h"

namespace alidade {
namespace {

using relay::NodeStatusEvent;

// The names, and only how many there are of those that make the text longer than this.
std::string NodeNames(const NodeStatusEvent& event) {
  constexpr size_t kLongest = 50;
  constexpr char kSeparator[] = ", ";
  std::string text;
  size_t length = 0;
  for (int i = 0; i < event.node_names_size(); ++i) {
    length += event.node_names(i).size() + sizeof(kSeparator) - 1;
    if (length > kLongest && i > 0) {
      absl::StrAppend(&text, " (and ", event.node_names_size() - i, " more)");
      break;
    }
    absl::StrAppend(&text, i == 0 ? "" : kSeparator, event.node_names(i));
  }
  return text;
}

std::string Sentence(const NodeStatusEvent& event) {
  const int count = event.node_names_size();
  const std::string names = NodeNames(event);
  switch (event.state_change()) {
    case relay::NODE_CONNECTED:
      return absl::StrCat("Receiving flows from ", count, " nodes: ", names);
    case relay::NODE_UNAVAILABLE:
      return absl::StrCat(count, " nodes are unavailable: ", names);
    case relay::NODE_GONE:
      return absl::StrCat(count, " nodes removed from cluster: ", names);
    case relay::NODE_ERROR:
      return absl::StrCat("Error ", GoQuote(event.message()), " on ", count, " nodes: ", names);
    default:
      return absl::StrCat("unknown node status event: ", ToJson(event));
  }
}

std::string Block(const NodeStatusEvent& event, const std::string& time) {
  const std::string message = event.message().empty() ? "N/A" : GoQuote(event.message());
  return absl::StrCat("  TIMESTAMP: ", time, "\n",                                         //
                      "      STATE: ", relay::NodeState_Name(event.state_change()), "\n",  //
                      "      NODES: ", NodeNames(event), "\n",                             //
                      "    MESSAGE: ", message, "\n");
}

}  // namespace

std::string NodeStatusText(const observer::GetFlowsResponse& response, OutputFormat format,
                           TimeFormat time_format, bool debug) {
  const NodeStatusEvent& event = response.node_status();
  const bool is_bad =
      event.state_change() == relay::NODE_ERROR || event.state_change() == relay::NODE_UNAVAILABLE;
  if (!is_bad && !debug) return "";
  const std::string time =
      TimestampText(response.has_time() ? &response.time() : nullptr, time_format);
  switch (format) {
    case OutputFormat::kJson:
      return ToJson(response) + "\n";
    case OutputFormat::kDict:
      return EscapeForTerminal(Block(event, time));
    case OutputFormat::kCompact:
    case OutputFormat::kTable:
      return EscapeForTerminal(
          absl::StrCat(time, " [", response.node_name(), "]: ", Sentence(event), "\n"));
    case OutputFormat::kLegacyJson:
      break;  // that client did not know of nodes
  }
  return "";
}

}  // namespace alidade
