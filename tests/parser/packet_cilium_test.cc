// SPDX-License-Identifier: Apache-2.0
//
// Packets of Cilium's own events: where its decoder stops or fails, so do we.
#include <catch2/catch_test_macros.hpp>

#include "bpf/events.h"
#include "parser/headers/headers.h"
#include "parser/packet.h"
#include "tests/support/packet_builder.h"

namespace alidade::testing {
namespace {

struct Decoded {
  DecodeError error;
  PacketLayers packet;
  TunnelLayer tunnel;
};

Decoded Decode(const ByteVector& bytes, uint8_t flags = 0) {
  Decoded decoded;
  decoded.error = DecodePacket(bytes, flags, Origin::kCilium, &decoded.packet, &decoded.tunnel);
  return decoded;
}

// The last layer; the packet is expected to be well-formed.
LastLayer Last(const PacketBuilder& packet, uint8_t flags = 0) {
  const Decoded decoded = Decode(packet.Build(), flags);
  CHECK(decoded.error == DecodeError::kNone);
  return decoded.packet.last;
}

bool IsMalformed(const PacketBuilder& packet, uint8_t flags = 0) {
  return Decode(packet.Build(), flags).error == DecodeError::kPacketDecode;
}

PacketBuilder V4() { return Ethernet().Ipv4("10.0.0.1", "10.0.0.2"); }
PacketBuilder V6() { return Ethernet().Ipv6("fd00::1", "fd00::2"); }

TEST_CASE("Cilium's decode stops at VLAN tags, ARP, fragments and extension headers", "[parser]") {
  CHECK(Last(Ethernet().Vlan(5).Ipv4("10.0.0.1", "10.0.0.2").Udp(1, 2)) == LastLayer::kEthernet);
  CHECK(Last(Ethernet().Arp()) == LastLayer::kEthernet);
  CHECK(Last(Ethernet().Ipv4("10.0.0.1", "10.0.0.2", 0x2000).Udp(1, 2)) == LastLayer::kIpV4);
  CHECK(Last(Ethernet().Ipv4("10.0.0.1", "10.0.0.2", 1).Udp(1, 2)) == LastLayer::kIpV4);
  CHECK(Last(V4().Authentication().Udp(1, 2)) == LastLayer::kIpV4);
  CHECK(Last(V6().Fragment(0, true).Udp(1, 2)) == LastLayer::kIpV6);
  CHECK(Last(V6().Extension(60).Udp(1, 2)) == LastLayer::kIpV6);
  CHECK(Last(V6().Extension(43).Udp(1, 2)) == LastLayer::kIpV6);
  CHECK(Last(V6().Extension(0).Udp(1, 2)) == LastLayer::kL4);
  CHECK(Last(V6().Extension(0).Extension(0).Udp(1, 2)) == LastLayer::kIpV6);
}

TEST_CASE("Cilium's decode accepts a cut at a header's end and fails inside one", "[parser]") {
  for (const PacketBuilder& whole : {V4().Tcp(1, 2, 0), V4().Udp(1, 2), V4().IcmpV4(8, 0),
                                     V4().Sctp(1, 2), V4().Igmp(0x11, "0.0.0.0")}) {
    for (size_t captured = 1; captured <= whole.size(); ++captured) {
      const bool is_end = captured == 14 || captured == 34 || captured == whole.size();
      CHECK(Decode(whole.Build(captured)).error ==
            (is_end ? DecodeError::kNone : DecodeError::kPacketDecode));
    }
  }
  CHECK(Decode({}).error == DecodeError::kNone);
}

TEST_CASE("Cilium's decode checks IPv4 lengths and options", "[parser]") {
  const auto with_options = [](const std::vector<uint8_t>& options) {
    return Ethernet().Ipv4("10.0.0.1", "10.0.0.2", 0, options).Udp(1, 2);
  };
  CHECK(Last(with_options({1, 1, 1, 0})) == LastLayer::kL4);
  CHECK(Last(with_options({0, 0xff, 0xff, 0xff})) == LastLayer::kL4);  // nothing behind the end
  CHECK(Last(with_options({7, 4, 0, 0})) == LastLayer::kL4);
  CHECK(IsMalformed(with_options({7, 2, 0, 0})));
  CHECK(IsMalformed(with_options({7, 5, 0, 0})));
  CHECK(IsMalformed(with_options({1, 1, 1, 7})));
  CHECK(IsMalformed(V4().Udp(1, 2).Set(14, 0x44)));
  ByteVector short_total = V4().Udp(1, 2).Build();
  short_total[17] = std::byte{19};
  CHECK(Decode(short_total).error == DecodeError::kPacketDecode);
  // The version is not looked at.
  CHECK(Last(V4().Udp(1, 2).Set(14, 0x65)) == LastLayer::kL4);
}

TEST_CASE("Cilium's decode checks IPv6 length and hop-by-hop options", "[parser]") {
  ByteVector no_length = V6().Udp(1, 2).Build();
  no_length[18] = no_length[19] = std::byte{0};
  CHECK(Decode(no_length).error == DecodeError::kPacketDecode);

  const size_t options = 14 + 40 + 2;
  CHECK(IsMalformed(V6().Extension(0).Payload(2).Set(options, 5).Set(options + 1, 200)));
  CHECK(Last(V6().Extension(0).Udp(1, 2).Set(options, 0)) == LastLayer::kL4);  // Pad1

  // Padding of a byte may be the last of the header, but not of the packet.
  PacketBuilder padded = V6().Extension(0).Set(options, 1).Set(options + 1, 3).Set(options + 5, 0);
  CHECK(IsMalformed(padded));
  CHECK(!IsMalformed(padded.Payload(1)));

  // A jumbo option is for packets without a length, and the other way round.
  ByteVector jumbo = V6().Extension(0).Udp(1, 2).Build();
  const auto set = [&jumbo](size_t offset, uint8_t value) { jumbo[offset] = std::byte{value}; };
  set(options, 0xc2);
  set(options + 2, 1);  // also the length of the UDP header that these bytes are then taken for
  CHECK(Decode(jumbo).error == DecodeError::kPacketDecode);
  set(18, 0);
  set(19, 0);
  CHECK(Decode(jumbo).error == DecodeError::kNone);
  set(options + 2, 0);  // not above 65535
  CHECK(Decode(jumbo).error == DecodeError::kPacketDecode);
}

TEST_CASE("Cilium's decode checks the TCP header", "[parser]") {
  CHECK(Last(V4().Tcp(1, 2, 0, {2, 4, 5, 0xb4})) == LastLayer::kL4);
  CHECK(IsMalformed(V4().Tcp(1, 2, 0).Set(46, 0x40)));
  CHECK(IsMalformed(V4().Tcp(1, 2, 0).Set(46, 0x60)));
  CHECK(IsMalformed(V4().Tcp(1, 2, 0, {2, 5, 0, 0})));
  CHECK(IsMalformed(V4().Tcp(1, 2, 0, {2, 1, 0, 0})));
}

bool IsValidOptions(const std::vector<uint8_t>& options) {
  return IsValidTcpOptions(Cursor(std::as_bytes(std::span(options))));
}

// An option of kind 30 whose third byte is subtype and flags.
std::vector<uint8_t> Multipath(uint8_t length, uint8_t third, uint8_t fourth = 0) {
  std::vector<uint8_t> option(length < 4 ? 4 : length, 0);
  option[0] = 30;
  option[1] = length;
  option[2] = third;
  option[3] = fourth;
  return option;
}

TEST_CASE("TCP options are walked by their lengths", "[parser]") {
  CHECK(IsValidOptions({}));
  CHECK(IsValidOptions({1, 1, 1, 1}));
  CHECK(IsValidOptions({0, 2, 0, 0}));
  CHECK(IsValidOptions({2, 4, 5, 0xb4, 3, 3, 7, 0}));
  CHECK(IsValidOptions({200, 2}));
  CHECK_FALSE(IsValidOptions({2}));
  CHECK_FALSE(IsValidOptions({2, 0}));
  CHECK_FALSE(IsValidOptions({2, 3}));
}

TEST_CASE("Multipath TCP options have the lengths that their subtype allows", "[parser]") {
  const auto allowed = [](uint8_t third, uint8_t fourth = 0) {
    std::vector<int> lengths;
    for (uint8_t length = 0; length < 40; ++length) {
      std::vector<uint8_t> option = Multipath(length, third, fourth);
      if (length < 4) option.resize(length < 3 ? 3 : length);
      if (IsValidOptions(option)) lengths.push_back(length);
    }
    return lengths;
  };
  using Lengths = std::vector<int>;
  CHECK(allowed(0x01) == Lengths{4, 12, 20, 22, 24});
  CHECK(allowed(0x10) == Lengths{12, 16, 24});
  CHECK(allowed(0x20, 0x00) == Lengths{4});
  CHECK(allowed(0x20, 0x01) == Lengths{8});
  CHECK(allowed(0x20, 0x03) == Lengths{12});
  CHECK(allowed(0x20, 0x04) == Lengths{14, 16});
  CHECK(allowed(0x20, 0x0f) == Lengths{26, 28});
  CHECK(allowed(0x30) == Lengths{16, 18, 28, 30});
  CHECK(allowed(0x31) == Lengths{8, 10, 20, 22});
  CHECK(allowed(0x34) == Lengths{8, 10, 20, 22});
  CHECK(allowed(0x50) == Lengths{3, 4});
  CHECK(allowed(0x60) == Lengths{12});
  CHECK(allowed(0x70) == Lengths{12});
  CHECK(allowed(0x80) == Lengths{4});
}

TEST_CASE("an unknown Multipath TCP option of length zero ends the walk as an error", "[parser]") {
  CHECK_FALSE(IsValidOptions(Multipath(0, 0x90)));
  CHECK(IsValidOptions(Multipath(4, 0x90)));
  CHECK_FALSE(IsValidOptions({30, 4, 0x90}));
  CHECK_FALSE(IsValidOptions({30, 2}));
}

TEST_CASE("Cilium's decode checks VRRP and UDP", "[parser]") {
  CHECK(Last(V4().Vrrp(1, 2)) == LastLayer::kL4);
  CHECK(IsMalformed(V4().Vrrp(1, 2).Set(37, 0)));  // no address
  CHECK(IsMalformed(V4().Vrrp(1, 2).Set(37, 2)));  // more than are there
  CHECK(IsMalformed(V4().Vrrp(1, 2).Set(34, 0x22)));
  // An address that lies behind the end of the IP packet, but was captured.
  ByteVector cut = V4().Vrrp(1, 2).Build();
  cut[17] = std::byte{28};
  CHECK(Decode(cut).error == DecodeError::kNone);
  cut[17] = std::byte{25};
  CHECK(Decode(cut).error == DecodeError::kPacketDecode);
  ByteVector udp = V4().Udp(1, 2).Build();
  udp[39] = std::byte{7};
  CHECK(Decode(udp).error == DecodeError::kPacketDecode);
  udp[39] = std::byte{0};
  CHECK(Decode(udp).error == DecodeError::kNone);
}

TEST_CASE("Cilium's decode goes by the flags of a device without Ethernet", "[parser]") {
  const PacketBuilder v6 = Raw().Ipv6("fd00::1", "fd00::2").Udp(1, 2);
  CHECK(Last(v6, NOTIFY_FLAG_L3_DEVICE | NOTIFY_FLAG_IPV6) == LastLayer::kL4);
  CHECK(IsMalformed(v6, NOTIFY_FLAG_L3_DEVICE));
}

TEST_CASE("Cilium's decode fails a broken tunnel and one without UDP", "[parser]") {
  const auto error = [](const PacketBuilder& packet, uint8_t flags) {
    return Decode(packet.Build(), flags).error;
  };
  CHECK(error(V4().Udp(1, 4789), NOTIFY_FLAG_VXLAN) == DecodeError::kOverlayDecode);
  CHECK(error(V4().Tcp(1, 4789, 0).Payload(20), NOTIFY_FLAG_VXLAN) == DecodeError::kOverlayDecode);
  CHECK(error(Ethernet().Arp(), NOTIFY_FLAG_GENEVE) == DecodeError::kOverlayDecode);
  CHECK(error(V4().Udp(1, 4789).Vxlan(1).Payload(13), NOTIFY_FLAG_VXLAN) ==
        DecodeError::kOverlayDecode);
  CHECK(error(V4().Udp(1, 4789).Set(14, 0x41), NOTIFY_FLAG_VXLAN) == DecodeError::kPacketDecode);

  const Decoded bare = Decode(V4().Udp(1, 4789).Vxlan(9).Build(), NOTIFY_FLAG_VXLAN);
  CHECK(bare.error == DecodeError::kNone);
  CHECK(bare.tunnel.vni == 9);
  CHECK(bare.packet.last == LastLayer::kNone);
}

TEST_CASE("Cilium's decode shows the number of the innermost tunnel of the kind", "[parser]") {
  const auto nested = [](bool ends_with_geneve) {
    PacketBuilder packet = V4().Udp(1, 4789).Vxlan(1).Ethernet().Ipv4("3.3.3.3", "4.4.4.4");
    if (ends_with_geneve) {
      packet.Udp(1, 6081).Geneve(2);
    } else {
      packet.Udp(1, 4789).Vxlan(2);
    }
    return Decode(packet.Build(), NOTIFY_FLAG_VXLAN);
  };
  CHECK(nested(false).tunnel.vni == 2);
  CHECK(nested(false).packet.last == LastLayer::kVxlan);
  CHECK(nested(true).tunnel.vni == 1);
  CHECK(nested(true).packet.last == LastLayer::kGeneve);
}

TEST_CASE("Cilium's decode asks the source port of a tunnel in a tunnel last", "[parser]") {
  const auto vni = [](uint16_t destination_port) {
    PacketBuilder packet = V4().Udp(1, 4789).Vxlan(1).Ethernet().Ipv4("3.3.3.3", "4.4.4.4");
    packet.Udp(4789, destination_port).Vxlan(2);
    return Decode(packet.Build(), NOTIFY_FLAG_VXLAN).tunnel.vni;
  };
  CHECK(vni(54) == 2);
  CHECK(vni(53) == 1);  // DNS
  CHECK(vni(44818) == 1);
}

TEST_CASE("Geneve options are walked and may overrun the declared length", "[parser]") {
  PacketBuilder packet = V4().Udp(1, 6081).Geneve(1, 1).Payload(8);
  const size_t length_of_option = 42 + 8 + 3;
  const auto error = [&packet](uint8_t length) {
    return Decode(packet.Set(length_of_option, length).Build(), NOTIFY_FLAG_GENEVE).error;
  };
  CHECK(error(2) == DecodeError::kNone);
  CHECK(error(0xe2) == DecodeError::kNone);  // the upper bits are reserved
  CHECK(error(3) == DecodeError::kOverlayDecode);
}

}  // namespace
}  // namespace alidade::testing
