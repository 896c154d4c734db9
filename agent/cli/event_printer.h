// SPDX-License-Identifier: Apache-2.0
//
// The output formats of observe for agent and debug events (contract 7.6).
#ifndef ALIDADE_AGENT_CLI_EVENT_PRINTER_H_
#define ALIDADE_AGENT_CLI_EVENT_PRINTER_H_

#include <string>
#include <utility>
#include <vector>

#include "agent/cli/output_flags.h"
#include "agent/cli/time_text.h"
#include "observer/observer.pb.h"

namespace alidade {

struct EventPrinterOptions {
  OutputFormat format = OutputFormat::kCompact;
  TimeFormat time_format = TimeFormat::kStampMilli;
  bool node_name = false;  // print it
};

// `Response`: observer::GetAgentEventsResponse or observer::GetDebugEventsResponse.
template <typename Response>
class EventPrinter {
 public:
  explicit EventPrinter(const EventPrinterOptions& options) : options_(options) {}

  // The text for stdout, line end included; empty when there is nothing to print yet.
  std::string Print(const Response& response);
  // What is left to print when no more responses come: a table.
  std::string Finish() const;

 private:
  const EventPrinterOptions options_;
  std::vector<std::vector<std::string>> rows_;  // of a table, with its head
  bool is_first_ = true;
};

extern template class EventPrinter<observer::GetAgentEventsResponse>;
extern template class EventPrinter<observer::GetDebugEventsResponse>;

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_EVENT_PRINTER_H_
