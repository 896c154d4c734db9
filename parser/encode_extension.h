// SPDX-License-Identifier: Apache-2.0
//
// Flow.extensions: what we know and the Hubble API has no field for, as a google.protobuf.Struct,
// which every client can print.
//
// Keys: `drop_reason`, `drop_function` (the kernel's own names), `netfilter_hook` (as nft names
// it), `packets` and `bytes` (of the connection since its last report), `tunnel_protocol` (where
// Tunnel.protocol has no number for it: GRE, 4in4, 6in4, 4in6, 6in6), `vlan` (id of the outermost
// tag); of the process that owns the socket `pid`, `command`, `executable` (path as it sees it),
// `cgroup` (path from the root of cgroup v2) and `container_id`.
#ifndef ALIDADE_PARSER_ENCODE_EXTENSION_H_
#define ALIDADE_PARSER_ENCODE_EXTENSION_H_

#include "parser/flow_record.h"
#include "parser/wire_writer.h"

namespace alidade {

bool HasExtension(const FlowExtension& extension);

// Writes the fields of the google.protobuf.Any.
void EncodeExtension(const FlowExtension& extension, WireWriter* out);

}  // namespace alidade

#endif  // ALIDADE_PARSER_ENCODE_EXTENSION_H_
