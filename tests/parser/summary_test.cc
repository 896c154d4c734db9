// SPDX-License-Identifier: Apache-2.0
#include "parser/summary.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

namespace alidade::testing {
namespace {

std::string TextOf(const L4Layer& l4) {
  PacketLayers packet;
  packet.last = LastLayer::kL4;
  packet.l4 = l4;
  SummaryBuffer buffer;
  return std::string(Summary(packet, &buffer));
}

std::string Tcp(uint16_t flags) {
  L4Layer l4;
  l4.protocol = L4Protocol::kTcp;
  l4.has_tcp_flags = true;
  l4.tcp_flags = flags;
  return TextOf(l4);
}

std::string Typed(L4Protocol protocol, uint8_t type, uint8_t code = 0) {
  L4Layer l4;
  l4.protocol = protocol;
  l4.type = type;
  l4.code = code;
  return TextOf(l4);
}

TEST_CASE("TCP flags are listed in Hubble's order", "[parser]") {
  CHECK(Tcp(kTcpSyn) == "TCP Flags: SYN");
  CHECK(Tcp(kTcpFin | kTcpAck) == "TCP Flags: ACK, FIN");
  CHECK(Tcp(0x1ff) == "TCP Flags: SYN, ACK, RST, FIN, PSH, URG, ECE, CWR, NS");
  CHECK(Tcp(0) == "TCP Flags: ");
}

TEST_CASE("ICMP types are named, with their code where it says something", "[parser]") {
  CHECK(Typed(L4Protocol::kIcmpV4, 8) == "ICMPv4 EchoRequest");
  CHECK(Typed(L4Protocol::kIcmpV4, 8, 3) == "ICMPv4 EchoRequest(Code: 3)");
  CHECK(Typed(L4Protocol::kIcmpV4, 3, 4) == "ICMPv4 DestinationUnreachable(FragmentationNeeded)");
  CHECK(Typed(L4Protocol::kIcmpV4, 3, 16) == "ICMPv4 DestinationUnreachable(Code: 16)");
  CHECK(Typed(L4Protocol::kIcmpV4, 11, 1) == "ICMPv4 TimeExceeded(FragmentReassemblyTimeExceeded)");
  CHECK(Typed(L4Protocol::kIcmpV4, 200, 1) == "ICMPv4 200(1)");
  CHECK(Typed(L4Protocol::kIcmpV6, 135) == "ICMPv6 NeighborSolicitation");
  CHECK(Typed(L4Protocol::kIcmpV6, 1, 5) ==
        "ICMPv6 DestinationUnreachable(SrcAddressFailedPolicy)");
  CHECK(Typed(L4Protocol::kIcmpV6, 143) == "ICMPv6 143(0)");
  CHECK(Typed(L4Protocol::kIcmpV6, 2, 255) == "ICMPv6 PacketTooBig(Code: 255)");
}

TEST_CASE("every ICMP summary fits its buffer", "[parser]") {
  for (const L4Protocol protocol : {L4Protocol::kIcmpV4, L4Protocol::kIcmpV6}) {
    for (int type = 0; type < 256; ++type) {
      for (int code = 0; code < 256; ++code) {
        REQUIRE(Typed(protocol, static_cast<uint8_t>(type), static_cast<uint8_t>(code)).size() <
                kMaxSummaryBytes);
      }
    }
  }
}

TEST_CASE("other transports have a name, and IGMP its message", "[parser]") {
  CHECK(Typed(L4Protocol::kUdp, 0) == "UDP");
  CHECK(Typed(L4Protocol::kSctp, 0) == "SCTP");
  CHECK(Typed(L4Protocol::kTcp, 0) == "TCP");  // a sock event: no flags
  CHECK(Typed(L4Protocol::kVrrp, 1) == "VRRP VRRPv2 Advertisement");
  CHECK(Typed(L4Protocol::kVrrp, 2) == "VRRP ");
  CHECK(Typed(L4Protocol::kIgmp, 0x11) == "IGMP IGMP Membership Query");
  CHECK(Typed(L4Protocol::kIgmp, 0x12) == "IGMP IGMPv1 Membership Report");
  CHECK(Typed(L4Protocol::kIgmp, 0x16) == "IGMP IGMPv2 Membership Report");
  CHECK(Typed(L4Protocol::kIgmp, 0x17) == "IGMP Leave Group");
  CHECK(Typed(L4Protocol::kIgmp, 0x22) == "IGMP IGMPv3 Membership Report");
  CHECK(Typed(L4Protocol::kIgmp, 0x99) == "IGMP ");
}

TEST_CASE("without a transport the summary is the last layer", "[parser]") {
  PacketLayers packet;
  SummaryBuffer buffer;
  const auto text = [&](LastLayer last) {
    packet.last = last;
    return Summary(packet, &buffer);
  };
  CHECK(text(LastLayer::kNone) == "");
  CHECK(text(LastLayer::kEthernet) == "Ethernet");
  CHECK(text(LastLayer::kArp) == "ARP");
  CHECK(text(LastLayer::kIpV4) == "IPv4");
  CHECK(text(LastLayer::kIpV6) == "IPv6");
  CHECK(text(LastLayer::kVxlan) == "VXLAN");
  CHECK(text(LastLayer::kGeneve) == "Geneve");
  CHECK(text(LastLayer::kSockUnknown) == "Unknown");
}

}  // namespace
}  // namespace alidade::testing
