// SPDX-License-Identifier: Apache-2.0
//
// The expected filters are what `hubble observe --print-raw-filters` (1.19.1) prints.
#include "agent/cli/filter_flags.h"

#include <string>
#include <vector>

#include "agent/cli/observe.h"
#include "agent/recording/proto_json.h"
#include "catch2/catch_test_macros.hpp"
#include "catch2/generators/catch_generators.hpp"

namespace alidade {
namespace {

using Texts = std::vector<std::string>;

Texts ToTexts(const FlowFilterList& list) {
  Texts texts;
  for (const flow::FlowFilter& filter : list) texts.push_back(ToJson(filter));
  return texts;
}

const char* NoEnvironment(const char* /*name*/) { return nullptr; }

FilterLists Filters(const Arguments& arguments) {
  absl::StatusOr<ObserveOptions> options = ParseObserveOptions(arguments, NoEnvironment);
  INFO(options.status());
  REQUIRE(options.ok());
  return options->filters;
}

TEST_CASE("filter flags become the filters that Hubble's client makes of them", "[cli]") {
  struct Row {
    Arguments arguments;
    Texts whitelist;
    Texts blacklist;
  };
  Row row = GENERATE(
      Row{{}, {}, {}},
      // One side or the other: two filters.
      Row{{"--ip", "10.0.0.1"},
          {R"({"source_ip":["10.0.0.1"]})", R"({"destination_ip":["10.0.0.1"]})"},
          {}},
      Row{{"--from-ip", "10.0.0.1"}, {R"({"source_ip":["10.0.0.1"]})"}, {}},
      Row{{"--to-port", "80", "--to-port", "443"}, {R"({"destination_port":["80","443"]})"}, {}},
      Row{{"--pod", "web", "--protocol", "tcp"},
          {R"({"source_pod":["web"],"protocol":["tcp"]})",
           R"({"destination_pod":["web"],"protocol":["tcp"]})"},
          {}},
      Row{{"--from-identity", "world", "--to-identity", "1234"},
          {R"({"source_identity":[2],"destination_identity":[1234]})"},
          {}},
      Row{{"--from-workload", "Deployment/web"},
          {R"({"source_workload":[{"name":"web","kind":"Deployment"}]})"},
          {}},
      // Namespaces go before names, or stand for any pod.
      Row{{"-n", "ns"}, {R"({"source_pod":["ns/"]})", R"({"destination_pod":["ns/"]})"}, {}},
      Row{{"-A"}, {R"({"source_pod":["/"]})", R"({"destination_pod":["/"]})"}, {}},
      Row{{"--from-namespace", "ns", "--from-pod", "web"}, {R"({"source_pod":["ns/web"]})"}, {}},
      Row{{"--namespace", "ns", "--service", "web"},
          {R"({"source_service":["ns/web"]})", R"({"destination_service":["ns/web"]})"},
          {}},
      // Fields of the flow as a whole: one filter.
      Row{{"--verdict", "DROPPED", "--verdict", "ERROR"},
          {R"({"verdict":["DROPPED","ERROR"]})"},
          {}},
      Row{{"-t", "trace:to-endpoint", "--type", "l7", "-t", "1:133"},
          {R"({"event_type":[{"type":4,"match_sub_type":true},{"type":129},{"type":1,"match_sub_type":true,"sub_type":133}]})"},
          {}},
      Row{{"-4"}, {R"({"ip_version":["IPv4"]})"}, {}},
      Row{{"--ipv6", "--ip-version", "none"}, {R"({"ip_version":["IPv6","IP_NOT_USED"]})"}, {}},
      Row{{"--tcp-flags", "syn,ACK"}, {R"({"tcp_flags":[{"SYN":true,"ACK":true}]})"}, {}},
      Row{{"--traffic-direction", "Ingress"}, {R"({"traffic_direction":["INGRESS"]})"}, {}},
      Row{{"--http-header", "a:b:c"}, {R"({"http_header":[{"key":"a","value":"b:c"}]})"}, {}},
      Row{{"--unencrypted"}, {R"({"encrypted":[false]})"}, {}},
      Row{{"--ip-trace-id", "7"}, {R"({"ip_trace_id":["7"]})"}, {}},
      Row{{"-t", "agent:endpoint-created"},
          {R"({"event_type":[{"type":130,"match_sub_type":true,"sub_type":7}]})"},
          {}},
      Row{{"-A4=v6", "-tdrop"},
          {R"({"source_pod":["/"],"event_type":[{"type":1}],"ip_version":["IPv4"]})",
           R"({"destination_pod":["/"],"event_type":[{"type":1}],"ip_version":["IPv4"]})"},
          {}},
      // A value of the raw flags holds any number of filters.
      Row{{"--allowlist", R"({"reply":[true]} {"uuid":["}"]})", "-4"},
          {R"({"ip_version":["IPv4"]})", R"({"reply":[true]})", R"({"uuid":["}"]})"},
          {}},
      // --not holds for the next flag only.
      Row{{"--not", "--to-port", "53", "--protocol", "udp"},
          {R"({"protocol":["udp"]})"},
          {R"({"destination_port":["53"]})"}},
      Row{{"--not", "--pod", "web", "--not", "--verdict", "DROPPED"},
          {},
          {R"({"source_pod":["web"],"verdict":["DROPPED"]})",
           R"({"destination_pod":["web"],"verdict":["DROPPED"]})"}});
  FilterLists lists = Filters(row.arguments);
  CHECK(ToTexts(lists.whitelist) == row.whitelist);
  CHECK(ToTexts(lists.blacklist) == row.blacklist);
}

TEST_CASE("filter flags that cannot be meant are refused in one line", "[cli]") {
  struct Row {
    Arguments arguments;
    const char* message;
  };
  const Row row = GENERATE(
      Row{{"--verdict", "dropped"},
          R"(invalid argument "dropped" for "--verdict" flag: invalid --verdict value: dropped)"},
      Row{{"--drop-reason-desc", "NONE"},
          R"(invalid argument "NONE" for "--drop-reason-desc" flag: )"
          "invalid --drop-reason-desc value: NONE"},
      Row{{"-t", "packet"},
          R"(invalid argument "packet" for "-t, --type" flag: unable to parse type 'packet', )"
          "not a known type name and unable to parse as numeric value: "
          R"(strconv.ParseUint: parsing "packet": invalid syntax)"},
      Row{{"-t", "trace:nowhere"},
          R"(invalid argument "trace:nowhere" for "-t, --type" flag: )"
          "unable to parse event sub-type 'nowhere', not a known sub-type name and unable to parse "
          R"(as numeric value: strconv.ParseUint: parsing "nowhere": invalid syntax)"},
      Row{{"--tcp-flags", "SYN,XYZ"},
          R"(invalid argument "SYN,XYZ" for "--tcp-flags" flag: unknown tcp flag: XYZ)"},
      Row{{"--ip-version", "5"},
          R"(invalid argument "5" for "--ip-version" flag: must be one of v4, v6, none)"},
      Row{{"--ip-trace-id", "0"},
          R"(invalid argument "0" for "--ip-trace-id" flag: )"
          "invalid --ip-trace-id value; must be greater than 0"},
      Row{{"--traffic-direction", "up"},
          R"(invalid argument "up" for "--traffic-direction" flag: )"
          "up: invalid traffic direction, expected ingress or egress"},
      Row{{"--http-header", "a"},
          R"(invalid argument "a" for "--http-header" flag: )"
          R"(invalid http-header value "a", expected name:value)"},
      Row{{"--identity", "me"},
          R"(invalid argument "me" for "--identity" flag: invalid security identity, expected one )"
          "of [host world unmanaged health init remote-node kube-apiserver ingress world-ipv4 "
          "world-ipv6 11] or a numeric value"},
      Row{{"--ip", "1.1.1.1", "-n", "a"},
          R"(invalid argument "a" for "-n, --namespace" flag: )"
          "filters --ip and --namespace cannot be combined"},
      Row{{"--pod", "a", "--fqdn", "b"},
          R"(invalid argument "b" for "--fqdn" flag: filters --fqdn and --pod cannot be combined)"},
      Row{{"--not", "--pod", "a", "--not", "--ip", "b"},
          R"(invalid argument "b" for "--ip" flag: filters --ip and --pod cannot be combined)"},
      Row{{"--encrypted", "--unencrypted"},
          R"(invalid argument "true" for "--unencrypted" flag: )"
          "filters --encrypted and --unencrypted cannot be combined"},
      Row{{"-n", "a", "--pod", "b/web"},
          R"(invalid argument "b/web" for "--pod" flag: )"
          R"(namespace conflict: "a" does not contain "b/web")"},
      Row{{"--pod", "a/x", "--service", "b/y"},
          R"(invalid argument "b/y" for "--service" flag: )"
          R"(namespace of service "b/y" conflict with pod "a")"},
      Row{{"--not", "--not", "-4"},
          R"(invalid argument "true" for "--not" flag: consecutive --not statements)"},
      Row{{"-4", "--not"}, "trailing --not found in the arguments"},
      Row{{"--denylist", R"({"verdict":["X"]})"},
          R"(invalid --denylist flag: failed to decode '{"verdict":["X"]}': )"
          R"(INVALID_ARGUMENT:(verdict[0]): invalid value "X" for type )"
          "type.googleapis.com/flow.Verdict"});
  absl::StatusOr<ObserveOptions> options = ParseObserveOptions(row.arguments, NoEnvironment);
  REQUIRE(absl::IsInvalidArgument(options.status()));
  CHECK(std::string(options.status().message()) == row.message);
}

TEST_CASE("a flag and its negation do not exclude each other", "[cli]") {
  FilterLists lists = Filters({"--pod", "a", "--not", "--from-pod", "b"});
  CHECK(lists.whitelist.size() == 2);
  CHECK(lists.blacklist.size() == 1);
}

}  // namespace
}  // namespace alidade
