// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "agent/cli/color.h"
#include "agent/cli/hubble_names.h"
#include "agent/cli/printer.h"
#include "agent/cli/text.h"
#include "agent/cli/time_text.h"

namespace alidade {
namespace {

class CompactPrinter final : public Printer {
 public:
  explicit CompactPrinter(const FlowTextOptions& options) : options_(options) {}

  std::string Print(const observer::GetFlowsResponse& response) override {
    switch (response.response_types_case()) {
      case observer::GetFlowsResponse::kFlow:
        return FlowLine(response.flow());
      case observer::GetFlowsResponse::kLostEvents:
        return LostLine(response);
      default:
        return "";
    }
  }

 private:
  // <time>[ [node]]: <source> <id> <arrow> <destination> <id> <type> <verdict> (<summary>)
  std::string FlowLine(const flow::Flow& flow) const {
    std::string node =
        options_.node_name ? absl::StrCat(" [", EscapeForTerminal(flow.node_name()), "]") : "";
    std::string left = absl::StrCat(SourceText(flow, options_), " ", Identity(flow.source()));
    std::string right =
        absl::StrCat(DestinationText(flow, options_), " ", Identity(flow.destination()));
    // A reply is shown as the connection that it belongs to.
    bool reply = flow.is_reply().value();
    if (reply) left.swap(right);
    const char* arrow = !flow.has_is_reply() ? "<>" : reply ? "<-" : "->";
    return absl::StrCat(Time(flow), node, ": ", left, " ", arrow, " ", right, " ",
                        FlowTypeText(flow), " ", VerdictText(flow, options_), " (",
                        SummaryText(flow, options_), ")\n");
  }

  std::string Identity(const flow::Endpoint& endpoint) const {
    return Paint(IdentityText(endpoint.identity()), Color::kMagenta, options_.color);
  }

  // Of a flow or of a response.
  template <typename Message>
  std::string Time(const Message& message) const {
    return TimestampText(message.has_time() ? &message.time() : nullptr, options_.time_format);
  }

  std::string LostLine(const observer::GetFlowsResponse& response) const {
    const flow::LostEvent& lost = response.lost_events();
    return absl::StrCat(Time(response), " EVENTS LOST: ", LostSourceText(lost), " CPU(",
                        lost.cpu().value(), ") ", lost.num_events_lost(),
                        LostSpanText(lost, options_), "\n");
  }

  FlowTextOptions options_;
};

}  // namespace

std::unique_ptr<Printer> MakeCompactPrinter(const FlowTextOptions& options) {
  return std::make_unique<CompactPrinter>(options);
}

}  // namespace alidade
