// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/event_printer.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "agent/cli/event_text.h"
#include "agent/cli/text.h"
#include "agent/recording/proto_json.h"

namespace alidade {
namespace {

using observer::GetAgentEventsResponse;
using observer::GetDebugEventsResponse;
using Row = std::vector<std::string>;

// Of the second block on in dict. Hubble's client forgets the end of this line, here only.
constexpr char kBlockStart[] = "------------";

// What the formats print of an event, its time and node apart.
struct EventWords {
  std::string line;                                         // compact
  std::vector<std::pair<const char*, std::string>> fields;  // dict
  Row cells;                                                // table
};

EventWords WordsOf(const GetAgentEventsResponse& response, TimeFormat time_format) {
  const std::string type = TypeText(response.agent_event());
  const std::string details = AgentEventDetails(response.agent_event(), time_format);
  return {absl::StrCat(type, " (", details, ")"),
          {{"TYPE", type}, {"DETAILS", details}},
          {type, details}};
}

EventWords WordsOf(const GetDebugEventsResponse& response, TimeFormat /*time_format*/) {
  const flow::DebugEvent& event = response.debug_event();
  const std::string type = TypeText(event);
  const std::string from = DebugSourceText(event);
  const std::string mark = DebugMarkText(event);
  const std::string cpu = DebugCpuText(event);
  return {
      absl::StrCat(from, " ", type, " MARK: ", mark, " CPU: ", cpu, " (", event.message(), ")"),
      {{"TYPE", type}, {"FROM", from}, {"MARK", mark}, {"CPU", cpu}, {"MESSAGE", event.message()}},
      {from, "", type, absl::StrCat(cpu, " ", mark), event.message()}};
}

Row HeadOf(const GetAgentEventsResponse& /*response*/) { return {"TYPE", "DETAILS"}; }

// Hubble's client has a column without a name behind FROM.
Row HeadOf(const GetDebugEventsResponse& /*response*/) {
  return {"FROM", "", "TYPE", "CPU/MARK", "MESSAGE"};
}

bool HasEvent(const GetAgentEventsResponse& response) { return response.has_agent_event(); }
bool HasEvent(const GetDebugEventsResponse& response) { return response.has_debug_event(); }

const flow::AgentEvent& EventOf(const GetAgentEventsResponse& response) {
  return response.agent_event();
}
const flow::DebugEvent& EventOf(const GetDebugEventsResponse& response) {
  return response.debug_event();
}

// Puts what goes before the cells of a row.
Row Lead(const std::string& time, const std::string& node, bool with_node, Row cells) {
  if (with_node) cells.insert(cells.begin(), node);
  cells.insert(cells.begin(), time);
  return cells;
}

}  // namespace

template <typename Response>
std::string EventPrinter<Response>::Print(const Response& response) {
  if (!HasEvent(response)) return "";
  if (options_.format == OutputFormat::kJson) return ToJson(response) + "\n";
  if (options_.format == OutputFormat::kLegacyJson) return ToJson(EventOf(response)) + "\n";
  const bool is_first = std::exchange(is_first_, false);
  const std::string time =
      TimestampText(response.has_time() ? &response.time() : nullptr, options_.time_format);
  EventWords words = WordsOf(response, options_.time_format);
  switch (options_.format) {
    case OutputFormat::kCompact: {
      const std::string node =
          options_.node_name ? absl::StrCat(" [", response.node_name(), "]") : "";
      return EscapeForTerminal(absl::StrCat(time, node, ": ", words.line, "\n"));
    }
    case OutputFormat::kDict: {
      words.fields.insert(words.fields.begin(), {"TIMESTAMP", time});
      if (options_.node_name) {
        words.fields.insert(words.fields.begin() + 1, {"NODE", response.node_name()});
      }
      std::string text = is_first ? "" : kBlockStart;
      for (const auto& [key, value] : words.fields) {
        absl::StrAppendFormat(&text, "%11s: %s\n", key, value);
      }
      return EscapeForTerminal(text);
    }
    case OutputFormat::kTable:
      if (is_first) {
        rows_.push_back(Lead("TIMESTAMP", "NODE", options_.node_name, HeadOf(response)));
      }
      for (std::string& cell : words.cells) cell = EscapeForTerminal(cell);
      rows_.push_back(Lead(time, EscapeForTerminal(response.node_name()), options_.node_name,
                           std::move(words.cells)));
      break;
    case OutputFormat::kJson:
    case OutputFormat::kLegacyJson:
      break;
  }
  return "";
}

template <typename Response>
std::string EventPrinter<Response>::Finish() const {
  return AlignTable(rows_);
}

template class EventPrinter<GetAgentEventsResponse>;
template class EventPrinter<GetDebugEventsResponse>;

}  // namespace alidade
