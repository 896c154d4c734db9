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

FilterLists Filters(const Arguments& arguments) {
  absl::StatusOr<ObserveOptions> options = ParseObserveOptions(arguments);
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
  Row row = GENERATE(
      Row{{"--verdict", "dropped"},
          "--verdict \"dropped\": must be one of VERDICT_UNKNOWN, FORWARDED, DROPPED, ERROR, "
          "AUDIT, REDIRECTED, TRACED, TRANSLATED"},
      Row{{"--drop-reason-desc", "NONE"},
          "--drop-reason-desc \"NONE\": must be the name of a drop reason, e.g. POLICY_DENIED"},
      Row{{"-t", "packet"},
          "--type \"packet\": must be a number or one of capture, drop, l7, policy-verdict, trace, "
          "trace-sock, debug, agent"},
      Row{{"-t", "trace:nowhere"},
          "--type \"trace:nowhere\": must be TYPE:SUB with SUB a number or, for trace, e.g. "
          "to-endpoint"},
      Row{{"--tcp-flags", "SYN,XYZ"},
          "--tcp-flags \"SYN,XYZ\": must be a list of FIN, SYN, RST, PSH, ACK, URG, ECE, CWR, NS"},
      Row{{"--ip-version", "5"}, "--ip-version \"5\": must be one of v4, v6, none"},
      Row{{"--ip-trace-id", "0"}, "--ip-trace-id \"0\": must be a number greater than 0"},
      Row{{"--traffic-direction", "up"}, "--traffic-direction \"up\": must be ingress or egress"},
      Row{{"--http-header", "a"}, "--http-header \"a\": must be NAME:VALUE"},
      Row{{"--identity", "me"},
          "--identity \"me\": must be a number or the name of a reserved identity, e.g. world"},
      Row{{"--ip", "1.1.1.1", "--to-ip", "2.2.2.2"}, "--ip and --to-ip cannot be used together"},
      Row{{"--pod", "a", "--fqdn", "b"}, "--pod and --fqdn cannot be used together"},
      Row{{"--not", "--pod", "a", "--not", "--ip", "b"}, "--pod and --ip cannot be used together"},
      Row{{"--encrypted", "--unencrypted"},
          "--encrypted and --unencrypted cannot be used together"},
      Row{{"-n", "a", "--pod", "b/web"}, "b/web is not in namespace a"},
      Row{{"--not", "--not", "-4"}, "--not is given twice in a row"},
      Row{{"-4", "--not"}, "--not needs a filter flag behind it"});
  absl::StatusOr<ObserveOptions> options = ParseObserveOptions(row.arguments);
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
