// SPDX-License-Identifier: Apache-2.0
//
// How long the kernel side remembers a connection without packets, by protocol and state. The times
// are made short; what a packet is called tells whether its connection was still known.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "parser/flow_record.h"
#include "tests/kernel/loaded_trace.h"

namespace alidade::testing {
namespace {

constexpr uint32_t kShort = 20;  // milliseconds
constexpr uint32_t kLong = 3'600'000;
constexpr std::chrono::milliseconds kForgotten(60);

connection_timeouts AllLong() { return {kLong, kLong, kLong, kLong, kLong, kLong, kLong, kLong}; }

enum Way { kOut, kBack };

ByteVector Tcp(Way way, uint16_t flags) {
  return way == kOut ? Ethernet().Ipv4("10.0.0.1", "10.0.0.2").Tcp(40000, 80, flags).Build()
                     : Ethernet().Ipv4("10.0.0.2", "10.0.0.1").Tcp(80, 40000, flags).Build();
}

ByteVector Udp(Way way) {
  return way == kOut ? Ethernet().Ipv4("10.0.0.1", "10.0.0.2").Udp(40000, 53).Build()
                     : Ethernet().Ipv4("10.0.0.2", "10.0.0.1").Udp(53, 40000).Build();
}

struct Case {
  std::string name;
  uint32_t connection_timeouts::*which;
  std::vector<std::pair<Way, ByteVector>> before;
  std::pair<Way, ByteVector> after;
  uint8_t remembered;  // reason of `after` when the connection is known
  uint8_t forgotten;
};

std::vector<Case> Cases() {
  const auto syn = std::pair{kOut, Tcp(kOut, kTcpSyn)};
  const auto answer = std::pair{kBack, Tcp(kBack, kTcpSyn | kTcpAck)};
  const auto data = std::pair{kOut, Tcp(kOut, kTcpAck)};
  const auto fin = std::pair{kBack, Tcp(kBack, kTcpFin | kTcpAck)};
  const auto reset = std::pair{kBack, Tcp(kBack, kTcpRst)};
  const auto ask = std::pair{kOut, Udp(kOut)};
  const auto tell = std::pair{kBack, Udp(kBack)};
  const auto ping = std::pair{kOut, Ethernet().Ipv4("10.0.0.1", "10.0.0.2").IcmpV4(8, 0).Build()};
  const auto pong = std::pair{kBack, Ethernet().Ipv4("10.0.0.2", "10.0.0.1").IcmpV4(0, 0).Build()};
  const auto ping6 =
      std::pair{kOut, Ethernet().Ipv6("fd00::1", "fd00::2").IcmpV6(128, 0).Payload(4).Build()};
  const auto sctp =
      std::pair{kOut, Ethernet().Ipv4("10.0.0.1", "10.0.0.2").Sctp(4000, 4001).Build()};
  const auto vrrp = std::pair{kOut, Ethernet().Ipv4("10.0.0.1", "224.0.0.18").Vrrp(1, 9).Build()};
  return {
      {"TCP, one way",
       &connection_timeouts::tcp_syn,
       {syn},
       data,
       TRACE_REASON_ESTABLISHED,
       TRACE_REASON_UNKNOWN},
      {"TCP, established",
       &connection_timeouts::tcp_established,
       {syn, answer},
       data,
       TRACE_REASON_ESTABLISHED,
       TRACE_REASON_UNKNOWN},
      {"TCP, closing",
       &connection_timeouts::tcp_closing,
       {syn, answer, fin},
       data,
       TRACE_REASON_ESTABLISHED,
       TRACE_REASON_UNKNOWN},
      {"TCP, reset",
       &connection_timeouts::tcp_reset,
       {syn, reset},
       data,
       TRACE_REASON_ESTABLISHED,
       TRACE_REASON_UNKNOWN},
      {"UDP", &connection_timeouts::udp, {ask}, ask, TRACE_REASON_ESTABLISHED, TRACE_REASON_NEW},
      {"UDP, answered",
       &connection_timeouts::udp_answered,
       {ask, tell},
       tell,
       TRACE_REASON_REPLY,
       TRACE_REASON_NEW},
      {"ICMP",
       &connection_timeouts::icmp,
       {ping, pong},
       ping,
       TRACE_REASON_ESTABLISHED,
       TRACE_REASON_NEW},
      {"ICMPv6",
       &connection_timeouts::icmp,
       {ping6},
       ping6,
       TRACE_REASON_ESTABLISHED,
       TRACE_REASON_NEW},
      {"SCTP",
       &connection_timeouts::other,
       {sctp},
       sctp,
       TRACE_REASON_ESTABLISHED,
       TRACE_REASON_NEW},
      {"a protocol without ports",
       &connection_timeouts::other,
       {vrrp},
       vrrp,
       TRACE_REASON_ESTABLISHED,
       TRACE_REASON_NEW},
  };
}

}  // namespace

TEST_CASE("a connection is forgotten after the time of its state", "[kernel]") {
  const auto tested = GENERATE(from_range(Cases()));
  INFO(tested.name);
  const bool is_short = GENERATE(true, false);
  capture_config config = StandardConfig();
  config.aggregation = AGGREGATION_LOW;  // every packet tells
  connection_timeouts timeouts = AllLong();
  timeouts.*tested.which = is_short ? kShort : kLong;
  LoadedTrace trace(config, timeouts);
  for (const auto& [way, packet] : tested.before) {
    REQUIRE(trace.Run(packet, way == kBack).size() == 1);
  }
  std::this_thread::sleep_for(kForgotten);  // more than the short time, by the kernel's clock
  const auto reports = trace.Run(tested.after.second, tested.after.first == kBack);
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].reason == (is_short ? tested.forgotten : tested.remembered));
}

TEST_CASE("the first packet after a connection was forgotten is reported as a new one's",
          "[kernel]") {
  const bool is_short = GENERATE(true, false);
  connection_timeouts timeouts = AllLong();
  timeouts.udp = is_short ? kShort : kLong;
  LoadedTrace trace(StandardConfig(), timeouts);
  REQUIRE(trace.Run(Udp(kOut), false).size() == 1);
  REQUIRE(trace.Run(Udp(kOut), false).empty());  // aggregated
  std::this_thread::sleep_for(kForgotten);
  const auto reports = trace.Run(Udp(kOut), false);
  REQUIRE(reports.size() == (is_short ? 1 : 0));
  if (is_short) CHECK(reports[0].reason == TRACE_REASON_NEW);
}

}  // namespace alidade::testing
