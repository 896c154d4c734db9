// SPDX-License-Identifier: Apache-2.0
//
// ICMP errors about packets of every kind: each is related to the connection of the packet inside.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <string>
#include <vector>

#include "parser/flow_record.h"
#include "tests/kernel/loaded_trace.h"

namespace alidade::testing {
namespace {

constexpr uint32_t kHour = 3'600'000;
constexpr connection_timeouts kTimeouts = {kHour, kHour, kHour, kHour, kHour, kHour, kHour, kHour};

struct Kind {
  std::string name;
  bool v6;
  PacketBuilder packet;  // without a link layer
};

PacketBuilder V4(uint16_t fragment = 0, const std::vector<uint8_t>& options = {}) {
  return PacketBuilder().Ipv4("10.0.0.1", "10.0.0.2", fragment, options);
}

PacketBuilder V6() { return PacketBuilder().Ipv6("fd00::1", "fd00::2"); }

std::vector<Kind> Kinds() {
  return {
      {"UDP", false, V4().Udp(40000, 9)},
      {"TCP", false, V4().Tcp(40000, 80, kTcpSyn)},
      {"SCTP", false, V4().Sctp(4000, 4001)},
      {"an echo", false, V4().IcmpV4(8, 0)},
      {"UDP behind options", false, V4(0, {1, 1, 1, 1}).Udp(40000, 9)},
      {"a first fragment", false, V4(0x2000).Udp(40000, 9)},
      {"UDP over IPv6", true, V6().Udp(40000, 9)},
      {"TCP over IPv6", true, V6().Tcp(40000, 80, kTcpSyn)},
      {"an ICMPv6 echo", true, V6().IcmpV6(128, 0).Payload(4)},
      {"UDP behind destination options", true, V6().Extension(60).Udp(40000, 9)},
      {"TCP behind several headers", true,
       V6().Extension(0).Extension(43, 2).Extension(60).Tcp(40000, 80, kTcpSyn)},
      {"a first fragment over IPv6", true, V6().Fragment(0, true).Udp(40000, 9)},
      {"a later fragment over IPv6", true, V6().Fragment(100, false).NextIs(0, 17).Payload(32)},
  };
}

// Behind `headers`, whose last type field says what `packet` is.
ByteVector Behind(PacketBuilder headers, const Kind& kind) {
  ByteVector bytes = headers.NextIs(kind.v6 ? 0x86dd : 0x0800, kind.v6 ? 41 : 4).Build();
  const ByteVector packet = kind.packet.Build();
  bytes.insert(bytes.end(), packet.begin(), packet.end());
  return bytes;
}

// What a router on the way says of the packet to its sender.
ByteVector ErrorAbout(const Kind& kind) {
  return kind.v6 ? Behind(Ethernet().Ipv6("fd00::ff", "fd00::1").IcmpV6(3, 0).Payload(4), kind)
                 : Behind(Ethernet().Ipv4("10.0.0.254", "10.0.0.1").IcmpV4(11, 0), kind);
}

}  // namespace

TEST_CASE("an ICMP error is related to the connection inside it, whatever that is", "[kernel]") {
  const Kind kind = GENERATE(from_range(Kinds()));
  INFO(kind.name);
  const bool is_known = GENERATE(true, false);
  LoadedTrace trace(StandardConfig(), kTimeouts);
  if (is_known) REQUIRE(trace.Run(Behind(Ethernet(), kind), false).size() == 1);
  const auto reports = trace.Run(ErrorAbout(kind), true);
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].reason == (is_known ? TRACE_REASON_RELATED : TRACE_REASON_NEW));
}

}  // namespace alidade::testing
