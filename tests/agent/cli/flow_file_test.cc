// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/flow_file.h"

#include <sstream>
#include <string>
#include <vector>

#include "catch2/catch_test_macros.hpp"
#include "google/protobuf/util/time_util.h"

namespace alidade {
namespace {

// Ten flows f0 to f9, one a second from the epoch on; the odd ones are dropped.
std::string TenFlows() {
  std::ostringstream lines;
  for (int i = 0; i < 10; ++i) {
    std::string time = "\"time\":\"1970-01-01T00:00:0" + std::to_string(i) + "Z\"";
    lines << R"({"flow":{)" << time << R"(,"uuid":"f)" << i << R"(","verdict":")"
          << (i % 2 == 0 ? "FORWARDED" : "DROPPED") << R"("},)" << time << "}\n";
  }
  return lines.str();
}

struct Answer {
  absl::Status status;
  std::string uuids;  // without the f
  std::vector<std::string> problems;
};

Answer Ask(const std::string& text, const observer::GetFlowsRequest& request,
           size_t wanted = 1000) {
  Answer answer;
  std::istringstream input(text);
  answer.status = ReadFlowFile(
      input, request, [&answer](const std::string& problem) { answer.problems.push_back(problem); },
      [&](const observer::GetFlowsResponse& response) {
        answer.uuids += response.has_flow() ? response.flow().uuid().substr(1) : "L";
        return --wanted > 0;
      });
  return answer;
}

observer::GetFlowsRequest Number(uint64_t number, bool first) {
  observer::GetFlowsRequest request;
  request.set_number(number);
  request.set_first(first);
  return request;
}

TEST_CASE("a file is read from the front, or its end is", "[cli]") {
  CHECK(Ask(TenFlows(), {}).uuids == "0123456789");
  CHECK(Ask(TenFlows(), Number(3, true)).uuids == "012");
  CHECK(Ask(TenFlows(), Number(3, false)).uuids == "789");
  CHECK(Ask(TenFlows(), Number(30, false)).uuids == "0123456789");
  CHECK(Ask(TenFlows(), Number(~uint64_t{0}, false)).uuids == "0123456789");
}

TEST_CASE("filters and times go before number", "[cli]") {
  observer::GetFlowsRequest request = Number(2, false);
  request.add_whitelist()->add_verdict(flow::DROPPED);
  CHECK(Ask(TenFlows(), request).uuids == "79");
  *request.mutable_until() = google::protobuf::util::TimeUtil::SecondsToTimestamp(5);
  CHECK(Ask(TenFlows(), request).uuids == "35");
  request.set_first(true);
  *request.mutable_since() = google::protobuf::util::TimeUtil::SecondsToTimestamp(2);
  CHECK(Ask(TenFlows(), request).uuids == "35");
  request.add_blacklist()->add_uuid("f3");
  CHECK(Ask(TenFlows(), request).uuids == "5");
}

TEST_CASE("reading stops when no more is wanted", "[cli]") {
  CHECK(Ask(TenFlows(), {}, 2).uuids == "01");
  CHECK(Ask(TenFlows(), Number(3, false), 2).uuids == "78");
}

TEST_CASE("a line that is no JSON is reported and left out", "[cli]") {
  Answer answer = Ask("nonsense\n\n" + TenFlows() + "{\"flow\":[]}\n", Number(1, false));
  CHECK(answer.uuids == "9");
  REQUIRE(answer.problems.size() == 2);
  CHECK(answer.problems[0].rfind("line 1: ", 0) == 0);
  CHECK(answer.problems[1].rfind("line 13: ", 0) == 0);
}

TEST_CASE("fields of a newer program are ignored", "[cli]") {
  Answer answer = Ask(R"({"flow":{"uuid":"f1","brand_new":1},"other":{}})"
                      "\n",
                      {});
  CHECK(answer.uuids == "1");
  CHECK(answer.problems.empty());
}

TEST_CASE("lost events pass only where nothing is asked of a flow", "[cli]") {
  std::string lost = R"({"lost_events":{"num_events_lost":"1"}})"
                     "\n";
  CHECK(Ask(lost, {}).uuids == "L");
  observer::GetFlowsRequest request;
  request.add_whitelist()->add_verdict(flow::DROPPED);
  CHECK(Ask(lost, request).uuids.empty());
}

TEST_CASE("a filter that cannot be compiled is an error", "[cli]") {
  observer::GetFlowsRequest request;
  request.add_whitelist()->add_source_ip("300.0.0.1");
  CHECK(!Ask(TenFlows(), request).status.ok());
}

}  // namespace
}  // namespace alidade
