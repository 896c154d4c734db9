// SPDX-License-Identifier: Apache-2.0
//
// The recorded events of the conformance vectors through a real perf ring, pinned as Cilium pins
// it, and the agent, to the genuine hubble CLI.
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "agent/recording/proto_json.h"
#include "agent/recording/recorded_event.h"
#include "tests/kernel/agent_process.h"
#include "tests/kernel/command.h"
#include "tests/kernel/pinned_ring.h"

namespace alidade::testing {
namespace {

const std::string kVectors = ALIDADE_TEST_DATA "/../vectors/data/";

struct Expected {
  std::string bytes;
  flow::Flow flow;
};

// What is not the same in every run, or is this node's own.
void ClearOwn(flow::Flow* flow) {
  flow->clear_time();
  flow->clear_uuid();
  flow->clear_emitter();
  flow->clear_node_name();
}

// The kernel pads samples. That does no harm behind a whole packet, which says how long it is.
bool IsChangedByPadding(const Expected& expected) {
  const bool is_padded = (expected.bytes.size() + 4) % 8 != 0;
  return is_padded && (!expected.flow.has_l4() || expected.flow.has_tunnel());
}

// The events of the vectors that are no oddity and that padding does not change.
std::vector<Expected> ReadVectors(size_t most) {
  std::vector<Expected> vectors;
  std::ifstream file(kVectors + "parser.dev.jsonl");
  for (std::string line; vectors.size() < most && std::getline(file, line);) {
    const Json vector = Json::parse(line);
    if (vector.value("input", "") != "perf" || vector.contains("quirks")) continue;
    if (vector.value("expect_kind", "") != "flow" || vector.contains("options")) continue;
    absl::StatusOr<RecordedEvent> event = ReadRecordedEvent(vector);
    REQUIRE(event.ok());
    Expected expected;
    expected.bytes = std::get<PerfSample>(*event).bytes;
    REQUIRE(FromJson(vector["expect"].dump(), &expected.flow).ok());
    if (IsChangedByPadding(expected)) continue;
    ClearOwn(&expected.flow);
    vectors.push_back(std::move(expected));
  }
  return vectors;
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("hubble prints what Cilium's perf ring had to say", "[clients]") {
  const char* hubble = getenv("HUBBLE");
  if (hubble == nullptr) SKIP("HUBBLE does not name the genuine hubble CLI");
  const std::vector<Expected> vectors = ReadVectors(200);
  REQUIRE(vectors.size() > 50);
  PinnedRing ring;
  const AgentProcess agent(nullptr, {"--source", "cilium", "--cilium-events", ring.path(),
                                     "--world", kVectors + "world.json"});
  for (const Expected& expected : vectors) ring.Write(expected.bytes);
  ring.Write(std::string(12, '\xff'));  // no event of Cilium's
  agent.WaitForStatus([&](const GetStatusResponse& status) {
    return status.ledger().received() == vectors.size() + 1;
  });

  const CommandResult result = RunCommand({hubble, "--server", agent.target(), "observe", "--last",
                                           std::to_string(vectors.size()), "-o", "json"});
  CHECK(result.status == 0);
  const std::vector<std::string> lines = Lines(result.output);
  REQUIRE(lines.size() == vectors.size());
  for (size_t i = 0; i < lines.size(); ++i) {
    flow::Flow flow;
    REQUIRE(FromJson(Json::parse(lines[i])["flow"].dump(), &flow).ok());
    ClearOwn(&flow);
    std::string difference;
    google::protobuf::util::MessageDifferencer differencer;
    differencer.ReportDifferencesToString(&difference);
    const bool is_same = differencer.Compare(vectors[i].flow, flow);
    INFO(difference);
    CHECK(is_same);
  }
  const GetStatusResponse status = agent.Status();
  CHECK(status.source() == "cilium");
  REQUIRE(status.ledger().decode_errors_size() == 1);
  CHECK(status.ledger().decode_errors(0).name() == "invalid_type");
}

TEST_CASE("what is pinned must be a perf event array", "[clients]") {
  const CommandResult result =
      RunCommand({AgentBinary(), "agent", "--source", "cilium", "--cilium-events",
                  "/nonexistent/events", "--socket-path", "", "--listen-address", "127.0.0.1:0"});
  CHECK(result.status == 1);
  CHECK(result.output.find("/nonexistent/events") != std::string::npos);
}

}  // namespace alidade::testing
