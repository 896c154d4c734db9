// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "agent/cli/printer.h"
#include "agent/cli/text.h"
#include "agent/cli/time_text.h"

namespace alidade {
namespace {

using Row = std::vector<std::string>;

constexpr char kGap[] = "   ";  // between columns, and what a tab in a cell becomes

// Characters of UTF-8 text, as far as a column is wide.
size_t Width(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

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

  std::string Finish() override {
    if (rows_.size() == 1) return "";
    std::vector<size_t> widths(rows_.front().size());
    for (const Row& row : rows_) {
      for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
    }
    std::string text;
    for (const Row& row : rows_) {
      for (size_t i = 0; i + 1 < row.size(); ++i) {
        text.append(row[i]).append(widths[i] - Width(row[i]), ' ').append(kGap);
      }
      text.append(row.back()).push_back('\n');
    }
    return text;
  }

 private:
  void Add(std::string time, std::string node, Row cells) {
    if (options_.node_name) cells.insert(cells.begin(), std::move(node));
    cells.insert(cells.begin(), std::move(time));
    for (std::string& cell : cells) cell = absl::StrReplaceAll(cell, {{"\t", kGap}});
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
