// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "agent/cli/decode_line.h"
#include "agent/resolve/world_file.h"
#include "catch2/catch_test_macros.hpp"
#include "nlohmann/json.hpp"

namespace alidade {
namespace {

using Json = nlohmann::json;

// A trace of Cilium's, to-stack: a TCP SYN from 10.0.1.10:43210 to 10.0.2.20:80.
constexpr char kTrace[] =
    "0403000000000000360000003600010089130000711700000000020000000000000000000000000000000000"
    "00000000020000ccdd02020000aabb0108004500002800000000400600000a00010a0a000214a8ca00500000"
    "03e8000007d05002ffff00000000";
// A connect() to [fd00::2:20]:80 before translation, in cgroup 7.
constexpr char kSock[] =
    "070101015000000000000000000000000700000000000000fd000000000000000000000000020020";

std::string Line(const char* hex) {
  return Json{{"name", "x"}, {"input", "perf"}, {"cpu", 4}, {"data_hex", hex}}.dump();
}

Json Decoded(const std::string& line, const char* world_json = "{}",
             Origin origin = Origin::kCilium) {
  absl::StatusOr<WorldTables> tables = ParseWorld(world_json);
  REQUIRE(tables.ok());
  return Json::parse(DecodeLine(line, origin, World(*std::move(tables))));
}

TEST_CASE("a sample of a perf ring becomes a flow", "[cli]") {
  Json line = Decoded(Line(kTrace), R"({"node_name":"c/n",
      "endpoints":[{"id":1001,"ips":["10.0.1.10"],"identity":5001,"pod_name":"web"}]})");
  CHECK(line["name"] == "x");
  CHECK(line["expect_kind"] == "flow");
  const Json& flow = line["expect"];
  CHECK(flow["IP"]["source"] == "10.0.1.10");
  CHECK(flow["l4"]["TCP"]["destination_port"] == 80);
  CHECK(flow["source"]["pod_name"] == "web");
  CHECK(flow["destination"]["identity"] == 6001);
  CHECK(flow["trace_observation_point"] == "TO_STACK");
  CHECK(flow["node_name"] == "c/n");
  for (const char* absent : {"time", "uuid", "emitter"}) CHECK(!flow.contains(absent));
}

TEST_CASE("a socket of no known pod is skipped unless it is wanted", "[cli]") {
  CHECK(Decoded(Line(kSock)) == Json{{"name", "x"}, {"error", "event_skipped"}});
  Json wanted = Json::parse(Line(kSock));
  wanted["options"]["skip_unknown_cgroup_ids"] = false;
  CHECK(Decoded(wanted.dump())["expect"]["IP"]["destination"] == "fd00::2:20");
  CHECK(Decoded(Line(kSock),
                R"({"cgroups":[{"cgroup_id":7,"ips":["fd00::1"]}]})")["expect"]["IP"]["source"] ==
        "fd00::1");
}

TEST_CASE("what yields no flow is named", "[cli]") {
  CHECK(Decoded(R"({"name":"x","input":"perf"})")["error"] == "empty_data");
  CHECK(Decoded(Line("ff"))["error"] == "invalid_type");
  CHECK(Decoded(Line("04"))["error"] == "header_too_short");
}

TEST_CASE("a line that cannot be understood is answered too", "[cli]") {
  for (const char* line :
       {"{", "[]", "7", R"({"name":"x","input":"perf","data_hex":"0"})",
        R"({"name":"x","input":"perf","data_hex":"zz"})",
        R"({"name":"x","input":"perf","data_hex":7})", R"({"name":"x","input":"accesslog"})",
        R"({"name":"x","input":"fax"})", R"({"name":"x","input":"perf","cpu":1e300})"}) {
    INFO(line);
    CHECK(Decoded(line)["error"] == "bad_line");
  }
}

}  // namespace
}  // namespace alidade
