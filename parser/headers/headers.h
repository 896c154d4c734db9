// SPDX-License-Identifier: Apache-2.0
//
// One reader for each protocol header, and the tables that say which header follows which.
//
// A reader looks at the header at the front of `cursor`. When it is well-formed, the reader writes
// what a flow shows of it to `layers`, moves the cursor to the payload and returns what that is.
// When it is not, the reader returns kMalformed and changes nothing.
#ifndef ALIDADE_PARSER_HEADERS_HEADERS_H_
#define ALIDADE_PARSER_HEADERS_HEADERS_H_

#include <cstdint>

#include "parser/cursor.h"
#include "parser/flow_record.h"
#include "parser/packet_rules.h"

namespace alidade {

enum class NextHeader : uint8_t {
  kStop,  // nothing that we read follows
  kMalformed,
  kEthernet,
  kIpV4,
  kIpV6,
  kTcp,
  kUdp,
  kIcmpV4,
  kIcmpV6,
  kSctp,
  kVrrp,
  kIgmp,
  kVxlan,
  kGeneve,
  kGre,
};

// IP protocol numbers (IANA) that more than one file needs.
enum IpProtocol : uint8_t {
  kProtocolHopByHop = 0,
  kProtocolAh = 51,
};

NextHeader NextByEthertype(const PacketRules& rules, uint16_t ethertype);
NextHeader NextByProtocol(uint8_t protocol);
// The tunnel that the port to which a datagram goes stands for; kStop when for none.
NextHeader TunnelByUdpPort(const L4Layer& udp);
// Likewise as Cilium's decoder recognises a tunnel inside a tunnel: by either port, IANA's only.
NextHeader NextByUdpPort(const L4Layer& udp);

// IEEE 802.3, with VLAN tags (802.1Q, 802.1ad) where the rules follow them.
NextHeader ReadEthernet(const PacketRules& rules, Cursor* cursor, PacketLayers* layers);
NextHeader ReadIpV4(const PacketRules& rules, Cursor* cursor, PacketLayers* layers);  // RFC 791
NextHeader ReadIpV6(const PacketRules& rules, Cursor* cursor, PacketLayers* layers);  // RFC 8200

// Moves `cursor` behind the IPv6 extension headers (and AH, RFC 4302) that start with `protocol`
// and returns what the header behind them is; kStop for a fragment other than the first and for a
// chain that is cut off.
NextHeader NextBehindExtensions(uint8_t protocol, Cursor* cursor);

NextHeader ReadTcp(const PacketRules& rules, Cursor* cursor, PacketLayers* layers);   // RFC 9293
NextHeader ReadUdp(const PacketRules& rules, Cursor* cursor, PacketLayers* layers);   // RFC 768
NextHeader ReadSctp(Cursor* cursor, PacketLayers* layers);                            // RFC 9260
NextHeader ReadIcmpV4(Cursor* cursor, PacketLayers* layers);                          // RFC 792
NextHeader ReadIcmpV6(Cursor* cursor, PacketLayers* layers);                          // RFC 4443
NextHeader ReadVrrp(const PacketRules& rules, Cursor* cursor, PacketLayers* layers);  // RFC 3768
NextHeader ReadIgmp(const PacketRules& rules, Cursor* cursor, PacketLayers* layers);  // RFC 3376

// Tunnel headers write only the network identifier.
NextHeader ReadVxlan(const PacketRules& rules, Cursor* cursor, uint32_t* vni);   // RFC 7348
NextHeader ReadGeneve(const PacketRules& rules, Cursor* cursor, uint32_t* vni);  // RFC 8926
NextHeader ReadGre(const PacketRules& rules, Cursor* cursor);                    // RFC 2784, 2890

// The option list of a TCP header, judged as Cilium's decoder does: lengths, and for Multipath TCP
// (RFC 8684) the length that each subtype allows.
bool IsValidTcpOptions(Cursor options);

}  // namespace alidade

#endif  // ALIDADE_PARSER_HEADERS_HEADERS_H_
