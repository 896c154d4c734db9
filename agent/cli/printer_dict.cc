// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "agent/cli/printer.h"
#include "agent/cli/text.h"
#include "agent/cli/time_text.h"

namespace alidade {
namespace {

class DictPrinter final : public Printer {
 public:
  explicit DictPrinter(const FlowTextOptions& options) : options_(options) {}

  std::string Print(const observer::GetFlowsResponse& response) override {
    switch (response.response_types_case()) {
      case observer::GetFlowsResponse::kFlow:
        return Block(FlowLines(response.flow()));
      case observer::GetFlowsResponse::kLostEvents:
        return Block(LostLines(response));
      default:
        return "";
    }
  }

 private:
  std::string Block(const std::string& lines) {
    std::string separator = first_ ? "" : "------------\n";
    first_ = false;
    return separator + lines;
  }

  std::string NodeLine(const std::string& node) const {
    return options_.node_name ? absl::StrCat("       NODE: ", node, "\n") : "";
  }

  std::string FlowLines(const flow::Flow& flow) const {
    return absl::StrCat(
        "  TIMESTAMP: ",
        TimestampText(flow.has_time() ? &flow.time() : nullptr, options_.time_format), "\n",
        NodeLine(EscapeForTerminal(flow.node_name())),           //
        "     SOURCE: ", SourceText(flow, options_), "\n",       //
        "DESTINATION: ", DestinationText(flow, options_), "\n",  //
        "       TYPE: ", FlowTypeText(flow), "\n",               //
        "    VERDICT: ", VerdictText(flow, options_), "\n",      //
        "    SUMMARY: ", SummaryText(flow, options_), "\n");
  }

  std::string LostLines(const observer::GetFlowsResponse& response) const {
    const flow::LostEvent& lost = response.lost_events();
    return absl::StrCat(
        "  TIMESTAMP: ",
        TimestampText(response.has_time() ? &response.time() : nullptr, options_.time_format), "\n",
        NodeLine(LostNodeText(response.node_name())), "     SOURCE: ", LostSourceText(lost),
        "\n",                          //
        "       TYPE: EVENTS LOST\n",  //
        "    VERDICT: -\n",            //
        "    SUMMARY: CPU(", lost.cpu().value(), ") - ", lost.num_events_lost(),
        LostSpanText(lost, options_), "\n");
  }

  FlowTextOptions options_;
  bool first_ = true;
};

}  // namespace

std::unique_ptr<Printer> MakeDictPrinter(const FlowTextOptions& options) {
  return std::make_unique<DictPrinter>(options);
}

}  // namespace alidade
