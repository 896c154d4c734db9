// SPDX-License-Identifier: Apache-2.0
//
// Fields that the header decides.
#include "tests/agent/filter/filter_case.h"

namespace alidade {
namespace {

constexpr char kUuid[] = "uuid: '0f5e9bd6-4a3c-4f3b-9c86-2a3b2d1e0f00'";

TEST_CASE("uuids are exact, canonical or not", "[filter]") {
  CHECK(Passes(kUuid, std::string(kUuid)));
  const FilterCase cases[] = {
      {kUuid, "uuid: '0f5e9bd6-4a3c-4f3b-9c86-2a3b2d1e0f01'", false},
      {"uuid: '0F5E9BD6-4A3C-4F3B-9C86-2A3B2D1E0F00'", kUuid, false},
      {"uuid: '0F5E9BD6-4A3C-4F3B-9C86-2A3B2D1E0F00'",
       "uuid: '0F5E9BD6-4A3C-4F3B-9C86-2A3B2D1E0F00'", true},
      {"uuid: 'ab'", "uuid: 'abc'", false},
      {"uuid: 'x' uuid: 'abc'", "uuid: 'abc'", true},
      {"uuid: ''", "", true},
      {"uuid: ''", kUuid, false},
  };
  CheckCases(cases);
}

TEST_CASE("event types match by type and, when asked, sub type", "[filter]") {
  const FilterCase cases[] = {
      {"event_type { type: 4 }", "event_type { type: 4 sub_type: 3 }", true},
      {"event_type { type: 4 sub_type: 9 }", "event_type { type: 4 sub_type: 3 }", true},
      {"event_type { type: 4 match_sub_type: true }", "event_type { type: 4 }", true},
      {"event_type { type: 4 match_sub_type: true }", "event_type { type: 4 sub_type: 3 }", false},
      {"event_type {}", "event_type { type: 129 }", true},
      {"event_type {}", "", false},
      {"event_type { type: -1 }", "event_type { type: 1 }", false},
      {"event_type { type: 1 } event_type { type: 129 }", "event_type { type: 129 }", true},
  };
  CheckCases(cases);
}

TEST_CASE("verdict, drop reason, direction and version are exact", "[filter]") {
  const FilterCase cases[] = {
      {"verdict: DROPPED", "verdict: DROPPED", true},
      {"verdict: VERDICT_UNKNOWN", "", true},
      {"verdict: DROPPED verdict: AUDIT", "verdict: FORWARDED", false},
      {"drop_reason_desc: POLICY_DENIED", "verdict: DROPPED drop_reason_desc: POLICY_DENIED", true},
      {"drop_reason_desc: POLICY_DENIED", "verdict: ERROR drop_reason_desc: POLICY_DENIED", false},
      {"drop_reason_desc: DROP_REASON_UNKNOWN", "verdict: DROPPED", true},
      {"traffic_direction: EGRESS", "traffic_direction: EGRESS", true},
      {"traffic_direction: TRAFFIC_DIRECTION_UNKNOWN", "", true},
      {"ip_version: IPv6", "IP { ipVersion: IPv4 }", false},
      {"ip_version: IP_NOT_USED", "", true},
      {"encrypted: true", "IP { encrypted: true }", true},
      {"encrypted: false", "", true},
  };
  CheckCases(cases);
}

TEST_CASE("a flow that does not say whether it is a reply matches only when dropped", "[filter]") {
  const FilterCase cases[] = {
      {"reply: true", "is_reply { value: true }", true},
      {"reply: false", "is_reply { value: true }", false},
      {"reply: false", "is_reply {}", true},
      {"reply: false", "", false},
      {"reply: false reply: true", "", false},
      {"reply: false", "verdict: DROPPED", true},
      {"reply: true", "verdict: DROPPED", false},
      {"reply: true", "verdict: DROPPED is_reply { value: true }", true},
  };
  CheckCases(cases);
}

TEST_CASE("identities are those of endpoints that are there", "[filter]") {
  const FilterCase cases[] = {
      {"source_identity: 5", "source { identity: 5 }", true},
      {"source_identity: 5", "destination { identity: 5 }", false},
      {"destination_identity: 0", "destination {}", true},
      {"destination_identity: 0", "", false},
      {"source_identity: 4294967295", "source { identity: 4294967295 }", true},
  };
  CheckCases(cases);
}

TEST_CASE("ports are those of TCP, UDP and SCTP", "[filter]") {
  const FilterCase cases[] = {
      {"source_port: '0080'", "l4 { TCP { source_port: 80 } }", true},
      {"destination_port: '53' destination_port: '80'", "l4 { UDP { destination_port: 53 } }",
       true},
      {"destination_port: '9'", "l4 { SCTP { destination_port: 9 } }", true},
      {"destination_port: '0'", "l4 { ICMPv4 {} }", false},
      {"destination_port: '0'", "", false},
      {"source_port: '53'", "l4 { UDP { destination_port: 53 } }", false},
  };
  CheckCases(cases);
  const ErrorCase errors[] = {
      {"source_port: 'http'",
       "invalid source port filter: invalid port \"http\": strconv.ParseUint: parsing \"http\": "
       "invalid syntax"},
      {"destination_port: '1' destination_port: '65536'",
       "invalid destination port filter: invalid port \"65536\": strconv.ParseUint: parsing "
       "\"65536\": value out of range"},
      {"source_port: ''",
       "invalid source port filter: invalid port \"\": strconv.ParseUint: parsing \"\": invalid "
       "syntax"},
      {"source_port: '+80'",
       "invalid source port filter: invalid port \"+80\": strconv.ParseUint: parsing \"+80\": "
       "invalid syntax"},
  };
  CheckErrors(errors);
}

TEST_CASE("TCP flags of the filter are a subset of the flow's", "[filter]") {
  const FilterCase cases[] = {
      {"tcp_flags { SYN: true }", "l4 { TCP { flags { SYN: true ACK: true } } }", true},
      {"tcp_flags { SYN: true FIN: true }", "l4 { TCP { flags { SYN: true } } }", false},
      {"tcp_flags { NS: true } tcp_flags { SYN: true }", "l4 { TCP { flags { SYN: true } } }",
       true},
      {"tcp_flags {}", "l4 { TCP { flags {} } }", true},
      {"tcp_flags {}", "l4 { TCP {} }", false},
      {"tcp_flags {}", "l4 { UDP {} }", false},
  };
  CheckCases(cases);
}

TEST_CASE("protocols are named in any case, L4 and L7 alike", "[filter]") {
  const FilterCase cases[] = {
      {"protocol: 'TCP'", "l4 { TCP {} }", true},
      {"protocol: 'icmp'", "l4 { ICMPv6 {} }", true},
      {"protocol: 'icmpv4'", "l4 { ICMPv6 {} }", false},
      {"protocol: 'vrrp'", "l4 { VRRP {} }", true},
      {"protocol: 'Igmp'", "l4 { IGMP {} }", true},
      {"protocol: 'sctp'", "", false},
      {"protocol: 'tcp' protocol: 'dns'", "Type: L7 l4 { UDP {} } l7 { dns {} }", true},
      {"protocol: 'http'", "Type: L7 l7 { dns {} }", false},
      {"protocol: 'http'", "l7 { http {} }", true},
      {"protocol: 'http'", "Type: L3_L4 l4 { TCP {} }", false},
  };
  CheckCases(cases);
  CHECK(ErrorOf("protocol: 'TCP,UDP'") == "invalid protocol filter: unknown protocol: \"TCP,UDP\"");
}

}  // namespace
}  // namespace alidade
