// SPDX-License-Identifier: Apache-2.0
#include "parser/l7/l7_parser.h"

#include <algorithm>

#include "parser/l7/protocols.h"
#include "parser/l7/trace_parent.h"
#include "parser/labels.h"

namespace alidade {
namespace {

constexpr uint8_t kEventAccessLog = 129;

flow::L7FlowType TypeOf(const AccessLog& log) {
  if (log.type == "Request") return flow::REQUEST;
  if (log.type == "Response") return flow::RESPONSE;
  return log.type == "Sample" ? flow::SAMPLE : flow::UNKNOWN_L7_TYPE;
}

flow::Verdict VerdictOf(const AccessLog& log) {
  if (log.verdict == "Forwarded") return flow::FORWARDED;
  if (log.verdict == "Denied") return flow::DROPPED;
  if (log.verdict == "Redirected") return flow::REDIRECTED;
  return log.verdict == "Error" ? flow::ERROR : flow::VERDICT_UNKNOWN;
}

flow::TrafficDirection DirectionOf(const AccessLog& log) {
  if (log.observation_point == "Ingress") return flow::INGRESS;
  return log.observation_point == "Egress" ? flow::EGRESS : flow::TRAFFIC_DIRECTION_UNKNOWN;
}

IpVersion VersionOf(const AccessLog& log) {
  if (log.ip_version == 0) return IpVersion::kV4;
  return log.ip_version == 1 ? IpVersion::kV6 : IpVersion::kNone;
}

std::string AddressText(const AccessLogEndpoint& endpoint, IpVersion version) {
  if (version == IpVersion::kNone) return "";
  return version == IpVersion::kV4 ? endpoint.ipv4 : endpoint.ipv6;
}

L4Layer L4Of(const AccessLog& log) {
  L4Layer l4;
  switch (log.transport_protocol) {
    case 6:
      l4.protocol = L4Protocol::kTcp;
      break;
    case 17:
      l4.protocol = L4Protocol::kUdp;
      break;
    case 132:
      l4.protocol = L4Protocol::kSctp;
      break;
    default:
      return l4;
  }
  l4.source_port = log.source.port;
  l4.destination_port = log.destination.port;
  return l4;
}

EndpointInfo InfoOf(const AccessLogEndpoint& endpoint) {
  EndpointInfo info;
  info.id = endpoint.id;
  info.identity = endpoint.identity;
  info.labels = endpoint.labels;
  std::sort(info.labels.begin(), info.labels.end());
  info.cluster_name = ClusterOf(info.labels);
  return info;
}

void FindOwner(const EndpointResolver& resolver, const IpAddress& address, Endpoint* endpoint) {
  EndpointInfo& info = endpoint->info;
  if (const PodName* pod = resolver.FindPod(address)) {
    info.namespace_name = pod->namespace_name;
    info.pod_name = pod->pod_name;
  }
  if (const Endpoint* local = resolver.LocalEndpoint(address)) {
    info.workloads = local->info.workloads;
  }
  endpoint->wire = EncodeEndpoint(info);
}

std::string_view RequestId(const AccessLog& log) {
  return log.http ? FirstHeader(*log.http, "X-Request-Id") : std::string_view();
}

// The record that a flow has room for. Where a log has several, this order differs from that of
// the summary, as in Hubble.
void DecodeRecord(const AccessLog& log, const Redaction& redaction, L7Layer* layer) {
  if (log.dns) {
    layer->record = DecodeDns(*log.dns, layer->type);
  } else if (log.http) {
    layer->record = DecodeHttp(*log.http, layer->type, redaction);
  } else if (log.kafka) {
    layer->record = DecodeKafka(*log.kafka, layer->type, redaction);
  }
}

std::string SummaryOf(const AccessLog& log, const L7Layer& layer, const Redaction& redaction) {
  if (log.http) return HttpSummary(*log.http, layer.type, layer.latency_ns, redaction);
  if (log.kafka) {
    const auto* kafka = std::get_if<KafkaLayer>(&layer.record);
    return kafka != nullptr ? KafkaSummary(*kafka, layer.type) : "";
  }
  if (log.dns) return DnsSummary(*log.dns, layer.type);
  return log.generic ? GenericSummary(*log.generic) : "";
}

}  // namespace

uint64_t L7Parser::Latency(const AccessLog& log, const UnixTime& time) {
  const std::string_view id = RequestId(log);
  if (id.empty()) return 0;
  if (log.type == "Request") request_times_.Add(id, time);
  if (log.type != "Response") return 0;
  const std::optional<UnixTime> asked = request_times_.Take(id);
  if (!asked) return 0;
  constexpr int64_t kNsPerSecond = 1'000'000'000;
  constexpr int64_t kMostSeconds = 9'223'372'035;  // in nanoseconds, just within 64 bits
  const int64_t seconds = time.seconds - asked->seconds;
  if (seconds > kMostSeconds) return uint64_t{INT64_MAX};
  const int64_t latency = std::max<int64_t>(seconds, -1) * kNsPerSecond + time.nanos - asked->nanos;
  return latency < 0 ? 0 : static_cast<uint64_t>(latency);
}

std::string L7Parser::TraceId(const AccessLog& log) {
  if (!log.http) return "";
  const std::string_view id = RequestId(log);
  if (log.type == "Request") {
    std::string trace_id(TraceIdOf(FirstHeader(*log.http, "Traceparent")));
    if (!trace_id.empty() && !id.empty()) trace_ids_.Add(id, trace_id);
    return trace_id;
  }
  if (log.type != "Response" || id.empty()) return "";
  return trace_ids_.Take(id).value_or("");
}

DecodeError L7Parser::Decode(const AccessLog& log, FlowRecord* record) {
  ResetRecord(record);
  record->event_type = kEventAccessLog;
  const std::optional<UnixTime> time = ParseRfc3339(log.timestamp);
  if (!time) return DecodeError::kBadTimestamp;

  layer_ = {};
  layer_.type = TypeOf(log);
  layer_.latency_ns = Latency(log, *time);
  layer_.trace_id = TraceId(log);
  DecodeRecord(log, redaction_, &layer_);
  layer_.summary = SummaryOf(log, layer_, redaction_);

  IpLayer& ip = record->packet.ip;
  ip.version_ = VersionOf(log);
  layer_.source_ip = AddressText(log.source, ip.version_);
  layer_.destination_ip = AddressText(log.destination, ip.version_);
  ip.source = IpAddress::Parse(layer_.source_ip).value_or(IpAddress());
  ip.destination = IpAddress::Parse(layer_.destination_ip).value_or(IpAddress());
  record->packet.l4 = L4Of(log);

  record->type = flow::L7;
  record->verdict = VerdictOf(log);
  record->is_reply = layer_.type == flow::RESPONSE ? Maybe::kTrue : Maybe::kFalse;
  record->stated_direction = DirectionOf(log);
  record->l7 = &layer_;
  source_.info = InfoOf(log.source);
  destination_.info = InfoOf(log.destination);
  return DecodeError::kNone;
}

void L7Parser::Enrich(const EndpointResolver& resolver, FlowRecord* record) {
  // As the log writes them: unlike a packet's, mapped addresses are not looked up as IPv4.
  const IpAddress& source = record->packet.ip.source;
  const IpAddress& destination = record->packet.ip.destination;
  FindOwner(resolver, source, &source_);
  FindOwner(resolver, destination, &destination_);
  record->source = &source_;
  record->destination = &destination_;
  record->traffic_direction = record->stated_direction;
  EnrichNames(resolver, source, destination, record);
}

}  // namespace alidade
