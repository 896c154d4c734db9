// SPDX-License-Identifier: Apache-2.0
//
// The three steps from perf bytes to a stored flow, each testable alone: Decode, Enrich, Encode.
// No clock, no thread, no global state, no heap allocation in any of them.
#ifndef ALIDADE_PARSER_PARSER_H_
#define ALIDADE_PARSER_PARSER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "parser/endpoint.h"
#include "parser/flow_record.h"
#include "parser/raw_event.h"

namespace alidade {

// Why an event yields no flow. Each is counted by the caller; none is logged.
// The names are those of event-format section 9 where Cilium's parser has the case.
enum class DecodeError : uint8_t {
  kNone = 0,
  kEmptyData,       // no bytes at all
  kInvalidType,     // byte 0 is no kind that a perf ring carries
  kNotAFlow,        // a debug message: DecodeDebug reads it (parser/debug_record.h)
  kHeaderTooShort,  // shorter than the header of its kind, version or extension
  kUnknownVersion,
  kPacketDecode,   // origin Cilium: a malformed packet
  kOverlayDecode,  // likewise, inside a tunnel
  kEventSkipped,   // origin Cilium: a socket event of no known pod
  kBadTimestamp,   // an access-log record without a time
  kBadLine,        // a line of a recording that is no event
  kCount,
};

std::string_view DecodeErrorName(DecodeError error);

// Puts `record` back into its initial state, but for the uuid.
void ResetRecord(FlowRecord* record);

// Decodes one event into `record`, which is reset first. `uuid` and enrichment fields are left
// alone. Views in the record point into `event.bytes` or into static tables.
DecodeError Decode(const RawEvent& event, FlowRecord* record);

struct EnrichOptions {
  bool correlate_policies = true;       // name the rules behind a policy verdict
  uint32_t ip_tracing_option_type = 0;  // the IP option that carries trace ids on this node
};

// Fills endpoints, names, traffic direction and whatever else needs to know who owns an address.
// Afterwards the record also borrows from `resolver`.
void Enrich(const EndpointResolver& resolver, FlowRecord* record,
            const EnrichOptions& options = {});

// The part of Enrich that finds names and services, for a record that knows its endpoints and is
// looked up by these addresses.
void EnrichNames(const EndpointResolver& resolver, const IpAddress& source,
                 const IpAddress& destination, FlowRecord* record);

// Whether an enriched socket event belongs to no pod that the resolver knows. Cilium's parser skips
// these: they are of the host itself.
bool IsOfUnknownPod(const FlowRecord& record);

// Upper bound of what EncodeFlow writes for `record`, endpoints included.
size_t MaxEncodedFlowBytes(const FlowRecord& record);

// Writes `record` as a serialized flow.Flow to `out`, which has room for MaxEncodedFlowBytes, and
// returns the number of bytes. What is constant for the node (node_name, node_labels, emitter) is
// not written: it is spliced in when the flow is served.
size_t EncodeFlow(const FlowRecord& record, char* out);

}  // namespace alidade

#endif  // ALIDADE_PARSER_PARSER_H_
