// SPDX-License-Identifier: Apache-2.0
//
// Every recorded event with what Cilium's own parser made of it. Ours is asked the way its users
// ask it: by a line of `alidade decode`.
#include <google/protobuf/util/message_differencer.h>

#include <cstdio>
#include <memory>
#include <utility>

#include "agent/cli/decode_line.h"
#include "agent/recording/proto_json.h"
#include "agent/resolve/world_file.h"
#include "flow/flow.pb.h"
#include "tests/vectors/vector_run.h"
#include "tests/vectors/vector_world.h"

namespace alidade::testing {
namespace {

using Json = nlohmann::json;
using google::protobuf::Message;

std::unique_ptr<Message> MessageOf(const std::string& kind) {
  if (kind == "flow") return std::make_unique<flow::Flow>();
  if (kind == "debug_event") return std::make_unique<flow::DebugEvent>();
  if (kind == "agent_event") return std::make_unique<flow::AgentEvent>();
  if (kind == "lost_event") return std::make_unique<flow::LostEvent>();
  return nullptr;
}

VectorFailure Different(const Json& expected, const Json& got) {
  return "expected " + expected.dump() + " got " + got.dump();
}

VectorFailure CompareMessages(const Json& expected, const Json& got) {
  const std::unique_ptr<Message> wanted = MessageOf(expected["expect_kind"]);
  const std::unique_ptr<Message> made = MessageOf(expected["expect_kind"]);
  if (wanted == nullptr) return "the test does not know this kind";
  if (!FromJson(expected["expect"].dump(), wanted.get()).ok()) return "expect is no such message";
  if (!FromJson(got["expect"].dump(), made.get()).ok()) return Different(expected["expect"], got);
  std::string difference;
  google::protobuf::util::MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&difference);
  if (differencer.Compare(*wanted, *made)) return std::nullopt;
  return difference + *Different(expected["expect"], got["expect"]);
}

// What of a vector its input is: nobody must see the rest.
Json InputOf(const Json& vector) {
  Json input = vector;
  for (const char* answer : {"name", "category", "expect_kind", "expect", "error", "error_text",
                             "observer_action", "quirks"}) {
    input.erase(answer);
  }
  return input;
}

VectorFailure Check(const World& world, const Json& vector) {
  const Json got = Json::parse(DecodeLine(InputOf(vector).dump(), Origin::kCilium, world));
  if (vector.contains("error") || got.contains("error")) {
    if (vector.value("error", "none") == got.value("error", "none")) return std::nullopt;
    return Different(vector.contains("error") ? vector["error"] : vector["expect"], got);
  }
  if (vector["expect_kind"] != got["expect_kind"]) return Different(vector["expect"], got);
  return CompareMessages(vector, got);
}

}  // namespace
}  // namespace alidade::testing

int main() {
  using namespace alidade::testing;  // NOLINT(google-build-using-namespace)
  const alidade::World world(ReadVectorWorld());
  return RunVectors("parser", [&world](const Json& vector) { return Check(world, vector); });
}
