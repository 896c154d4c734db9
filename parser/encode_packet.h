// SPDX-License-Identifier: Apache-2.0
//
// The packet layers of a flow in wire format, one function for each message.
#ifndef ALIDADE_PARSER_ENCODE_PACKET_H_
#define ALIDADE_PARSER_ENCODE_PACKET_H_

#include "parser/flow_record.h"
#include "parser/wire_writer.h"

namespace alidade {

// Each writes the fields of its message, without tag and length.
void EncodeEthernet(const PacketLayers& packet, WireWriter* out);
void EncodeIp(const IpLayer& ip, WireWriter* out);
void EncodeLayer4(const L4Layer& l4, WireWriter* out);  // l4.protocol is not kNone
void EncodeTunnel(const TunnelLayer& tunnel, WireWriter* out);

}  // namespace alidade

#endif  // ALIDADE_PARSER_ENCODE_PACKET_H_
