// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>

#include "parser/headers/headers.h"

namespace alidade {

NextHeader NextByEthertype(const PacketRules& rules, uint16_t ethertype) {
  switch (ethertype) {
    case 0x0800:
      return NextHeader::kIpV4;
    case 0x86dd:
      return NextHeader::kIpV6;
    case 0x6558:  // transparent Ethernet bridging
      return NextHeader::kEthernet;
    case 0xffff:  // reserved; Cilium's decoder takes it for IPv4
      return rules.strict ? NextHeader::kIpV4 : NextHeader::kStop;
    default:
      return NextHeader::kStop;
  }
}

NextHeader NextByProtocol(uint8_t protocol) {
  switch (protocol) {
    case 1:
      return NextHeader::kIcmpV4;
    case 2:
      return NextHeader::kIgmp;
    case 4:   // IP in IP
    case 94:  // IP within IP
      return NextHeader::kIpV4;
    case 6:
      return NextHeader::kTcp;
    case 17:
      return NextHeader::kUdp;
    case 41:
      return NextHeader::kIpV6;
    case 47:
      return NextHeader::kGre;
    case 58:
      return NextHeader::kIcmpV6;
    case 112:
      return NextHeader::kVrrp;
    case 132:
      return NextHeader::kSctp;
    default:
      return NextHeader::kStop;
  }
}

NextHeader TunnelByUdpPort(const L4Layer& udp) {
  switch (udp.destination_port) {
    case 4789:
    case 8472:  // Linux's default, older than the assignment
      return NextHeader::kVxlan;
    case 6081:
      return NextHeader::kGeneve;
    default:
      return NextHeader::kStop;
  }
}

NextHeader NextByUdpPort(const L4Layer& udp) {
  // Ports of which Cilium's decoder knows another protocol. It asks the source port only when the
  // destination port tells it nothing.
  constexpr uint16_t kOthers[] = {53,   67,   68,   123,  546,  547,  623,  666,  1000,
                                  1812, 2123, 2152, 2222, 3784, 5060, 6343, 44818};
  for (const uint16_t port : {udp.destination_port, udp.source_port}) {
    if (port == 4789) return NextHeader::kVxlan;
    if (port == 6081) return NextHeader::kGeneve;
    if (std::find(std::begin(kOthers), std::end(kOthers), port) != std::end(kOthers)) break;
  }
  return NextHeader::kStop;
}

}  // namespace alidade
