// SPDX-License-Identifier: Apache-2.0
//
// The fields that an L7 record adds to a flow, in wire format.
#ifndef ALIDADE_PARSER_L7_ENCODE_L7_H_
#define ALIDADE_PARSER_L7_ENCODE_L7_H_

#include <cstddef>

#include "parser/ip_address.h"
#include "parser/l7/l7_layer.h"
#include "parser/wire_writer.h"

namespace alidade {

// Upper bound of what all functions below write for `l7`, with its texts.
size_t MaxEncodedL7Bytes(const L7Layer& l7);

// Write the fields of flow.IP, with the addresses as they were logged, of flow.Layer7 and of
// flow.TraceContext.
void EncodeLoggedIp(const L7Layer& l7, IpVersion version, WireWriter* out);
void EncodeL7(const L7Layer& l7, WireWriter* out);
void EncodeTraceContext(const L7Layer& l7, WireWriter* out);

}  // namespace alidade

#endif  // ALIDADE_PARSER_L7_ENCODE_L7_H_
