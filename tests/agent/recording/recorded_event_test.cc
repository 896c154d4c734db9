// SPDX-License-Identifier: Apache-2.0
#include "agent/recording/recorded_event.h"

#include <string>

#include "catch2/catch_test_macros.hpp"

namespace alidade {
namespace {

absl::StatusOr<RecordedEvent> Read(const std::string& text) {
  absl::StatusOr<Json> json = ParseJson(text);
  if (!json.ok()) return json.status();
  return ReadRecordedEvent(*json);
}

AgentNotification Notification(const std::string& rest) {
  auto event = Read(R"({"input":"agent","agent":{"event_type":130,"notify_type":1,)" + rest + "}}");
  REQUIRE(event.ok());
  return *std::get<AgentMessage>(*event).notification;
}

TEST_CASE("a sample that was written is read back", "[recording]") {
  const PerfSample sample{"\x04\xff", 3, 1'700'000'000'123'456'789, Origin::kEbpf};
  absl::StatusOr<RecordedEvent> event = Read(WriteRecordedEvent(sample));
  REQUIRE(event.ok());
  const auto& read = std::get<PerfSample>(*event);
  CHECK(read.bytes == sample.bytes);
  CHECK(read.cpu == sample.cpu);
  CHECK(read.time_ns == sample.time_ns);
  CHECK(read.origin == sample.origin);
}

TEST_CASE("an input that is none is an error", "[recording]") {
  for (const char* text :
       {"", "{", "{}", R"({"input":"fax"})", R"({"input":"perf","data_hex":"0"})",
        R"({"input":"perf","time":"noon"})", R"({"input":"perf","origin":"mars"})"}) {
    INFO(text);
    CHECK(absl::IsInvalidArgument(Read(text).status()));
  }
}

TEST_CASE("text that is nested too deep is not read", "[recording]") {
  CHECK(ParseJson(std::string(60, '[') + std::string(60, ']')).ok());
  CHECK_FALSE(ParseJson(std::string(100'000, '[') + std::string(100'000, ']')).ok());
  CHECK_FALSE(ParseJson(std::string(100'000, '[')).ok());
}

TEST_CASE("a number that does not fit keeps its lowest bits", "[recording]") {
  absl::StatusOr<RecordedEvent> event = Read(
      R"({"input":"accesslog","accesslog":{"transport_protocol":262,"source":{"identity":-1}}})");
  REQUIRE(event.ok());
  CHECK(std::get<AccessLog>(*event).transport_protocol == 6);
  CHECK(std::get<AccessLog>(*event).source.identity == ~uint32_t{0});
}

TEST_CASE("an agent's payload is also kept as Go would write it", "[recording]") {
  CHECK(Notification(R"("notification":"string","fields":{"value":"<a>"})").json ==
        R"("\u003ca\u003e")");
  CHECK(Notification(R"("notification":"null")").json == "null");
  CHECK(Notification(R"("notification":"object","fields":{"b":1,"a":[]})").json ==
        R"({"a":[],"b":1})");
  CHECK(Notification(R"("notification":"EndpointNotification","fields":{"id":1,"pod_name":"p"})")
            .json == R"({"id":1,"pod-name":"p"})");
  CHECK(Notification(R"("notification":"IPCacheNotification","fields":{"old_identity":0,
                        "old_host_ip":"::ffff:1.2.3.4"})")
            .json == R"({"cidr":"","id":0,"old-id":0,"old-host-ip":"1.2.3.4","encrypt-key":0})");
}

}  // namespace
}  // namespace alidade
