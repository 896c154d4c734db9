// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/flow_file.h"

#include <deque>
#include <limits>
#include <optional>

#include "absl/strings/str_cat.h"
#include "agent/filter/filter.h"
#include "agent/filter/flow_header_of.h"
#include "agent/recording/proto_json.h"
#include "agent/status_macros.h"
#include "google/protobuf/util/time_util.h"

namespace alidade {
namespace {

using observer::GetFlowsRequest;
using observer::GetFlowsResponse;

class SerializedFlow final : public BodySource {
 public:
  explicit SerializedFlow(const flow::Flow& flow) : bytes_(flow.SerializeAsString()) {}
  std::optional<std::string_view> FetchBody() override { return bytes_; }

 private:
  std::string bytes_;
};

// A response without a flow is judged as Hubble's client judges it: as a flow without any fields.
bool PassesFilters(const GetFlowsResponse& response, FilterSet* filters) {
  if (filters->passes_all()) return true;
  const FlowHeader header = FlowHeaderOf(response.flow());
  SerializedFlow body(response.flow());
  return filters->Judge(header, &body) == FilterAnswer::kPass;
}

bool IsInTime(const GetFlowsResponse& response, const GetFlowsRequest& request) {
  return (!request.has_since() || response.time() >= request.since()) &&
         (!request.has_until() || response.time() <= request.until());
}

}  // namespace

absl::Status ReadFlowFile(std::istream& input, const GetFlowsRequest& request,
                          const std::function<void(const std::string& problem)>& report_bad_line,
                          const FlowSink& sink) {
  ASSIGN_OR_RETURN(FilterSet filters,
                   CompileFilters(request.whitelist(), request.blacklist(), NodeIdentity()));
  uint64_t wanted = request.number() != 0 ? request.number() : std::numeric_limits<uint64_t>::max();
  bool newest = !request.first() && wanted != std::numeric_limits<uint64_t>::max();
  std::deque<GetFlowsResponse> kept;  // the newest ones so far

  std::string line;
  for (uint64_t number = 1; std::getline(input, line); ++number) {
    if (line.empty()) continue;
    GetFlowsResponse response;
    absl::Status status = FromJson(line, &response);
    if (!status.ok()) {
      report_bad_line(absl::StrCat("line ", number, ": ", std::string(status.message())));
      continue;
    }
    if (!IsInTime(response, request) || !PassesFilters(response, &filters)) continue;
    if (newest) {
      kept.push_back(std::move(response));
      if (kept.size() > wanted) kept.pop_front();
    } else if (!sink(response) || --wanted == 0) {
      return absl::OkStatus();
    }
  }
  if (input.bad()) return absl::UnavailableError("reading failed");
  for (const GetFlowsResponse& response : kept) {
    if (!sink(response)) break;
  }
  return absl::OkStatus();
}

}  // namespace alidade
