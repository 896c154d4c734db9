// SPDX-License-Identifier: Apache-2.0
//
// The packet cursor of our programs, run by the kernel, and the parser read the same packets alike:
// made by hand for every kind of header, and with random bytes changed.
#include <algorithm>
#include <array>
#include <catch2/catch_test_macros.hpp>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "bpf/events.h"
#include "parser/packet.h"
#include "tests/kernel/kernel_cursor.h"
#include "tests/support/packet_builder.h"

namespace alidade::testing {
namespace {

// What both say of a packet. An echo's identifier, which the parser has no place for, is left out.
struct Reading {
  bool is_ip = false;
  bool is_ipv6 = false;
  IpAddress source;
  IpAddress destination;
  int protocol = 0;  // of a transport header that is there; else 0
  uint16_t source_port = 0;
  uint16_t destination_port = 0;
  uint8_t tcp_flags = 0;
  uint8_t icmp_type = 0;

  bool operator==(const Reading&) const = default;
};

std::string Text(const Reading& reading) {
  char source[64], destination[64];
  const std::string from(source, reading.source.Format(source));
  const std::string to(destination, reading.destination.Format(destination));
  return "ip " + std::to_string(reading.is_ip) + " v6 " + std::to_string(reading.is_ipv6) + " " +
         from + ":" + std::to_string(reading.source_port) + " > " + to + ":" +
         std::to_string(reading.destination_port) + " protocol " +
         std::to_string(reading.protocol) + " flags " + std::to_string(reading.tcp_flags) +
         " type " + std::to_string(reading.icmp_type);
}

std::string Hex(const ByteVector& bytes) {
  std::string text;
  for (const std::byte byte : bytes) {
    constexpr const char* kDigits = "0123456789abcdef";
    text += kDigits[static_cast<uint8_t>(byte) >> 4];
    text += kDigits[static_cast<uint8_t>(byte) & 0xf];
  }
  return text;
}

// Nothing when the kernel takes `bytes` for no packet.
std::optional<Reading> ReadByKernel(KernelCursor& kernel, const ByteVector& bytes,
                                    bool is_l3_device, bool may_be_direct) {
  const std::optional<CursorPacket> found = kernel.Read(bytes, is_l3_device, may_be_direct);
  if (!found) return std::nullopt;
  Reading reading;
  reading.is_ip = found->is_ip;
  if (!found->is_ip) return reading;
  const auto address = [&](const std::array<uint8_t, 16>& from) {
    return found->is_ipv6 ? IpAddress::V6(from.data()) : IpAddress::V4(from.data());
  };
  reading.is_ipv6 = found->is_ipv6;
  reading.source = address(found->source);
  reading.destination = address(found->destination);
  reading.protocol = found->protocol;
  reading.tcp_flags = found->tcp_flags;
  reading.icmp_type = found->icmp_type;
  const bool is_icmp = found->protocol == 1 || found->protocol == 58;
  if (is_icmp) return reading;
  reading.source_port = found->source_port;
  reading.destination_port = found->destination_port;
  return reading;
}

int ProtocolNumber(L4Protocol protocol) {
  switch (protocol) {
    case L4Protocol::kTcp:
      return 6;
    case L4Protocol::kUdp:
      return 17;
    case L4Protocol::kSctp:
      return 132;
    case L4Protocol::kIcmpV4:
      return 1;
    case L4Protocol::kIcmpV6:
      return 58;
    default:
      return 0;  // no ports: the cursor does not look
  }
}

// The outer headers of a packet in a tunnel: those are the cursor's.
Reading ReadByParser(const ByteVector& bytes, bool is_l3_device) {
  PacketLayers packet;
  TunnelLayer tunnel;
  const uint8_t flags = is_l3_device ? NOTIFY_FLAG_L3_DEVICE : 0;
  REQUIRE(DecodePacket(bytes, flags, Origin::kEbpf, &packet, &tunnel) == DecodeError::kNone);
  const IpLayer& ip = tunnel.present() ? tunnel.ip : packet.ip;
  const L4Layer& l4 = tunnel.present() ? tunnel.l4 : packet.l4;
  Reading reading;
  reading.is_ip = ip.version() != IpVersion::kNone;
  if (!reading.is_ip) return reading;
  reading.is_ipv6 = ip.version() == IpVersion::kV6;
  reading.source = ip.source;
  reading.destination = ip.destination;
  reading.protocol = ProtocolNumber(l4.protocol);
  if (reading.protocol == 0) return reading;
  const bool is_icmp = l4.protocol == L4Protocol::kIcmpV4 || l4.protocol == L4Protocol::kIcmpV6;
  if (is_icmp) {
    reading.icmp_type = l4.type;
  } else {
    reading.source_port = l4.source_port;
    reading.destination_port = l4.destination_port;
    reading.tcp_flags = static_cast<uint8_t>(l4.tcp_flags);
  }
  return reading;
}

void CheckAgreement(KernelCursor& kernel, const ByteVector& bytes, bool is_l3_device) {
  for (const bool may_be_direct : {true, false}) {
    std::optional<Reading> read = ReadByKernel(kernel, bytes, is_l3_device, may_be_direct);
    if (!read) return;
    const Reading parsed = ReadByParser(bytes, is_l3_device);
    Reading& found = *read;
    // The cursor keeps the number of a protocol whose header is missing: it is part of a
    // connection.
    if (parsed.protocol == 0) found.protocol = 0;
    if (found == parsed) continue;
    INFO((is_l3_device ? "layer 3 " : "Ethernet ")
         << (may_be_direct ? "direct " : "") << Hex(bytes));
    INFO("kernel: " << Text(found));
    INFO("parser: " << Text(parsed));
    FAIL("they differ");
  }
}

// Everything that may follow the link layer.
std::vector<PacketBuilder> BehindLink(const PacketBuilder& link) {
  std::vector<PacketBuilder> ips;
  const auto v4 = [&](uint16_t fragment = 0, const std::vector<uint8_t>& options = {}) {
    return PacketBuilder(link).Ipv4("10.0.0.1", "10.0.0.2", fragment, options);
  };
  const auto v6 = [&] { return PacketBuilder(link).Ipv6("fd00::1", "fd00::2"); };
  ips.push_back(v4());
  ips.push_back(v4(0, std::vector<uint8_t>(4, 1)));
  ips.push_back(v4(0, std::vector<uint8_t>(40, 1)));
  for (const int fragment : {0x2000, 0x2001, 0x20ff, 0x0001, 0x1fff, 0x4000}) {
    ips.push_back(v4(static_cast<uint16_t>(fragment)));
  }
  ips.push_back(v4().Authentication());
  ips.push_back(v4().Authentication().Extension(60));
  ips.push_back(v6());
  for (const int header : {0, 43, 60}) {
    ips.push_back(v6().Extension(static_cast<uint8_t>(header)));
    ips.push_back(v6().Extension(static_cast<uint8_t>(header), 3));
  }
  ips.push_back(v6().Fragment(0, true));
  ips.push_back(v6().Fragment(0, false));
  ips.push_back(v6().Fragment(1, true));
  ips.push_back(v6().Fragment(185, false));
  ips.push_back(v6().Authentication());
  ips.push_back(
      v6().Extension(0).Extension(60).Extension(43, 2).Fragment(0, true).Authentication());
  PacketBuilder chain = v6();
  for (int i = 0; i < 8; ++i) {
    chain.Extension(60);
    ips.push_back(chain);
  }

  std::vector<PacketBuilder> packets;
  for (const PacketBuilder& ip : ips) {
    const auto with = [&] { return PacketBuilder(ip); };
    packets.push_back(with());
    packets.push_back(with().Tcp(40000, 80, 0x12, std::vector<uint8_t>(12, 1)).Payload(9));
    packets.push_back(with().Udp(5353, 53).Payload(30));
    packets.push_back(with().Sctp(7, 9));
    packets.push_back(with().IcmpV4(8, 0).Payload(8));
    packets.push_back(with().IcmpV4(3, 4).Payload(28));
    packets.push_back(with().IcmpV6(129, 0).Payload(8));
    packets.push_back(with().IcmpV6(135, 0));
    packets.push_back(with().Vrrp(5, 100));
    packets.push_back(with().Igmp(0x16, "224.1.2.3"));
    packets.push_back(with().NextIs(0, 50).Payload(40));
    packets.push_back(with().Ipv4("10.1.0.1", "10.1.0.2").Tcp(1, 2, 2));
    packets.push_back(with().Ipv6("fd01::1", "fd01::2").Udp(1, 2));
    packets.push_back(with().Gre(0x20).Ipv4("10.1.0.1", "10.1.0.2").Udp(1, 2));
    packets.push_back(
        with().Udp(5000, 8472).Vxlan(5).Ethernet().Ipv4("10.1.0.1", "10.1.0.2").Tcp(1, 2, 2));
    packets.push_back(with().Udp(5000, 6081).Geneve(5, 2).Ipv6("fd01::1", "fd01::2").Udp(1, 2));
  }
  packets.push_back(PacketBuilder(link).Arp());
  return packets;
}

std::vector<PacketBuilder> EthernetPackets() {
  std::vector<PacketBuilder> packets;
  PacketBuilder tagged = Ethernet();
  for (int tags = 0; tags < 6; ++tags) {
    for (PacketBuilder& packet : BehindLink(tagged)) packets.push_back(std::move(packet));
    tagged.Vlan(5, std::array<uint16_t, 3>{0x8100, 0x88a8, 0x9100}[static_cast<size_t>(tags % 3)]);
  }
  packets.push_back(Ethernet().NextIs(0x8847, 0).Payload(60));
  packets.push_back(Ethernet().NextIs(0x0040, 0).Payload(60));
  packets.push_back(Ethernet().Ethernet().Ipv4("10.0.0.1", "10.0.0.2").Udp(1, 2));
  return packets;
}

}  // namespace

TEST_CASE("the kernel's cursor and the parser agree on every kind of packet", "[kernel][vm]") {
  KernelCursor kernel;
  for (const PacketBuilder& packet : EthernetPackets()) {
    const ByteVector whole = packet.Build();
    CheckAgreement(kernel, whole, false);
    ByteVector padded = whole;
    padded.resize(whole.size() + 24, std::byte{0x5a});
    CheckAgreement(kernel, padded, false);
  }
  for (const PacketBuilder& packet : BehindLink(Raw())) {
    CheckAgreement(kernel, packet.Build(), true);
  }
}

TEST_CASE("the kernel's cursor and the parser agree on packets that end anywhere", "[kernel]") {
  KernelCursor kernel;
  for (const PacketBuilder& packet : BehindLink(Ethernet().Vlan(7))) {
    for (size_t size = 14; size < packet.size(); ++size) {
      CheckAgreement(kernel, packet.Build(size), false);
    }
  }
  for (const PacketBuilder& packet : BehindLink(Raw())) {
    for (size_t size = 14; size < packet.size(); ++size) {
      CheckAgreement(kernel, packet.Build(size), true);
    }
  }
}

TEST_CASE("the kernel's cursor and the parser agree on packets with random changes", "[kernel]") {
  constexpr int kPackets = 100'000;
  constexpr size_t kHeaders = 120;  // where a change may matter
  KernelCursor kernel;
  std::mt19937 random(20261125);
  const auto below = [&](size_t limit) { return random() % limit; };
  const std::vector<PacketBuilder> ethernet = EthernetPackets(), raw = BehindLink(Raw());
  for (int i = 0; i < kPackets; ++i) {
    const bool is_l3_device = below(4) == 0;
    const std::vector<PacketBuilder>& kinds = is_l3_device ? raw : ethernet;
    ByteVector bytes = kinds[below(kinds.size())].Build();
    for (size_t changes = below(4) + 1; changes > 0; --changes) {
      std::byte& byte = bytes[below(std::min(bytes.size(), kHeaders))];
      // Small numbers are the interesting ones: protocols, lengths, offsets.
      byte = static_cast<std::byte>(below(2) == 0 ? below(64) : random());
    }
    if (below(4) == 0) bytes.resize(14 + below(bytes.size()), std::byte{0});
    CheckAgreement(kernel, bytes, is_l3_device);
  }
}

TEST_CASE("the outermost VLAN tag that stands in a packet is known", "[kernel]") {
  KernelCursor kernel;
  const auto vlan = [&](const PacketBuilder& packet) {
    const std::optional<CursorPacket> found = kernel.Read(packet.Build(), false, true);
    REQUIRE(found);
    return found->vlan;
  };
  CHECK(vlan(Ethernet().Ipv4("10.0.0.1", "10.0.0.2").Udp(1, 2)) == 0);
  CHECK(vlan(Ethernet().Vlan(0x6005).Ipv4("10.0.0.1", "10.0.0.2").Udp(1, 2)) == 5);
  CHECK(vlan(Ethernet().Vlan(7, 0x88a8).Vlan(6).Ipv6("fd00::1", "fd00::2").Udp(1, 2)) == 7);
}

}  // namespace alidade::testing
