// SPDX-License-Identifier: Apache-2.0
//
// data/flows.jsonl is a flow of each shape as `hubble observe -o json` (1.19.1) writes it;
// flows.compact.txt, flows.dict.txt and flows.table.txt are what it makes of them with the other
// formats, flows.color.txt is the first of them with --color always.
#include "agent/cli/printer.h"

#include <fstream>
#include <sstream>
#include <string>

#include "agent/recording/proto_json.h"
#include "catch2/catch_test_macros.hpp"

namespace alidade {
namespace {

std::string ReadData(const std::string& name) {
  std::ifstream file(std::string(ALIDADE_TEST_DATA "/../agent/cli/data/") + name);
  std::ostringstream text;
  text << file.rdbuf();
  REQUIRE(!text.str().empty());
  return text.str();
}

observer::GetFlowsResponse Response(const std::string& json) {
  observer::GetFlowsResponse response;
  INFO(json);
  REQUIRE(FromJson(json, &response).ok());
  return response;
}

// Compares line by line, so that a failure shows the line and not the file.
void CheckSameLines(const std::string& got, const std::string& expected) {
  std::istringstream got_lines(got);
  std::istringstream expected_lines(expected);
  std::string got_line;
  std::string expected_line;
  while (std::getline(expected_lines, expected_line)) {
    REQUIRE(std::getline(got_lines, got_line));
    CHECK(got_line == expected_line);
  }
  CHECK(!std::getline(got_lines, got_line));
}

std::string PrintAll(Printer* printer) {
  std::istringstream lines(ReadData("flows.jsonl"));
  std::string line;
  std::string printed;
  while (std::getline(lines, line)) printed += printer->Print(Response(line));
  return printed;
}

TEST_CASE("compact lines are those of Hubble's client", "[cli]") {
  CheckSameLines(PrintAll(MakeCompactPrinter({}).get()), ReadData("flows.compact.txt"));
}

TEST_CASE("dict blocks are those of Hubble's client", "[cli]") {
  CheckSameLines(PrintAll(MakeDictPrinter({}).get()), ReadData("flows.dict.txt"));
}

TEST_CASE("table rows are those of Hubble's client", "[cli]") {
  const auto printer = MakeTablePrinter({});
  CHECK(PrintAll(printer.get()).empty());
  CheckSameLines(printer->Finish(), ReadData("flows.table.txt"));
  CHECK(MakeTablePrinter({})->Finish().empty());
}

TEST_CASE("colours are those of Hubble's client", "[cli]") {
  FlowTextOptions options;
  options.color = true;
  CheckSameLines(PrintAll(MakeCompactPrinter(options).get()), ReadData("flows.color.txt"));
}

TEST_CASE("JSON lines are those of Hubble's client, byte by byte", "[cli]") {
  CheckSameLines(PrintAll(MakeJsonPrinter().get()), ReadData("flows.jsonl"));
}

constexpr char kFlow[] =
    R"({"flow":{"time":"2024-03-01T00:00:00.0129Z","node_name":"c/n1","verdict":"FORWARDED",)"
    R"("IP":{"source":"10.0.0.1","destination":"fd00::1"},"l4":{"TCP":{"source_port":1,)"
    R"("destination_port":80}},"source":{"pod_name":"web","namespace":"ns"},)"
    R"("event_type":{"type":4}}})";

TEST_CASE("the node name is shown on request", "[cli]") {
  FlowTextOptions options;
  options.node_name = true;
  CHECK(MakeCompactPrinter(options)->Print(Response(kFlow)) ==
        "Mar  1 00:00:00.012 [c/n1]: ns/web:1 (unknown) <> [fd00::1]:80 (unknown) to-endpoint "
        "FORWARDED ()\n");
  CHECK(MakeDictPrinter(options)->Print(Response(kFlow)).find("\n       NODE: c/n1\n") !=
        std::string::npos);
}

TEST_CASE("times are printed in the format that is asked for", "[cli]") {
  const std::pair<const char*, const char*> formats[] = {
      {"StampMilli", "Mar  1 00:00:00.012"},
      {"YearMonthDay", "2024-03-01"},
      {"YearMonthDayHour", "2024-03-01T00Z"},
      {"YearMonthDayHourMinute", "2024-03-01T00:00Z"},
      {"RFC3339", "2024-03-01T00:00:00Z"},
      {"RFC3339Milli", "2024-03-01T00:00:00.012Z"},
      {"RFC3339Micro", "2024-03-01T00:00:00.0129Z"},
      {"RFC3339Nano", "2024-03-01T00:00:00.0129Z"},
      {"RFC1123Z", "Fri, 01 Mar 2024 00:00:00 +0000"},
  };
  for (const auto& [name, text] : formats) {
    FlowTextOptions options;
    options.time_format = ParseTimeFormat(name).value();
    CHECK(MakeCompactPrinter(options)->Print(Response(kFlow)).starts_with(text));
  }
  CHECK_FALSE(ParseTimeFormat("RFC822").ok());
}

TEST_CASE("policies that decided are named on request", "[cli]") {
  FlowTextOptions options;
  options.policy_names = true;
  const std::string policies =
      R"(_by":[{"name":"a","kind":"K"},{"name":"unkind"},{"name":"b","kind":"L"}]}})";
  const std::string start = R"({"flow":{"event_type":{"type":5},)";
  const auto verdict = [&](const std::string& rest) {
    FlowTextOptions plain = options;
    return VerdictText(Response(start + rest + policies).flow(), plain);
  };
  CHECK(verdict(R"("verdict":"FORWARDED","traffic_direction":"EGRESS","egress_allowed)") ==
        "ALLOWED BY a (K), b (L)");
  CHECK(verdict(R"("verdict":"DROPPED","traffic_direction":"INGRESS","ingress_denied)") ==
        "DENIED BY a (K), b (L)");
  CHECK(verdict(R"("verdict":"DROPPED","traffic_direction":"INGRESS","egress_denied)") == "DENIED");
}

TEST_CASE("a flow cannot steer the terminal", "[cli]") {
  FlowTextOptions options;
  options.color = true;
  options.node_name = true;
  observer::GetFlowsResponse response = Response(kFlow);
  response.mutable_flow()->set_node_name("n\x1b[2J");
  response.mutable_flow()->mutable_source()->set_pod_name("p\x1b[2J");
  { CHECK(MakeCompactPrinter(options)->Print(response).find("\x1b[2J") == std::string::npos); }
}

TEST_CASE("addresses are shown instead of names on request", "[cli]") {
  FlowTextOptions options;
  options.translate_ip = false;
  CHECK(MakeCompactPrinter(options)->Print(Response(kFlow)).find(": 10.0.0.1:1 ") !=
        std::string::npos);
}

TEST_CASE("a response of an unknown kind prints nothing", "[cli]") {
  observer::GetFlowsResponse empty;
  CHECK(MakeCompactPrinter({})->Print(empty).empty());
  CHECK(MakeDictPrinter({})->Print(empty).empty());
  CHECK(MakeJsonPrinter()->Print(empty).empty());
}

TEST_CASE("vendor data of an unknown type is left out of JSON", "[cli]") {
  observer::GetFlowsResponse response = Response(kFlow);
  response.mutable_flow()->mutable_extensions()->set_type_url("type.example.com/un.known");
  response.mutable_flow()->mutable_extensions()->set_value("\xff");
  std::string line = MakeJsonPrinter()->Print(response);
  CHECK(line.find("\"node_name\":\"c/n1\"") != std::string::npos);
  CHECK(line.find("extensions") == std::string::npos);
}

}  // namespace
}  // namespace alidade
