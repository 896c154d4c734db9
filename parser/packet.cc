// SPDX-License-Identifier: Apache-2.0
#include "parser/packet.h"

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

  // Reads the header of `tunnel` and what is inside, where a tunnel in the tunnel is followed too.
  // Returns false when the tunnel's own header is malformed and, by the strict rules, when any is.
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
      if (header == NextHeader::kMalformed) break;
      layers_->last = tunnel == NextHeader::kVxlan ? LastLayer::kVxlan : LastLayer::kGeneve;
      // Cilium shows the outermost tunnel with the number of the innermost of its kind.
      if (rules_.strict && tunnel == outermost) vni_ = vni;
    }
    return !rules_.strict;
  }

  const Cursor& cursor() const { return cursor_; }
  uint32_t vni() const { return vni_; }

 private:
  NextHeader ReadTunnel(NextHeader tunnel, uint32_t* vni) {
    return tunnel == NextHeader::kVxlan ? ReadVxlan(&cursor_, vni)
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

flow::Tunnel_Protocol OverlayOf(uint8_t flags) {
  if ((flags & NOTIFY_FLAG_VXLAN) != 0) return flow::Tunnel_Protocol_VXLAN;
  if ((flags & NOTIFY_FLAG_GENEVE) != 0) return flow::Tunnel_Protocol_GENEVE;
  return flow::Tunnel_Protocol_UNKNOWN;
}

// Reads the tunnel header in `udp_payload` and what is inside it. On success `packet`, so far the
// outer headers, becomes the inner ones.
bool OpenTunnel(const PacketRules& rules, flow::Tunnel_Protocol protocol, const Cursor& udp_payload,
                PacketLayers* packet, TunnelLayer* tunnel) {
  PacketLayers inner;
  HeaderWalk walk(rules, udp_payload, &inner);
  const bool is_vxlan = protocol == flow::Tunnel_Protocol_VXLAN;
  if (!walk.InsideTunnel(is_vxlan ? NextHeader::kVxlan : NextHeader::kGeneve)) return false;

  tunnel->protocol = protocol;
  tunnel->ip = packet->ip;
  tunnel->l4 = packet->l4;
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
  if (!walk.From(FirstHeader(rules, flags, bytes.front()))) {
    return rules.strict ? DecodeError::kPacketDecode : DecodeError::kNone;
  }

  const flow::Tunnel_Protocol overlay = OverlayOf(flags);
  if (overlay == flow::Tunnel_Protocol_UNKNOWN) return DecodeError::kNone;
  const bool is_udp = packet->l4.protocol == L4Protocol::kUdp;
  const Cursor udp_payload = is_udp ? walk.cursor() : Cursor();
  if (!OpenTunnel(rules, overlay, udp_payload, packet, tunnel) && rules.strict) {
    return DecodeError::kOverlayDecode;
  }
  return DecodeError::kNone;
}

}  // namespace alidade
