// SPDX-License-Identifier: Apache-2.0
#include "parser/summary.h"

#include <array>

#include "parser/icmp_names.h"

namespace alidade {
namespace {

// The text for each of the 512 sets of TCP flags.
struct TcpText {
  uint8_t size = 0;
  std::array<char, 55> text{};

  constexpr void Append(std::string_view part) {
    for (const char c : part) text[size++] = c;
  }
};

struct NamedFlag {
  TcpFlag flag;
  std::string_view name;
};

constexpr NamedFlag kFlagsInOrder[] = {{kTcpSyn, "SYN"}, {kTcpAck, "ACK"}, {kTcpRst, "RST"},
                                       {kTcpFin, "FIN"}, {kTcpPsh, "PSH"}, {kTcpUrg, "URG"},
                                       {kTcpEce, "ECE"}, {kTcpCwr, "CWR"}, {kTcpNs, "NS"}};
constexpr size_t kFlagSets = size_t{2} * kTcpNs;

constexpr std::array<TcpText, kFlagSets> MakeTcpTexts() {
  std::array<TcpText, kFlagSets> texts;
  for (size_t flags = 0; flags < kFlagSets; ++flags) {
    TcpText& text = texts[flags];
    text.Append("TCP Flags: ");
    bool first = true;
    for (const NamedFlag& named : kFlagsInOrder) {
      if ((flags & named.flag) == 0) continue;
      if (!first) text.Append(", ");
      text.Append(named.name);
      first = false;
    }
  }
  return texts;
}

constexpr std::array<TcpText, kFlagSets> kTcpTexts = MakeTcpTexts();

std::string_view TcpSummary(const L4Layer& tcp) {
  if (!tcp.has_tcp_flags) return "TCP";
  const TcpText& text = kTcpTexts[tcp.tcp_flags % kFlagSets];
  return {text.text.data(), text.size};
}

std::string_view IcmpSummary(std::string_view protocol, const IcmpType* type, const L4Layer& icmp,
                             SummaryBuffer* buffer) {
  SummaryBuffer& text = *buffer;
  text.Clear();
  text.Put(protocol);
  if (type == nullptr) return text.Decimal(icmp.type).Put("(").Decimal(icmp.code).Put(")").view();
  text.Put(type->name);
  if (type->codes.empty() && icmp.code == 0) return text.view();
  if (icmp.code < type->codes.size()) {
    return text.Put("(").Put(type->codes[icmp.code]).Put(")").view();
  }
  return text.Put("(Code: ").Decimal(icmp.code).Put(")").view();
}

std::string_view IgmpSummary(uint8_t type) {
  switch (type) {
    case 0x11:
      return "IGMP IGMP Membership Query";
    case 0x12:
      return "IGMP IGMPv1 Membership Report";
    case 0x16:
      return "IGMP IGMPv2 Membership Report";
    case 0x17:
      return "IGMP Leave Group";
    case 0x22:
      return "IGMP IGMPv3 Membership Report";
    default:
      return "IGMP ";
  }
}

std::string_view L4Summary(const L4Layer& l4, SummaryBuffer* buffer) {
  switch (l4.protocol) {
    case L4Protocol::kTcp:
      return TcpSummary(l4);
    case L4Protocol::kUdp:
      return "UDP";
    case L4Protocol::kIcmpV4:
      return IcmpSummary("ICMPv4 ", FindIcmpV4Type(l4.type), l4, buffer);
    case L4Protocol::kIcmpV6:
      return IcmpSummary("ICMPv6 ", FindIcmpV6Type(l4.type), l4, buffer);
    case L4Protocol::kSctp:
      return "SCTP";
    case L4Protocol::kVrrp:
      return l4.type == 1 ? "VRRP VRRPv2 Advertisement" : "VRRP ";
    case L4Protocol::kIgmp:
      return IgmpSummary(l4.type);
    case L4Protocol::kNone:
      break;
  }
  return "";
}

}  // namespace

std::string_view Summary(const PacketLayers& packet, SummaryBuffer* buffer) {
  switch (packet.last) {
    case LastLayer::kNone:
      break;
    case LastLayer::kEthernet:
      return "Ethernet";
    case LastLayer::kArp:
      return "ARP";
    case LastLayer::kIpV4:
      return "IPv4";
    case LastLayer::kIpV6:
      return "IPv6";
    case LastLayer::kL4:
      return L4Summary(packet.l4, buffer);
    case LastLayer::kVxlan:
      return "VXLAN";
    case LastLayer::kGeneve:
      return "Geneve";
    case LastLayer::kSockUnknown:
      return "Unknown";
  }
  return "";
}

}  // namespace alidade
