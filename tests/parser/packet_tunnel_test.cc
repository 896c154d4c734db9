// SPDX-License-Identifier: Apache-2.0
//
// Packets in packets: the inner one is shown, and the outermost tunnel beside it.
#include <catch2/catch_test_macros.hpp>
#include <string_view>

#include "bpf/events.h"
#include "parser/packet.h"
#include "tests/parser/decoded.h"
#include "tests/support/packet_builder.h"

namespace alidade::testing {
namespace {

TEST_CASE("IP in IP is a tunnel that the API has no number for", "[parser]") {
  const auto v4 = [] { return Ethernet().Ipv4("1.1.1.1", "2.2.2.2"); };
  const auto v6 = [] { return Ethernet().Ipv6("fd01::1", "fd01::2"); };
  const auto check = [](const PacketBuilder& packet, std::string_view name) {
    const Decoded decoded = Decode(packet.Build());
    CHECK(decoded.tunnel.present());
    CHECK(decoded.tunnel.protocol == flow::Tunnel_Protocol_UNKNOWN);
    CHECK(decoded.tunnel.unnumbered == name);
    CHECK(decoded.tunnel.l4.protocol == L4Protocol::kNone);
    CHECK_FALSE(decoded.packet.has_ethernet);
    CHECK(decoded.packet.l4.destination_port == 2);
    CHECK(decoded.packet.ip.version() == (name[0] == '4' ? IpVersion::kV4 : IpVersion::kV6));
    CHECK(decoded.tunnel.ip.version() == (name[3] == '4' ? IpVersion::kV4 : IpVersion::kV6));
  };
  check(v4().Ipv4("10.0.0.1", "10.0.0.2").Udp(1, 2), "4in4");
  check(v4().Ipv6("fd00::1", "fd00::2").Udp(1, 2), "6in4");
  check(v6().Ipv4("10.0.0.1", "10.0.0.2").Udp(1, 2), "4in6");
  check(v6().Ipv6("fd00::1", "fd00::2").Extension(60).Tcp(1, 2, kTcpSyn), "6in6");
}

TEST_CASE("GRE is opened with each of its options", "[parser]") {
  for (const int flags : {0x00, 0x80, 0x20, 0x10, 0xa0, 0xb0}) {
    const auto gre = [flags] {
      return Ethernet().Ipv4("1.1.1.1", "2.2.2.2").Gre(static_cast<uint8_t>(flags));
    };
    const Decoded v4 = Decode(gre().Ipv4("10.0.0.1", "10.0.0.2").Udp(1, 2).Build());
    CHECK(v4.tunnel.unnumbered == "GRE");
    CHECK(v4.tunnel.ip.source == *IpAddress::Parse("1.1.1.1"));
    CHECK(v4.packet.ip.source == *IpAddress::Parse("10.0.0.1"));
    CHECK(v4.packet.l4.destination_port == 2);
    CHECK(Decode(gre().Ipv6("fd00::1", "fd00::2").Tcp(1, 2, 0).Build()).packet.ip.version() ==
          IpVersion::kV6);
    const Decoded bridged =
        Decode(gre().Ethernet().Vlan(5).Ipv4("10.0.0.1", "10.0.0.2").Udp(1, 2).Build());
    CHECK(bridged.packet.has_ethernet);
    CHECK(bridged.packet.l4.destination_port == 2);
  }
}

TEST_CASE("GRE without a packet that we know stays the packet that it is", "[parser]") {
  const auto outer = [](const PacketBuilder& packet) {
    const Decoded decoded = Decode(packet.Build());
    return !decoded.tunnel.present() && decoded.packet.has_ethernet &&
           decoded.packet.last == LastLayer::kIpV4;
  };
  const auto ip = [] { return Ethernet().Ipv4("1.1.1.1", "2.2.2.2"); };
  CHECK(outer(ip().Gre().NextIs(0x880b, 0).Payload(40)));            // PPP
  CHECK(outer(ip().Gre().NextIs(0, 0)));                             // keepalive
  CHECK(outer(ip().Gre(0x40).Ipv4("10.0.0.1", "10.0.0.2")));         // source routes
  CHECK(outer(ip().Gre().Set(35, 1).Ipv4("10.0.0.1", "10.0.0.2")));  // version 1
  CHECK(outer(ip().Gre().NextIs(0x0800, 0).Payload(19)));            // cut
  CHECK(outer(ip().NextIs(0, 47).Payload(3)));
}

TEST_CASE("a datagram to the port of an overlay is opened without being told", "[parser]") {
  const auto to = [](uint16_t port) {
    return Ethernet().Ipv4("1.1.1.1", "2.2.2.2").Udp(5000, port);
  };
  for (const int port : {4789, 8472}) {
    const Decoded vxlan = Decode(to(static_cast<uint16_t>(port))
                                     .Vxlan(7)
                                     .Ethernet()
                                     .Ipv4("10.0.0.1", "10.0.0.2")
                                     .Tcp(1, 2, kTcpSyn)
                                     .Build());
    CHECK(vxlan.tunnel.protocol == flow::Tunnel_Protocol_VXLAN);
    CHECK(vxlan.tunnel.vni == 7);
    CHECK(vxlan.tunnel.l4.destination_port == port);
    CHECK(vxlan.packet.l4.tcp_flags == kTcpSyn);
  }
  const Decoded geneve =
      Decode(to(6081).Geneve(9, 2).Ethernet().Ipv6("fd00::1", "fd00::2").Udp(1, 2).Build());
  CHECK(geneve.tunnel.protocol == flow::Tunnel_Protocol_GENEVE);
  CHECK(geneve.tunnel.vni == 9);
  CHECK(geneve.packet.l4.destination_port == 2);
  // Somebody's broadcast is a packet, too.
  CHECK(Decode(to(4789).Vxlan(1).Ethernet().Arp().Build()).packet.last == LastLayer::kArp);
}

TEST_CASE("a datagram that only has an overlay's port stays a datagram", "[parser]") {
  const auto stays = [](const PacketBuilder& packet) {
    const Decoded decoded = Decode(packet.Build());
    return !decoded.tunnel.present() && decoded.packet.l4.protocol == L4Protocol::kUdp &&
           decoded.packet.has_ethernet && decoded.packet.last == LastLayer::kL4;
  };
  const auto to = [](uint16_t port) {
    return Ethernet().Ipv4("1.1.1.1", "2.2.2.2").Udp(5000, port);
  };
  CHECK(stays(to(8472).Payload(60)));
  CHECK(stays(to(4789).Vxlan(7).Set(42, 0).Ethernet().Ipv4("10.0.0.1", "10.0.0.2")));
  CHECK(stays(to(4789).Vxlan(7).Ethernet().NextIs(0x88cc, 0).Payload(40)));
  CHECK(stays(to(4789).Vxlan(7).Ethernet().NextIs(0x0800, 0).Payload(19)));
  CHECK(stays(to(6081).Geneve(9, 3).NextIs(0x0800, 0)));
  CHECK(stays(to(4790).Vxlan(7).Ethernet().Ipv4("10.0.0.1", "10.0.0.2").Udp(1, 2)));
  const PacketBuilder answer = Ethernet()
                                   .Ipv4("1.1.1.1", "2.2.2.2")
                                   .Udp(4789, 5000)
                                   .Vxlan(7)
                                   .Ethernet()
                                   .Ipv4("10.0.0.1", "10.0.0.2")
                                   .Udp(1, 2);
  CHECK(stays(answer));
}

TEST_CASE("of different tunnels in each other the outermost is shown", "[parser]") {
  const auto outer = [] {
    return Ethernet().Ipv6("fd01::1", "fd01::2").Ipv4("1.1.1.1", "2.2.2.2").Gre();
  };
  const Decoded whole = Decode(outer()
                                   .Ipv4("3.3.3.3", "4.4.4.4")
                                   .Udp(5000, 8472)
                                   .Vxlan(3)
                                   .Ethernet()
                                   .Ipv4("10.0.0.1", "10.0.0.2")
                                   .Udp(1, 2)
                                   .Build());
  CHECK(whole.tunnel.unnumbered == "4in6");
  CHECK(whole.tunnel.vni == 0);
  CHECK(whole.packet.ip.source == *IpAddress::Parse("10.0.0.1"));
  // A broken inner tunnel leaves what carries it.
  const Decoded broken =
      Decode(outer().Ipv4("3.3.3.3", "4.4.4.4").Udp(5000, 8472).Vxlan(3).Build());
  CHECK(broken.tunnel.unnumbered == "4in6");
  CHECK(broken.packet.ip.source == *IpAddress::Parse("3.3.3.3"));
  CHECK(broken.packet.l4.destination_port == 8472);
}

TEST_CASE("a tunnel shows its outer headers beside the inner packet", "[parser]") {
  const Decoded vxlan = Decode(Ethernet()
                                   .Ipv4("1.1.1.1", "2.2.2.2")
                                   .Udp(5000, 8472)
                                   .Vxlan(0xabcdef)
                                   .Ethernet()
                                   .Ipv6("fd00::1", "fd00::2")
                                   .Tcp(1, 2, kTcpSyn)
                                   .Build(),
                               NOTIFY_FLAG_VXLAN);
  CHECK(vxlan.tunnel.protocol == flow::Tunnel_Protocol_VXLAN);
  CHECK(vxlan.tunnel.vni == 0xabcdef);
  CHECK(vxlan.tunnel.ip.source == *IpAddress::Parse("1.1.1.1"));
  CHECK(vxlan.tunnel.l4.destination_port == 8472);
  CHECK(vxlan.packet.ip.source == *IpAddress::Parse("fd00::1"));
  CHECK(vxlan.packet.l4.protocol == L4Protocol::kTcp);

  const Decoded geneve = Decode(Ethernet()
                                    .Ipv6("fd00::1", "fd00::2")
                                    .Udp(5000, 6081)
                                    .Geneve(7, 3)
                                    .Ipv4("10.0.0.1", "10.0.0.2")
                                    .Udp(1, 2)
                                    .Build(),
                                NOTIFY_FLAG_GENEVE);
  CHECK(geneve.tunnel.protocol == flow::Tunnel_Protocol_GENEVE);
  CHECK(geneve.tunnel.vni == 7);
  CHECK_FALSE(geneve.packet.has_ethernet);
  CHECK(geneve.packet.l4.destination_port == 2);
}

TEST_CASE("a broken tunnel leaves the outer packet as the packet", "[parser]") {
  const PacketBuilder outer = Ethernet().Ipv4("1.1.1.1", "2.2.2.2").Udp(5000, 4789);
  const Decoded headless = Decode(outer.Build(), NOTIFY_FLAG_VXLAN);
  CHECK(headless.tunnel.protocol == flow::Tunnel_Protocol_UNKNOWN);
  CHECK(headless.packet.l4.destination_port == 4789);

  const Decoded tcp = Decode(Ethernet().Ipv4("1.1.1.1", "2.2.2.2").Tcp(1, 2, 0).Payload(20).Build(),
                             NOTIFY_FLAG_GENEVE);
  CHECK(tcp.packet.l4.protocol == L4Protocol::kTcp);

  PacketBuilder cut = outer;
  const Decoded inside = Decode(cut.Vxlan(5).Payload(10).Build(), NOTIFY_FLAG_VXLAN);
  CHECK_FALSE(inside.tunnel.present());
  CHECK(inside.packet.l4.destination_port == 4789);
}

TEST_CASE("a tunnel in a tunnel keeps the outermost number", "[parser]") {
  const Decoded nested = Decode(Ethernet()
                                    .Ipv4("1.1.1.1", "2.2.2.2")
                                    .Udp(5000, 4789)
                                    .Vxlan(1)
                                    .Ethernet()
                                    .Ipv4("3.3.3.3", "4.4.4.4")
                                    .Udp(5001, 4789)
                                    .Vxlan(2)
                                    .Ethernet()
                                    .Ipv4("10.0.0.1", "10.0.0.2")
                                    .IcmpV4(8, 0)
                                    .Build(),
                                NOTIFY_FLAG_VXLAN);
  CHECK(nested.tunnel.vni == 1);
  CHECK(nested.tunnel.ip.source == *IpAddress::Parse("1.1.1.1"));
  CHECK(nested.packet.ip.source == *IpAddress::Parse("10.0.0.1"));
  CHECK(nested.packet.l4.protocol == L4Protocol::kIcmpV4);
}

}  // namespace
}  // namespace alidade::testing
