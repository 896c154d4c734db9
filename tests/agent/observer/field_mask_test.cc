// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/field_mask.h"

#include <catch2/catch_test_macros.hpp>
#include <vector>

#include "agent/filter/concat.h"
#include "flow/flow.pb.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"

namespace alidade {
namespace {

using google::protobuf::TextFormat;
using google::protobuf::util::MessageDifferencer;

absl::StatusOr<FieldMask> Compile(const std::vector<std::string>& paths) {
  google::protobuf::FieldMask mask;
  for (const std::string& path : paths) mask.add_paths(path);
  return FieldMask::Compile(mask);
}

flow::Flow Parse(const std::string& text) {
  flow::Flow flow;
  REQUIRE(TextFormat::ParseFromString(text, &flow));
  return flow;
}

constexpr char kFlow[] =
    "time { seconds: 5 nanos: 7 } verdict: DROPPED uuid: 'u' "
    "source { ID: 1 identity: 2 labels: 'a' labels: 'b' namespace: 'n' } "
    "l4 { TCP { source_port: 1 destination_port: 2 flags { SYN: true ACK: true } } } "
    "trace_observation_point: TO_STACK";

TEST_CASE("a mask keeps what its paths name", "[observer]") {
  struct Case {
    std::vector<std::string> paths;
    const char* left;
  };
  const Case cases[] = {
      {{}, kFlow},
      {{"uuid"}, "uuid: 'u'"},
      {{"time.seconds", "verdict"}, "time { seconds: 5 } verdict: DROPPED"},
      {{"source.labels"}, "source { labels: 'a' labels: 'b' }"},
      {{"source.ID", "source.identity"}, "source { ID: 1 identity: 2 }"},
      {{"source.ID", "source", "source.ID"},
       "source { ID: 1 identity: 2 labels: 'a' labels: 'b' "
       "namespace: 'n' }"},
      {{"l4.TCP.flags.SYN"}, "l4 { TCP { flags { SYN: true } } }"},
      {{"trace_observation_point", "trace_observation_point"}, "trace_observation_point: TO_STACK"},
      {{"is_reply", "source_names", "IP"}, ""},
  };
  for (const Case& one : cases) {
    const absl::StatusOr<FieldMask> mask = Compile(one.paths);
    REQUIRE(mask.ok());
    CHECK(mask->keeps_all() == one.paths.empty());
    std::string masked;
    mask->Apply(Parse(kFlow).SerializeAsString(), &masked);
    flow::Flow left;
    REQUIRE(left.ParseFromString(masked));
    INFO(left.ShortDebugString());
    CHECK(MessageDifferencer::Equals(left, Parse(one.left)));
  }
}

TEST_CASE("messages on the way to a path are there as Hubble's clients know it", "[observer]") {
  const struct {
    const char* path;
    const char* left;
  } cases[] = {{"source_service.name", "source_service {}"},
               {"l4.UDP.source_port", "l4 { UDP {} }"},
               {"l4.UDP", "l4 {}"},
               {"l7.http.code", "l7 { http {} }"},
               {"is_reply.value", "is_reply {}"}};
  for (const auto& one : cases) {
    const absl::StatusOr<FieldMask> mask = Compile({one.path});
    REQUIRE(mask.ok());
    std::string masked;
    mask->Apply(Parse("l4 { TCP { source_port: 1 } }").SerializeAsString(), &masked);
    flow::Flow left;
    REQUIRE(left.ParseFromString(masked));
    CHECK(MessageDifferencer::Equals(left, Parse(one.left)));
  }
}

TEST_CASE("a path that leads nowhere is refused", "[observer]") {
  const char* const bad[] = {"nope",        "",        ".",
                             "source.",     "isReply", "source.id",
                             "source.nope", "uuid.x",  "source.labels.x",
                             "l4.protocol", "Source",  "source.workloads.name",
                             "source..ID",  " uuid",   "node_labels.x"};
  for (const char* path : bad) {
    INFO(path);
    const absl::Status status = Compile({"uuid", path}).status();
    CHECK(status.code() == absl::StatusCode::kUnknown);
    CHECK(AsView(status.message()) == "invalid fieldmask");
  }
}

TEST_CASE("every path of the CLI's default mask is known", "[observer]") {
  CHECK(Compile({"time",
                 "verdict",
                 "ethernet",
                 "IP",
                 "l4",
                 "source.identity",
                 "source.namespace",
                 "source.pod_name",
                 "destination.identity",
                 "destination.namespace",
                 "destination.pod_name",
                 "Type",
                 "node_name",
                 "l7",
                 "event_type",
                 "source_service",
                 "destination_service",
                 "is_reply",
                 "Summary",
                 "ip_trace_id"})
            .ok());
}

}  // namespace
}  // namespace alidade
