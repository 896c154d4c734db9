// SPDX-License-Identifier: Apache-2.0
//
// The output formats of observe; one file each.
#ifndef ALIDADE_AGENT_CLI_PRINTER_H_
#define ALIDADE_AGENT_CLI_PRINTER_H_

#include <memory>
#include <string>

#include "agent/cli/flow_text.h"
#include "observer/observer.pb.h"

namespace alidade {

class Printer {
 public:
  virtual ~Printer() = default;
  // The text for stdout, line end included; empty when there is nothing to print.
  virtual std::string Print(const observer::GetFlowsResponse& response) = 0;
  // What is left to print when no more responses come.
  virtual std::string Finish() { return ""; }
};

// One line an event.
std::unique_ptr<Printer> MakeCompactPrinter(const FlowTextOptions& options);
// One block of `KEY: value` lines an event, with a line of dashes between them.
std::unique_ptr<Printer> MakeDictPrinter(const FlowTextOptions& options);
// Lines of aligned columns under a header; all at the end, without colours.
std::unique_ptr<Printer> MakeTablePrinter(const FlowTextOptions& options);
// One GetFlowsResponse in proto3 JSON a line.
std::unique_ptr<Printer> MakeJsonPrinter();
// The flow or the loss alone likewise.
std::unique_ptr<Printer> MakeLegacyJsonPrinter();

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_PRINTER_H_
