// SPDX-License-Identifier: Apache-2.0
#include "parser/l7/encode_l7.h"

#include "parser/l7/protocols.h"

namespace alidade {
namespace {

using flow::Layer7;

size_t MaxBytes(std::monostate) { return 0; }
size_t MaxBytes(const DnsLayer& dns) { return MaxEncodedBytes(dns); }
size_t MaxBytes(const HttpLayer& http) { return MaxEncodedBytes(http); }
size_t MaxBytes(const KafkaLayer& kafka) { return MaxEncodedBytes(kafka); }

// Each record stands in its own member of the oneof.
struct RecordEncoder {
  WireWriter* out;

  void operator()(std::monostate) const {}
  void operator()(const DnsLayer& dns) const {
    WireWriter::Message<Layer7::kDnsFieldNumber> message(out);
    Encode(dns, out);
  }
  void operator()(const HttpLayer& http) const {
    WireWriter::Message<Layer7::kHttpFieldNumber> message(out);
    Encode(http, out);
  }
  void operator()(const KafkaLayer& kafka) const {
    WireWriter::Message<Layer7::kKafkaFieldNumber> message(out);
    Encode(kafka, out);
  }
};

}  // namespace

size_t MaxEncodedL7Bytes(const L7Layer& l7) {
  constexpr size_t kMaxBoundedBytes = 128;
  return kMaxBoundedBytes + l7.trace_id.size() + l7.source_ip.size() + l7.destination_ip.size() +
         l7.summary.size() +
         std::visit([](const auto& record) { return MaxBytes(record); }, l7.record);
}

void EncodeLoggedIp(const L7Layer& l7, IpVersion version, WireWriter* out) {
  out->ForeignText<flow::IP::kSourceFieldNumber>(l7.source_ip);
  out->ForeignText<flow::IP::kDestinationFieldNumber>(l7.destination_ip);
  out->Varint<flow::IP::kIpVersionFieldNumber>(static_cast<uint8_t>(version));
}

void EncodeL7(const L7Layer& l7, WireWriter* out) {
  out->EnumValue<Layer7::kTypeFieldNumber>(l7.type);
  out->Varint<Layer7::kLatencyNsFieldNumber>(l7.latency_ns);
  std::visit(RecordEncoder{out}, l7.record);
}

void EncodeTraceContext(const L7Layer& l7, WireWriter* out) {
  WireWriter::Message<flow::TraceContext::kParentFieldNumber> parent(out);
  out->ForeignText<flow::TraceParent::kTraceIdFieldNumber>(l7.trace_id);
}

}  // namespace alidade
