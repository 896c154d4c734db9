// SPDX-License-Identifier: Apache-2.0
//
// FlowRecord to flow.Flow in wire format, by field number, as protobuf itself would write it. By
// hand because building and serializing a message object costs twenty times as much.
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/wrappers.pb.h>

#include "parser/drop_file.h"
#include "parser/encode_extension.h"
#include "parser/encode_packet.h"
#include "parser/hex.h"
#include "parser/l7/encode_l7.h"
#include "parser/parser.h"
#include "parser/summary.h"
#include "parser/wire_writer.h"

namespace alidade {
namespace {

using flow::Flow;

// More than all fields of fixed or bounded size take together, with the tags and lengths of those
// that MaxEncodedFlowBytes adds.
constexpr size_t kMaxBoundedBytes = 1536;

// Seconds and nanoseconds since the epoch; before it, nanoseconds still count forwards.
void EncodeTime(int64_t time_ns, WireWriter* out) {
  constexpr int64_t kNsPerSecond = 1'000'000'000;
  int64_t seconds = time_ns / kNsPerSecond;
  int64_t nanos = time_ns % kNsPerSecond;
  if (nanos < 0) {
    nanos += kNsPerSecond;
    --seconds;
  }
  using google::protobuf::Timestamp;
  WireWriter::Message<Flow::kTimeFieldNumber> time(out);
  out->Varint<Timestamp::kSecondsFieldNumber>(static_cast<uint64_t>(seconds));
  out->Varint<Timestamp::kNanosFieldNumber>(static_cast<uint64_t>(nanos));
}

void EncodePacket(const FlowRecord& record, WireWriter* out) {
  const PacketLayers& packet = record.packet;
  if (packet.has_ethernet) {
    WireWriter::Message<Flow::kEthernetFieldNumber> ethernet(out);
    EncodeEthernet(packet, out);
  }
  if (packet.ip.version() != IpVersion::kNone) {
    WireWriter::Message<Flow::kIPFieldNumber> ip(out);
    if (record.l7 != nullptr) {
      EncodeLoggedIp(*record.l7, packet.ip.version(), out);
    } else {
      EncodeIp(packet.ip, out);
    }
  }
  if (packet.l4.protocol != L4Protocol::kNone) {
    WireWriter::Message<Flow::kL4FieldNumber> l4(out);
    EncodeLayer4(packet.l4, out);
  }
}

template <uint32_t kField>
void EncodeSide(const Endpoint* endpoint, WireWriter* out) {
  out->Present<kField>(endpoint != nullptr ? std::string_view(endpoint->wire) : "");
}

void EncodeEventType(const FlowRecord& record, WireWriter* out) {
  WireWriter::Message<Flow::kEventTypeFieldNumber> event_type(out);
  out->Varint<flow::CiliumEventType::kTypeFieldNumber>(record.event_type);
  out->Varint<flow::CiliumEventType::kSubTypeFieldNumber>(record.event_sub_type);
}

void EncodeIsReply(Maybe is_reply, WireWriter* out) {
  if (is_reply == Maybe::kAbsent) return;
  WireWriter::Message<Flow::kIsReplyFieldNumber> value(out);
  out->Varint<google::protobuf::BoolValue::kValueFieldNumber>(is_reply == Maybe::kTrue);
}

void EncodeInterface(const FlowRecord& record, WireWriter* out) {
  if (record.interface_index == 0) return;
  WireWriter::Message<Flow::kInterfaceFieldNumber> interface(out);
  out->Varint<flow::NetworkInterface::kIndexFieldNumber>(record.interface_index);
  out->ForeignText<flow::NetworkInterface::kNameFieldNumber>(record.interface_name);
}

// The kernel's function stands for a source file, which the kernel does not tell.
void EncodeFile(const FlowRecord& record, WireWriter* out) {
  if (record.has_file) {
    DropFileBuffer buffer;
    WireWriter::Message<Flow::kFileFieldNumber> file(out);
    out->Text<flow::FileInfo::kNameFieldNumber>(DropFileName(record.file_id, &buffer));
    out->Varint<flow::FileInfo::kLineFieldNumber>(record.file_line);
  } else if (!record.extension.function.empty()) {
    WireWriter::Message<Flow::kFileFieldNumber> file(out);
    out->ForeignText<flow::FileInfo::kNameFieldNumber>(record.extension.function);
  }
}

void EncodeTraceId(const FlowRecord& record, WireWriter* out) {
  if (record.ip_trace_id == 0) return;
  WireWriter::Message<Flow::kIpTraceIdFieldNumber> message(out);
  out->Varint<flow::IPTraceID::kTraceIdFieldNumber>(record.ip_trace_id);
  out->Varint<flow::IPTraceID::kIpOptionTypeFieldNumber>(record.ip_option_type);
}

template <uint32_t kField>
void EncodeNames(std::span<const std::string> names, WireWriter* out) {
  for (const std::string& name : names) out->PresentForeign<kField>(name);
}

template <uint32_t kField>
void EncodeService(const Service* service, WireWriter* out) {
  if (service != nullptr) out->Present<kField>(service->wire);
}

void EncodeL7Record(const L7Layer* l7, WireWriter* out) {
  if (l7 == nullptr) return;
  WireWriter::Message<Flow::kL7FieldNumber> message(out);
  EncodeL7(*l7, out);
}

void EncodeTrace(const L7Layer* l7, WireWriter* out) {
  if (l7 == nullptr || l7->trace_id.empty()) return;
  WireWriter::Message<Flow::kTraceContextFieldNumber> context(out);
  EncodeTraceContext(*l7, out);
}

template <uint32_t kField>
void EncodePolicies(const PolicyRules& rules, WireWriter* out) {
  for (const std::string& policy : rules.policies) out->Present<kField>(policy);
}

// Direction and verdict say which list the rules stand in.
void EncodePolicyRules(const FlowRecord& record, WireWriter* out) {
  if (record.policy == nullptr) return;
  const PolicyRules& rules = *record.policy;
  const bool is_egress = record.traffic_direction == flow::EGRESS;
  if (record.verdict != flow::DROPPED) {
    is_egress ? EncodePolicies<Flow::kEgressAllowedByFieldNumber>(rules, out)
              : EncodePolicies<Flow::kIngressAllowedByFieldNumber>(rules, out);
  } else {
    is_egress ? EncodePolicies<Flow::kEgressDeniedByFieldNumber>(rules, out)
              : EncodePolicies<Flow::kIngressDeniedByFieldNumber>(rules, out);
  }
  EncodeNames<Flow::kPolicyLogFieldNumber>(rules.log, out);
}

size_t MaxBytesOf(std::span<const std::string> texts) {
  constexpr size_t kMaxFieldOverhead = 8;
  size_t size = 0;
  for (const std::string& text : texts) size += kMaxFieldOverhead + text.size();
  return size;
}

size_t MaxBytesOf(const Service* service) { return service != nullptr ? service->wire.size() : 0; }

// Fields 22 to 40: what the event kinds add to the packet.
void EncodeKindFields(const FlowRecord& record, WireWriter* out) {
  out->EnumValue<Flow::kTrafficDirectionFieldNumber>(record.traffic_direction);
  out->Varint<Flow::kPolicyMatchTypeFieldNumber>(record.policy_match_type);
  out->EnumValue<Flow::kTraceObservationPointFieldNumber>(record.observation_point);
  // Cast, because a reason with the top bit set (policy verdicts) is a negative enum number.
  out->EnumValue<Flow::kDropReasonDescFieldNumber>(static_cast<int32_t>(record.drop_reason));
  EncodeIsReply(record.is_reply, out);
  out->EnumValue<Flow::kDebugCapturePointFieldNumber>(record.debug_capture_point);
  EncodeInterface(record, out);
  out->Varint<Flow::kProxyPortFieldNumber>(record.proxy_port);
  EncodeTrace(record.l7, out);
  out->EnumValue<Flow::kSockXlatePointFieldNumber>(record.sock_xlate_point);
  out->Varint<Flow::kSocketCookieFieldNumber>(record.socket_cookie);
  out->Varint<Flow::kCgroupIdFieldNumber>(record.cgroup_id);
  out->PresentShort<Flow::kUuidFieldNumber>(
      [&record](char* text) { return PutUuid(record.uuid, text); });
  out->EnumValue<Flow::kAuthTypeFieldNumber>(record.auth_type);
  out->EnumValue<Flow::kTraceReasonFieldNumber>(record.trace_reason);
  EncodeFile(record, out);
  if (record.tunnel.present()) {
    WireWriter::Message<Flow::kTunnelFieldNumber> tunnel(out);
    EncodeTunnel(record.tunnel, out);
  }
  EncodeTraceId(record, out);
}

}  // namespace

size_t MaxEncodedFlowBytes(const FlowRecord& record) {
  const FlowExtension& extension = record.extension;
  size_t size = kMaxBoundedBytes + record.interface_name.size() + extension.comm.size() +
                extension.kernel_reason_name.size() + 2 * extension.function.size();
  if (extension.process != nullptr) size += extension.process->wire.size();
  if (record.source != nullptr) size += record.source->wire.size();
  if (record.destination != nullptr) size += record.destination->wire.size();
  size += MaxBytesOf(record.source_names) + MaxBytesOf(record.destination_names);
  size += MaxBytesOf(record.source_service) + MaxBytesOf(record.destination_service);
  if (record.policy != nullptr) {
    size += MaxBytesOf(record.policy->policies) + MaxBytesOf(record.policy->log);
  }
  if (record.l7 != nullptr) size += MaxEncodedL7Bytes(*record.l7);
  return size;
}

size_t EncodeFlow(const FlowRecord& record, char* out) {
  WireWriter writer(out);
  EncodeTime(record.time_ns, &writer);
  writer.EnumValue<Flow::kVerdictFieldNumber>(record.verdict);
  writer.Varint<Flow::kDropReasonFieldNumber>(record.drop_reason);
  EncodePacket(record, &writer);
  EncodeSide<Flow::kSourceFieldNumber>(record.source, &writer);
  EncodeSide<Flow::kDestinationFieldNumber>(record.destination, &writer);
  writer.EnumValue<Flow::kTypeFieldNumber>(record.type);
  EncodeNames<Flow::kSourceNamesFieldNumber>(record.source_names, &writer);
  EncodeNames<Flow::kDestinationNamesFieldNumber>(record.destination_names, &writer);
  EncodeL7Record(record.l7, &writer);
  writer.Varint<Flow::kReplyFieldNumber>(record.is_reply == Maybe::kTrue);
  EncodeEventType(record, &writer);
  EncodeService<Flow::kSourceServiceFieldNumber>(record.source_service, &writer);
  EncodeService<Flow::kDestinationServiceFieldNumber>(record.destination_service, &writer);
  EncodeKindFields(record, &writer);

  EncodePolicyRules(record, &writer);
  if (record.l7 != nullptr) {
    writer.ForeignText<Flow::kSummaryFieldNumber>(record.l7->summary);
  } else {
    SummaryBuffer buffer;
    writer.Text<Flow::kSummaryFieldNumber>(Summary(record.packet, &buffer));
  }
  if (HasExtension(record.extension)) {
    WireWriter::Message<Flow::kExtensionsFieldNumber> extensions(&writer);
    EncodeExtension(record.extension, &writer);
  }
  return static_cast<size_t>(writer.position() - out);
}

}  // namespace alidade
