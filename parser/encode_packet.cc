// SPDX-License-Identifier: Apache-2.0
#include "parser/encode_packet.h"

#include "parser/hex.h"

namespace alidade {
namespace {

template <uint32_t kField>
void EncodeMac(const MacAddress& mac, WireWriter* out) {
  out->PresentShort<kField>([&mac](char* text) {
    char* end = text;
    for (const uint8_t byte : mac) {
      if (end != text) *end++ = ':';
      end = PutHex(byte, end);
    }
    return static_cast<size_t>(end - text);
  });
}

template <uint32_t kField>
void EncodeAddress(const IpAddress& address, WireWriter* out) {
  if (!address.valid()) return;
  out->PresentShort<kField>([&address](char* text) { return address.Format(text); });
}

// Message: flow.TCP, flow.UDP or flow.SCTP.
template <typename Message>
void EncodePorts(const L4Layer& l4, WireWriter* out) {
  out->Varint<Message::kSourcePortFieldNumber>(l4.source_port);
  out->Varint<Message::kDestinationPortFieldNumber>(l4.destination_port);
}

void EncodeTcpFlags(uint16_t flags, WireWriter* out) {
  using flow::TCPFlags;
  out->Varint<TCPFlags::kFINFieldNumber>((flags & kTcpFin) != 0);
  out->Varint<TCPFlags::kSYNFieldNumber>((flags & kTcpSyn) != 0);
  out->Varint<TCPFlags::kRSTFieldNumber>((flags & kTcpRst) != 0);
  out->Varint<TCPFlags::kPSHFieldNumber>((flags & kTcpPsh) != 0);
  out->Varint<TCPFlags::kACKFieldNumber>((flags & kTcpAck) != 0);
  out->Varint<TCPFlags::kURGFieldNumber>((flags & kTcpUrg) != 0);
  out->Varint<TCPFlags::kECEFieldNumber>((flags & kTcpEce) != 0);
  out->Varint<TCPFlags::kCWRFieldNumber>((flags & kTcpCwr) != 0);
  out->Varint<TCPFlags::kNSFieldNumber>((flags & kTcpNs) != 0);
}

// Message: flow.ICMPv4 or flow.ICMPv6.
template <typename Message>
void EncodeIcmp(const L4Layer& l4, WireWriter* out) {
  out->Varint<Message::kTypeFieldNumber>(l4.type);
  out->Varint<Message::kCodeFieldNumber>(l4.code);
}

void EncodeTcp(const L4Layer& l4, WireWriter* out) {
  WireWriter::Message<flow::Layer4::kTCPFieldNumber> tcp(out);
  EncodePorts<flow::TCP>(l4, out);
  if (!l4.has_tcp_flags) return;
  WireWriter::Message<flow::TCP::kFlagsFieldNumber> flags(out);
  EncodeTcpFlags(l4.tcp_flags, out);
}

void EncodeVrrp(const L4Layer& l4, WireWriter* out) {
  WireWriter::Message<flow::Layer4::kVRRPFieldNumber> vrrp(out);
  out->Varint<flow::VRRP::kTypeFieldNumber>(l4.type);
  out->Varint<flow::VRRP::kVridFieldNumber>(l4.vrid);
  out->Varint<flow::VRRP::kPriorityFieldNumber>(l4.priority);
}

void EncodeIgmp(const L4Layer& l4, WireWriter* out) {
  WireWriter::Message<flow::Layer4::kIGMPFieldNumber> igmp(out);
  out->Varint<flow::IGMP::kTypeFieldNumber>(l4.type);
  EncodeAddress<flow::IGMP::kGroupAddressFieldNumber>(l4.group, out);
}

}  // namespace

void EncodeEthernet(const PacketLayers& packet, WireWriter* out) {
  EncodeMac<flow::Ethernet::kSourceFieldNumber>(packet.source_mac, out);
  EncodeMac<flow::Ethernet::kDestinationFieldNumber>(packet.destination_mac, out);
}

void EncodeIp(const IpLayer& ip, WireWriter* out) {
  EncodeAddress<flow::IP::kSourceFieldNumber>(ip.source, out);
  EncodeAddress<flow::IP::kDestinationFieldNumber>(ip.destination, out);
  out->Varint<flow::IP::kIpVersionFieldNumber>(static_cast<uint8_t>(ip.version()));
  out->Varint<flow::IP::kEncryptedFieldNumber>(ip.encrypted);
  EncodeAddress<flow::IP::kSourceXlatedFieldNumber>(ip.source_xlated, out);
}

void EncodeLayer4(const L4Layer& l4, WireWriter* out) {
  switch (l4.protocol) {
    case L4Protocol::kTcp:
      EncodeTcp(l4, out);
      break;
    case L4Protocol::kUdp: {
      WireWriter::Message<flow::Layer4::kUDPFieldNumber> udp(out);
      EncodePorts<flow::UDP>(l4, out);
      break;
    }
    case L4Protocol::kIcmpV4: {
      WireWriter::Message<flow::Layer4::kICMPv4FieldNumber> icmp(out);
      EncodeIcmp<flow::ICMPv4>(l4, out);
      break;
    }
    case L4Protocol::kIcmpV6: {
      WireWriter::Message<flow::Layer4::kICMPv6FieldNumber> icmp(out);
      EncodeIcmp<flow::ICMPv6>(l4, out);
      break;
    }
    case L4Protocol::kSctp: {
      WireWriter::Message<flow::Layer4::kSCTPFieldNumber> sctp(out);
      EncodePorts<flow::SCTP>(l4, out);
      break;
    }
    case L4Protocol::kVrrp:
      EncodeVrrp(l4, out);
      break;
    case L4Protocol::kIgmp:
      EncodeIgmp(l4, out);
      break;
    case L4Protocol::kNone:
      break;
  }
}

void EncodeTunnel(const TunnelLayer& tunnel, WireWriter* out) {
  out->EnumValue<flow::Tunnel::kProtocolFieldNumber>(tunnel.protocol);
  if (tunnel.ip.version() != IpVersion::kNone) {
    WireWriter::Message<flow::Tunnel::kIPFieldNumber> ip(out);
    EncodeIp(tunnel.ip, out);
  }
  if (tunnel.l4.protocol != L4Protocol::kNone) {
    WireWriter::Message<flow::Tunnel::kL4FieldNumber> l4(out);
    EncodeLayer4(tunnel.l4, out);
  }
  out->Varint<flow::Tunnel::kVniFieldNumber>(tunnel.vni);
}

}  // namespace alidade
