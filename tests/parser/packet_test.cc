// SPDX-License-Identifier: Apache-2.0
//
// Packets of our own programs: decoded as far as the bytes allow.
#include "parser/packet.h"

#include <catch2/catch_test_macros.hpp>

#include "bpf/events.h"
#include "parser/packet_rules.h"
#include "tests/parser/decoded.h"
#include "tests/support/packet_builder.h"

namespace alidade::testing {
namespace {

PacketLayers Layers(const PacketBuilder& packet, uint8_t flags = 0) {
  return Decode(packet.Build(), flags).packet;
}

TEST_CASE("Ethernet, IPv4 and TCP are decoded with all nine flags", "[parser]") {
  const PacketLayers packet =
      Layers(Ethernet().Ipv4("10.0.0.1", "10.0.0.2").Tcp(40000, 80, 0x1ff).Payload(10));
  CHECK(packet.has_ethernet);
  CHECK(packet.source_mac == MacAddress{0x02, 0, 0, 0xaa, 0xbb, 0x01});
  CHECK(packet.destination_mac == MacAddress{0x02, 0, 0, 0xcc, 0xdd, 0x02});
  CHECK(packet.ip.version() == IpVersion::kV4);
  CHECK(packet.ip.source == *IpAddress::Parse("10.0.0.1"));
  CHECK(packet.ip.destination == *IpAddress::Parse("10.0.0.2"));
  CHECK(packet.l4.protocol == L4Protocol::kTcp);
  CHECK(packet.l4.has_tcp_flags);
  CHECK(packet.l4.tcp_flags == 0x1ff);
  CHECK(packet.l4.source_port == 40000);
  CHECK(packet.l4.destination_port == 80);
  CHECK(packet.last == LastLayer::kL4);
}

TEST_CASE("each transport is decoded over IPv6", "[parser]") {
  const auto ip = [] { return Ethernet().Ipv6("fd00::1", "fd00::2"); };
  CHECK(Layers(ip().Udp(53, 5353)).l4.destination_port == 5353);
  CHECK(Layers(ip().Sctp(7, 9)).l4.protocol == L4Protocol::kSctp);
  CHECK(Layers(ip().IcmpV6(135, 0)).l4.type == 135);
  CHECK(Layers(ip().IcmpV4(3, 4)).l4.code == 4);
  CHECK(Layers(ip().Vrrp(5, 100)).l4.priority == 100);
  CHECK(Layers(ip().Udp(1, 2)).ip.destination == *IpAddress::Parse("fd00::2"));
}

TEST_CASE("an IGMP report shows its group, in version 3 that of its first record", "[parser]") {
  const auto ip = [] { return Ethernet().Ipv4("10.0.0.1", "224.0.0.22"); };
  CHECK(Layers(ip().Igmp(0x16, "224.1.2.3")).l4.group == *IpAddress::Parse("224.1.2.3"));
  // "0.0.0.1" is one group record.
  const PacketLayers v3 = Layers(ip().Igmp(0x22, "0.0.0.1").Igmp(0x04, "239.0.0.9"));
  CHECK(v3.l4.group == *IpAddress::Parse("239.0.0.9"));
  CHECK_FALSE(Layers(ip().Igmp(0x22, "0.0.0.0").Payload(8)).l4.group.valid());
  CHECK_FALSE(Layers(ip().Igmp(0x22, "0.0.0.1")).l4.group.valid());
}

TEST_CASE("VLAN tags are skipped, one or several", "[parser]") {
  CHECK(Layers(Ethernet().Vlan(5).Ipv4("10.0.0.1", "10.0.0.2").Udp(1, 2)).l4.destination_port == 2);
  const PacketLayers stacked =
      Layers(Ethernet().Vlan(5, 0x88a8).Vlan(6).Ipv6("fd00::1", "fd00::2").Tcp(1, 2, kTcpSyn));
  CHECK(stacked.l4.protocol == L4Protocol::kTcp);
  const PacketLayers cut = Decode(Ethernet().Vlan(5).Build(16)).packet;
  CHECK(cut.last == LastLayer::kEthernet);
}

TEST_CASE("ARP is known by name, behind a VLAN tag too", "[parser]") {
  CHECK(Layers(Ethernet().Arp()).last == LastLayer::kArp);
  const PacketLayers packet = Layers(Ethernet().Vlan(5).Arp());
  CHECK(packet.last == LastLayer::kArp);
  CHECK(packet.ip.version() == IpVersion::kNone);
}

TEST_CASE("IPv6 extension headers are followed", "[parser]") {
  const PacketLayers packet = Layers(Ethernet()
                                         .Ipv6("fd00::1", "fd00::2")
                                         .Extension(0)
                                         .Extension(60, 1)
                                         .Extension(43, 2)
                                         .Fragment(0, true)
                                         .Authentication()
                                         .Extension(60)
                                         .Tcp(1, 2, kTcpAck));
  CHECK(packet.l4.protocol == L4Protocol::kTcp);
  CHECK(packet.l4.tcp_flags == kTcpAck);
  CHECK(Layers(Ethernet().Ipv4("10.0.0.1", "10.0.0.2").Authentication().Udp(1, 2))
            .l4.destination_port == 2);
}

TEST_CASE("a cut chain of extension headers leaves the IPv6 layer", "[parser]") {
  const PacketBuilder whole =
      Ethernet().Ipv6("fd00::1", "fd00::2").Extension(0).Extension(60, 3).Udp(1, 2);
  for (size_t captured = 54; captured < whole.size(); ++captured) {
    const PacketLayers packet = Decode(whole.Build(captured)).packet;
    CHECK(packet.last == LastLayer::kIpV6);
    CHECK(packet.l4.protocol == L4Protocol::kNone);
  }
}

TEST_CASE("the first fragment has ports and a later one has not", "[parser]") {
  constexpr uint16_t kMore = 0x2000;
  const auto v4 = [](uint16_t fragment) {
    return Layers(Ethernet().Ipv4("10.0.0.1", "10.0.0.2", fragment).Udp(1, 2).Payload(64));
  };
  CHECK(v4(kMore).l4.destination_port == 2);
  CHECK(v4(kMore | 8).l4.protocol == L4Protocol::kNone);
  CHECK(v4(185).last == LastLayer::kIpV4);
  const auto v6 = [](uint16_t offset, bool more) {
    return Layers(Ethernet().Ipv6("fd00::1", "fd00::2").Fragment(offset, more).Udp(1, 2));
  };
  CHECK(v6(0, true).l4.destination_port == 2);
  CHECK(v6(1, true).l4.protocol == L4Protocol::kNone);
  CHECK(v6(185, false).last == LastLayer::kIpV6);
}

TEST_CASE("a packet cut at any byte keeps the layers before the cut", "[parser]") {
  const PacketBuilder whole = Ethernet().Ipv4("10.0.0.1", "10.0.0.2").Tcp(1, 2, kTcpSyn);
  for (size_t captured = 0; captured <= whole.size(); ++captured) {
    const PacketLayers packet = Decode(whole.Build(captured)).packet;
    CHECK(packet.has_ethernet == (captured >= 14));
    CHECK((packet.ip.version() == IpVersion::kV4) == (captured >= 34));
    CHECK((packet.l4.protocol == L4Protocol::kTcp) == (captured >= 54));
  }
}

TEST_CASE("a malformed inner header keeps the outer layers", "[parser]") {
  const auto last = [](PacketBuilder& packet) { return Layers(packet).last; };
  CHECK(last(Ethernet().Ipv4("10.0.0.1", "10.0.0.2").Tcp(1, 2, 0).Set(14, 0x44)) ==
        LastLayer::kEthernet);  // header length 16
  CHECK(last(Ethernet().Ipv4("10.0.0.1", "10.0.0.2").Tcp(1, 2, 0).Set(14, 0x65)) ==
        LastLayer::kEthernet);  // version 6 in an IPv4 packet
  CHECK(last(Ethernet().Ipv6("fd00::1", "fd00::2").Udp(1, 2).Set(14, 0x40)) ==
        LastLayer::kEthernet);
  CHECK(last(Ethernet().Ipv4("10.0.0.1", "10.0.0.2").Vrrp(1, 1).Set(34, 0x22)) ==
        LastLayer::kIpV4);  // no such VRRP type
}

TEST_CASE("lengths that lie do not hide a header that is there", "[parser]") {
  const PacketLayers options = Decode(Ethernet()
                                          .Ipv4("10.0.0.1", "10.0.0.2")
                                          .Tcp(1, 2, kTcpSyn, std::vector<uint8_t>(20, 0xff))
                                          .Build(54))
                                   .packet;
  CHECK(options.l4.destination_port == 2);  // options cut off, and malformed anyway
  CHECK(Layers(Ethernet().Ipv4("10.0.0.1", "10.0.0.2").Tcp(1, 2, kTcpSyn).Set(46, 0))
            .l4.destination_port == 2);  // data offset 0
  CHECK(Layers(Ethernet().Ipv4("10.0.0.1", "10.0.0.2").Udp(1, 2).Set(39, 3)).l4.destination_port ==
        2);
  const PacketLayers ip_options =
      Layers(Ethernet().Ipv4("10.0.0.1", "10.0.0.2", 0, {0x88, 1, 0, 0}).Udp(1, 2));
  CHECK(ip_options.l4.destination_port == 2);  // an option that is too short
}

TEST_CASE("a packet that offload has yet to cut has no length and is decoded", "[parser]") {
  ByteVector v4 = Ethernet().Ipv4("10.0.0.1", "10.0.0.2").Tcp(1, 2, kTcpAck).Build();
  v4[16] = v4[17] = std::byte{0};
  CHECK(Decode(v4).packet.l4.destination_port == 2);
  ByteVector v6 = Ethernet().Ipv6("fd00::1", "fd00::2").Tcp(1, 2, kTcpAck).Build();
  v6[18] = v6[19] = std::byte{0};
  CHECK(Decode(v6).packet.l4.destination_port == 2);
}

TEST_CASE("bytes behind the IP packet are padding, not a header", "[parser]") {
  ByteVector bytes = Ethernet().Ipv4("10.0.0.1", "10.0.0.2").NextIs(0, 17).Build();
  bytes.resize(60);
  CHECK(Decode(bytes).packet.last == LastLayer::kIpV4);
}

TEST_CASE("chains that are too long end the decoding", "[parser]") {
  PacketBuilder tags = Ethernet();
  for (int i = 0; i < kMaxVlanTags; ++i) tags.Vlan(5);
  PacketBuilder one_tag_more = tags;
  CHECK(Layers(tags.Ipv4("10.0.0.1", "10.0.0.2").Udp(1, 2)).l4.destination_port == 2);
  CHECK(Layers(one_tag_more.Vlan(5).Ipv4("10.0.0.1", "10.0.0.2").Udp(1, 2)).last ==
        LastLayer::kEthernet);
  PacketBuilder headers = Ethernet().Ipv6("fd00::1", "fd00::2");
  for (int i = 0; i < kMaxExtensionHeaders; ++i) headers.Extension(60);
  PacketBuilder one_header_more = headers;
  CHECK(Layers(headers.Udp(1, 2)).l4.destination_port == 2);
  CHECK(Layers(one_header_more.Extension(60).Udp(1, 2)).last == LastLayer::kIpV6);
}

TEST_CASE("a device without Ethernet headers starts with the IP header", "[parser]") {
  const PacketLayers v4 =
      Layers(Raw().Ipv4("10.0.0.1", "10.0.0.2").Udp(1, 2), NOTIFY_FLAG_L3_DEVICE);
  CHECK_FALSE(v4.has_ethernet);
  CHECK(v4.l4.destination_port == 2);
  // With or without the IPv6 flag: the packet tells.
  const PacketBuilder v6 = Raw().Ipv6("fd00::1", "fd00::2").Udp(1, 2);
  CHECK(Layers(v6, NOTIFY_FLAG_L3_DEVICE | NOTIFY_FLAG_IPV6).l4.destination_port == 2);
  CHECK(Layers(v6, NOTIFY_FLAG_L3_DEVICE).l4.destination_port == 2);
}

TEST_CASE("what is not IP has Ethernet only", "[parser]") {
  CHECK(Layers(Ethernet().NextIs(0x8847, 0).Payload(40)).last == LastLayer::kEthernet);
  CHECK(Layers(Ethernet().NextIs(40, 0).Payload(40)).last == LastLayer::kEthernet);  // 802.3
  CHECK(Layers(Ethernet().NextIs(0xffff, 0).Payload(40)).last == LastLayer::kEthernet);
  CHECK(Layers(Ethernet().Ethernet().Ipv4("10.0.0.1", "10.0.0.2")).last == LastLayer::kEthernet);
}

TEST_CASE("an empty packet has no layers", "[parser]") {
  CHECK(Decode({}).packet.last == LastLayer::kNone);
  CHECK(Decode({}, NOTIFY_FLAG_VXLAN).tunnel.protocol == flow::Tunnel_Protocol_UNKNOWN);
}

}  // namespace
}  // namespace alidade::testing
