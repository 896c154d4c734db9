// SPDX-License-Identifier: Apache-2.0
//
// The application protocols that flows show, one file each: what of the log goes into the layer,
// the one-line summary, and the wire format. `type` is that of the record: a request has fewer
// fields than a response or a sample.
// Source: event-format section 7.
#ifndef ALIDADE_PARSER_L7_PROTOCOLS_H_
#define ALIDADE_PARSER_L7_PROTOCOLS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "parser/l7/access_log.h"
#include "parser/l7/l7_layer.h"
#include "parser/l7/redaction.h"
#include "parser/wire_writer.h"

namespace alidade {

HttpLayer DecodeHttp(const HttpLog& log, flow::L7FlowType type, const Redaction& redaction);
std::string HttpSummary(const HttpLog& log, flow::L7FlowType type, uint64_t latency_ns,
                        const Redaction& redaction);
size_t MaxEncodedBytes(const HttpLayer& http);
void Encode(const HttpLayer& http, WireWriter* out);
// The first value of the header with exactly this key; empty when there is none.
std::string_view FirstHeader(const HttpLog& log, const std::string& key);

DnsLayer DecodeDns(const DnsLog& log, flow::L7FlowType type);
std::string DnsSummary(const DnsLog& log, flow::L7FlowType type);
size_t MaxEncodedBytes(const DnsLayer& dns);
void Encode(const DnsLayer& dns, WireWriter* out);

KafkaLayer DecodeKafka(const KafkaLog& log, flow::L7FlowType type, const Redaction& redaction);
std::string KafkaSummary(const KafkaLayer& kafka, flow::L7FlowType type);
size_t MaxEncodedBytes(const KafkaLayer& kafka);
void Encode(const KafkaLayer& kafka, WireWriter* out);

// A generic record has a summary and nothing else.
std::string GenericSummary(const GenericLog& log);

}  // namespace alidade

#endif  // ALIDADE_PARSER_L7_PROTOCOLS_H_
