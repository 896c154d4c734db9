// SPDX-License-Identifier: Apache-2.0
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/cli/printer.h"
#include "agent/cli/text.h"
#include "agent/cli/time_text.h"

namespace alidade {
namespace {

using Row = std::vector<std::string>;

// Columns are as wide as their widest cell, so that nothing is printed before the end.
class TablePrinter final : public Printer {
 public:
  explicit TablePrinter(const FlowTextOptions& options) : options_(options) {
    options_.color = false;  // as in Hubble's client: sequences would count as width
    Add("TIMESTAMP", "NODE", {"SOURCE", "DESTINATION", "TYPE", "VERDICT", "SUMMARY"});
  }

  std::string Print(const observer::GetFlowsResponse& response) override {
    switch (response.response_types_case()) {
      case observer::GetFlowsResponse::kFlow:
        AddFlow(response.flow());
        break;
      case observer::GetFlowsResponse::kLostEvents:
        AddLost(response);
        break;
      default:
        break;
    }
    return "";
  }

  std::string Finish() override { return rows_.size() == 1 ? "" : AlignTable(rows_); }

 private:
  void Add(std::string time, std::string node, Row cells) {
    if (options_.node_name) cells.insert(cells.begin(), std::move(node));
    cells.insert(cells.begin(), std::move(time));
    rows_.push_back(std::move(cells));
  }

  void AddFlow(const flow::Flow& flow) {
    Add(TimestampText(flow.has_time() ? &flow.time() : nullptr, options_.time_format),
        EscapeForTerminal(flow.node_name()),
        {SourceText(flow, options_), DestinationText(flow, options_), FlowTypeText(flow),
         VerdictText(flow, options_), SummaryText(flow, options_)});
  }

  void AddLost(const observer::GetFlowsResponse& response) {
    const flow::LostEvent& lost = response.lost_events();
    Add(TimestampText(response.has_time() ? &response.time() : nullptr, options_.time_format),
        LostNodeText(response.node_name()),
        {LostSourceText(lost), "-", "EVENTS LOST", "-",
         absl::StrCat("CPU(", lost.cpu().value(), ") - ", lost.num_events_lost(),
                      LostSpanText(lost, options_))});
  }

  FlowTextOptions options_;
  std::vector<Row> rows_;
};

}  // namespace

std::unique_ptr<Printer> MakeTablePrinter(const FlowTextOptions& options) {
  return std::make_unique<TablePrinter>(options);
}

}  // namespace alidade
