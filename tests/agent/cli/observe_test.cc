// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/observe.h"

#include <limits>
#include <string>

#include "agent/cli/time_text.h"
#include "catch2/catch_test_macros.hpp"
#include "catch2/generators/catch_generators.hpp"

namespace alidade {
namespace {

constexpr uint64_t kAll = std::numeric_limits<uint64_t>::max();
constexpr absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

const char* NoEnvironment(const char* /*name*/) { return nullptr; }

observer::GetFlowsRequest Request(const Arguments& arguments) {
  absl::StatusOr<ObserveOptions> options = ParseObserveOptions(arguments, NoEnvironment);
  INFO(options.status());
  REQUIRE(options.ok());
  absl::StatusOr<observer::GetFlowsRequest> request = BuildFlowsRequest(*options, kNow);
  INFO(request.status());
  REQUIRE(request.ok());
  return *request;
}

TEST_CASE("selectors become number, first, follow, since and until", "[cli]") {
  struct Row {
    Arguments arguments;
    uint64_t number;
    bool first;
    bool follow;
    bool since;
    bool until;
  };
  Row row = GENERATE(
      Row{{}, 20, false, false, false, false}, Row{{"--last", "5"}, 5, false, false, false, false},
      Row{{"--first", "5"}, 5, true, false, false, false},
      Row{{"--all"}, kAll, false, false, false, false}, Row{{"-f"}, 0, false, true, false, false},
      Row{{"--follow", "--last", "3"}, 3, false, true, false, false},
      Row{{"--since", "5m"}, 0, false, false, true, false},
      Row{{"--since", "5m", "--all"}, 0, false, false, true, false},
      Row{{"--since", "5m", "--last", "2"}, 2, false, false, true, false},
      Row{{"--until", "5m"}, 0, false, false, false, true},
      Row{{"--until", "5m", "-f"}, 0, false, true, false, false},
      Row{{"--until", "5m", "--first", "2"}, 2, true, false, false, true},
      Row{{"--input-file", "x"}, 0, false, false, false, false});
  observer::GetFlowsRequest request = Request(row.arguments);
  CHECK(request.number() == row.number);
  CHECK(request.first() == row.first);
  CHECK(request.follow() == row.follow);
  CHECK(request.has_since() == row.since);
  CHECK(request.has_until() == row.until);
}

TEST_CASE("a relative time counts back from now", "[cli]") {
  CHECK(Request({"--since", "5m"}).since().seconds() == 1'700'000'000 - 300);
}

TEST_CASE("the text formats ask for the fields that they print, JSON for all", "[cli]") {
  CHECK(Request({}).field_mask().paths_size() > 0);
  CHECK(Request({"-o", "dict"}).field_mask().paths_size() > 0);
  CHECK(!Request({"-o", "json"}).has_field_mask());
  CHECK(!Request({"-o", "jsonpb"}).has_field_mask());
}

TEST_CASE("every field of the mask is a field of a flow", "[cli]") {
  const observer::GetFlowsRequest request = Request({});
  for (const std::string& path : request.field_mask().paths()) {
    const google::protobuf::Descriptor* type = flow::Flow::descriptor();
    std::string head = path.substr(0, path.find('.'));
    INFO(path);
    const google::protobuf::FieldDescriptor* field = type->FindFieldByName(head);
    REQUIRE(field != nullptr);
    if (head != path) {
      CHECK(field->message_type()->FindFieldByName(path.substr(head.size() + 1)) != nullptr);
    }
  }
}

TEST_CASE("selectors that contradict each other are refused", "[cli]") {
  for (const Arguments& arguments :
       {Arguments{"--first", "1", "--last", "1"}, Arguments{"--first", "1", "--all"},
        Arguments{"--first", "1", "-f"}, Arguments{"--last", "1", "--all"},
        Arguments{"-o", "table", "-f"}, Arguments{"-o", "yaml"}, Arguments{"--color", "blue"},
        Arguments{"--time-format", "epoch"}, Arguments{"--last", "many"},
        Arguments{"--last", "-1"}}) {
    CHECK(absl::IsInvalidArgument(ParseObserveOptions(arguments, NoEnvironment).status()));
  }
}

TEST_CASE("a time that no request can carry is refused", "[cli]") {
  const auto options = ParseObserveOptions({"--until", "2000000h"}, NoEnvironment);
  REQUIRE(options.ok());
  CHECK(BuildFlowsRequest(*options, kNow).ok());
  for (const char* text : {"inf", "-inf", "99999999h"}) {
    CHECK(!ParseTimeText(text, kNow).ok());
  }
  CHECK(!ReadTime("since", "2562047h", absl::FromUnixSeconds(-62'135'596'800)).ok());
}

TEST_CASE("a time that is none is refused with its flag", "[cli]") {
  absl::StatusOr<ObserveOptions> options =
      ParseObserveOptions({"--since", "yesterday"}, NoEnvironment);
  REQUIRE(options.ok());
  CHECK(std::string(BuildFlowsRequest(*options, kNow).status().message()) ==
        "failed to parse the since time: failed to convert yesterday to time");
}

TEST_CASE("times are read in all forms that Hubble's client reads", "[cli]") {
  struct Row {
    const char* text;
    int64_t unix_ms;
  };
  Row row = GENERATE(Row{"1h30m", 1'700'000'000'000 - 5'400'000},
                     Row{"500ms", 1'700'000'000'000 - 500}, Row{"-10s", 1'700'000'010'000},
                     Row{"2024-03-01", 1'709'251'200'000}, Row{"2024-03-01T12Z", 1'709'294'400'000},
                     Row{"2024-03-01T12:30+02:00", 1'709'289'000'000},
                     Row{"2024-03-01T12:30:05Z", 1'709'296'205'000},
                     Row{"2024-03-01T12:30:05.25Z", 1'709'296'205'250},
                     Row{"Fri, 01 Mar 2024 12:30:05 +0000", 1'709'296'205'000});
  absl::StatusOr<absl::Time> time = ParseTimeText(row.text, kNow);
  INFO(row.text);
  REQUIRE(time.ok());
  CHECK(absl::ToUnixMillis(*time) == row.unix_ms);
}

TEST_CASE("a time before the epoch has nanoseconds that are not negative", "[cli]") {
  google::protobuf::Timestamp time = ToTimestamp(absl::UnixEpoch() - absl::Milliseconds(1));
  CHECK(time.seconds() == -1);
  CHECK(time.nanos() == 999'000'000);
}

TEST_CASE("a timestamp out of range is not printed as a time", "[cli]") {
  google::protobuf::Timestamp time;
  time.set_nanos(-1);
  CHECK(TimestampText(&time) == "N/A");
  time.set_nanos(0);
  time.set_seconds(std::numeric_limits<int64_t>::max());
  CHECK(TimestampText(&time) == "N/A");
  CHECK(TimestampText(nullptr) == "N/A");
}

}  // namespace
}  // namespace alidade
