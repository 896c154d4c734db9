// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/printer.h"
#include "agent/recording/proto_json.h"

namespace alidade {
namespace {

class JsonPrinter final : public Printer {
 public:
  std::string Print(const observer::GetFlowsResponse& response) override {
    if (response.response_types_case() == observer::GetFlowsResponse::RESPONSE_TYPES_NOT_SET) {
      return "";
    }
    return ToJson(response) + "\n";
  }
};

class LegacyJsonPrinter final : public Printer {
 public:
  std::string Print(const observer::GetFlowsResponse& response) override {
    switch (response.response_types_case()) {
      case observer::GetFlowsResponse::kFlow:
        return ToJson(response.flow()) + "\n";
      case observer::GetFlowsResponse::kLostEvents:
        return ToJson(response.lost_events()) + "\n";
      default:
        return "";
    }
  }
};

}  // namespace

std::unique_ptr<Printer> MakeJsonPrinter() { return std::make_unique<JsonPrinter>(); }

std::unique_ptr<Printer> MakeLegacyJsonPrinter() { return std::make_unique<LegacyJsonPrinter>(); }

}  // namespace alidade
