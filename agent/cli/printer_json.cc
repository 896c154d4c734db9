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

}  // namespace

std::unique_ptr<Printer> MakeJsonPrinter() { return std::make_unique<JsonPrinter>(); }

}  // namespace alidade
