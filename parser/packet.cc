// SPDX-License-Identifier: Apache-2.0
#include "parser/packet.h"

#include <optional>

#include "bpf/events.h"
#include "parser/headers/headers.h"

namespace alidade {
namespace {

// The packet itself tells its IP version better than the flag, but Cilium goes by the flag alone.
NextHeader FirstHeader(const PacketRules& rules, uint8_t flags, std::byte first) {
  if ((flags & NOTIFY_FLAG_L3_DEVICE) == 0) return NextHeader::kEthernet;
  const bool is_ipv6 =
      rules.strict ? (flags & NOTIFY_FLAG_IPV6) != 0 : static_cast<uint8_t>(first) >> 4 == 6;
  return is_ipv6 ? NextHeader::kIpV6 : NextHeader::kIpV4;
}

// The headers `outer` as the tunnel of the kind that begins with `header`.
TunnelLayer TunnelOf(NextHeader header, const PacketLayers& outer) {
  TunnelLayer tunnel;
  tunnel.ip = outer.ip;
  tunnel.l4 = outer.l4;
  const bool is_in_ipv4 = outer.ip.version() == IpVersion::kV4;
  switch (header) {
    case NextHeader::kVxlan:
      tunnel.protocol = flow::Tunnel_Protocol_VXLAN;
      break;
    case NextHeader::kGeneve:
      tunnel.protocol = flow::Tunnel_Protocol_GENEVE;
      break;
    case NextHeader::kIpV4:
      tunnel.unnumbered = is_in_ipv4 ? "4in4" : "4in6";
      break;
    case NextHeader::kIpV6:
      tunnel.unnumbered = is_in_ipv4 ? "6in4" : "6in6";
      break;
    default:
      tunnel.unnumbered = "GRE";
      break;
  }
  return tunnel;
}

// Walks from header to header. Each reader consumes at least one byte, so that it ends.
class HeaderWalk {
 public:
  HeaderWalk(const PacketRules& rules, Cursor cursor, PacketLayers* layers)
      : rules_(rules), cursor_(cursor), layers_(layers) {}

  // Returns false when a header is malformed.
  bool From(NextHeader header) {
    while (header != NextHeader::kStop && !cursor_.empty()) {
      header = Read(header);
      if (header == NextHeader::kMalformed) return false;
    }
    return true;
  }

  // Reads the header of `tunnel` and what is inside as Cilium does, where a tunnel in the tunnel is
  // followed too. Returns false when any header is malformed.
  bool InsideTunnel(NextHeader tunnel) {
    NextHeader header = ReadTunnel(tunnel, &vni_);
    if (header == NextHeader::kMalformed) return false;
    const NextHeader outermost = tunnel;
    while (From(header)) {
      const bool is_udp = layers_->l4.protocol == L4Protocol::kUdp;
      if (!is_udp || layers_->last != LastLayer::kL4 || cursor_.empty()) return true;
      tunnel = NextByUdpPort(layers_->l4);
      if (tunnel == NextHeader::kStop) return true;
      uint32_t vni = 0;
      header = ReadTunnel(tunnel, &vni);
      if (header == NextHeader::kMalformed) return false;
      layers_->last = tunnel == NextHeader::kVxlan ? LastLayer::kVxlan : LastLayer::kGeneve;
      // Cilium shows the outermost tunnel with the number of the innermost of its kind.
      if (tunnel == outermost) vni_ = vni;
    }
    return false;
  }

  // As From, and into every tunnel on the way: what is inside the innermost becomes the layers, the
  // headers before the outermost become `tunnel`. A tunnel in which there is neither IP nor ARP
  // stays the packet that it is. `overlay` names the tunnel in the first datagram, else its port.
  void Through(NextHeader header, NextHeader overlay, TunnelLayer* tunnel) {
    std::optional<PacketLayers> carrier;  // the headers before the tunnel that was entered last
    int depth = 0;
    while (header != NextHeader::kStop && header != NextHeader::kMalformed && !cursor_.empty()) {
      if (IsTunnel(header)) {
        carrier = *layers_;
        *layers_ = {};
        if (++depth == 1) *tunnel = TunnelOf(header, *carrier);
        header = Enter(header, depth == 1 ? &tunnel->vni : &vni_);
        continue;
      }
      const bool is_datagram = header == NextHeader::kUdp;
      header = Read(header);
      if (!is_datagram || header != NextHeader::kStop) continue;
      const bool is_named = depth == 0 && overlay != NextHeader::kStop;
      header = is_named ? overlay : TunnelByUdpPort(layers_->l4);
    }
    const bool is_found =
        layers_->ip.version() != IpVersion::kNone || layers_->last == LastLayer::kArp;
    if (is_found || !carrier) return;
    *layers_ = *carrier;
    if (depth == 1) *tunnel = {};
  }

  const Cursor& cursor() const { return cursor_; }
  uint32_t vni() const { return vni_; }

 private:
  bool IsTunnel(NextHeader header) const {
    const bool is_ip = header == NextHeader::kIpV4 || header == NextHeader::kIpV6;
    return (is_ip && layers_->ip.version() != IpVersion::kNone) || header == NextHeader::kGre ||
           header == NextHeader::kVxlan || header == NextHeader::kGeneve;
  }

  // Reads the tunnel's own header, where it has one; returns what is inside.
  NextHeader Enter(NextHeader tunnel, uint32_t* vni) {
    if (tunnel == NextHeader::kGre) return ReadGre(rules_, &cursor_);
    const bool is_ip = tunnel == NextHeader::kIpV4 || tunnel == NextHeader::kIpV6;
    return is_ip ? tunnel : ReadTunnel(tunnel, vni);
  }

  NextHeader ReadTunnel(NextHeader tunnel, uint32_t* vni) {
    return tunnel == NextHeader::kVxlan ? ReadVxlan(rules_, &cursor_, vni)
                                        : ReadGeneve(rules_, &cursor_, vni);
  }

  NextHeader Read(NextHeader header) {
    switch (header) {
      case NextHeader::kEthernet:
        return ReadEthernet(rules_, &cursor_, layers_);
      case NextHeader::kIpV4:
        return ReadIpV4(rules_, &cursor_, layers_);
      case NextHeader::kIpV6:
        return ReadIpV6(rules_, &cursor_, layers_);
      case NextHeader::kTcp:
        return ReadTcp(rules_, &cursor_, layers_);
      case NextHeader::kUdp:
        return ReadUdp(rules_, &cursor_, layers_);
      case NextHeader::kIcmpV4:
        return ReadIcmpV4(&cursor_, layers_);
      case NextHeader::kIcmpV6:
        return ReadIcmpV6(&cursor_, layers_);
      case NextHeader::kSctp:
        return ReadSctp(&cursor_, layers_);
      case NextHeader::kVrrp:
        return ReadVrrp(rules_, &cursor_, layers_);
      case NextHeader::kIgmp:
        return ReadIgmp(rules_, &cursor_, layers_);
      case NextHeader::kVxlan:
      case NextHeader::kGeneve:
      case NextHeader::kGre:
      case NextHeader::kStop:
      case NextHeader::kMalformed:
        break;
    }
    return NextHeader::kStop;
  }

  const PacketRules& rules_;
  Cursor cursor_;
  PacketLayers* layers_;
  uint32_t vni_ = 0;
};

NextHeader OverlayOf(uint8_t flags) {
  if ((flags & NOTIFY_FLAG_VXLAN) != 0) return NextHeader::kVxlan;
  if ((flags & NOTIFY_FLAG_GENEVE) != 0) return NextHeader::kGeneve;
  return NextHeader::kStop;
}

// Reads the tunnel header in `udp_payload` and what is inside it. On success `packet`, so far the
// outer headers, becomes the inner ones.
bool OpenTunnel(const PacketRules& rules, NextHeader overlay, const Cursor& udp_payload,
                PacketLayers* packet, TunnelLayer* tunnel) {
  PacketLayers inner;
  HeaderWalk walk(rules, udp_payload, &inner);
  if (!walk.InsideTunnel(overlay)) return false;
  *tunnel = TunnelOf(overlay, *packet);
  tunnel->vni = walk.vni();
  *packet = inner;
  return true;
}

}  // namespace

DecodeError DecodePacket(std::span<const std::byte> bytes, uint8_t flags, Origin origin,
                         PacketLayers* packet, TunnelLayer* tunnel) {
  if (bytes.empty()) return DecodeError::kNone;
  const PacketRules& rules = RulesOf(origin);
  HeaderWalk walk(rules, Cursor(bytes), packet);
  const NextHeader first = FirstHeader(rules, flags, bytes.front());
  const NextHeader overlay = OverlayOf(flags);
  if (rules.tunnels) {
    walk.Through(first, overlay, tunnel);
    return DecodeError::kNone;
  }
  if (!walk.From(first)) return DecodeError::kPacketDecode;
  if (overlay == NextHeader::kStop) return DecodeError::kNone;
  const bool is_udp = packet->l4.protocol == L4Protocol::kUdp;
  const Cursor udp_payload = is_udp ? walk.cursor() : Cursor();
  const bool is_open = OpenTunnel(rules, overlay, udp_payload, packet, tunnel);
  return is_open ? DecodeError::kNone : DecodeError::kOverlayDecode;
}

}  // namespace alidade
