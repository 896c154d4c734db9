// SPDX-License-Identifier: Apache-2.0
//
// A second opinion on EncodeFlow: the same FlowRecord as a protobuf object, field by field through
// the generated setters and with libc's address text.
#ifndef ALIDADE_TESTS_SUPPORT_FLOW_BUILDER_H_
#define ALIDADE_TESTS_SUPPORT_FLOW_BUILDER_H_

#include <arpa/inet.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/struct.pb.h>

#include <cstdio>
#include <string>

#include "flow/flow.pb.h"
#include "parser/drop_file.h"
#include "parser/flow_record.h"
#include "parser/l7/l7_layer.h"
#include "parser/summary.h"

namespace alidade::testing {

// The bytes of `message` with the keys of maps in order.
inline std::string DeterministicBytes(const google::protobuf::Message& message) {
  std::string wire;
  google::protobuf::io::StringOutputStream stream(&wire);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  coded.Trim();
  return wire;
}

// libc's text, except that RFC 5952 and Hubble have a dotted quad for IPv4-mapped addresses alone.
inline std::string AddressText(const IpAddress& address) {
  if (!address.valid()) return "";
  const auto& bytes = address.bytes;
  char text[INET6_ADDRSTRLEN];
  const int family = address.version == IpVersion::kV4 ? AF_INET : AF_INET6;
  inet_ntop(family, bytes.data(), text, sizeof(text));
  std::string written = text;
  if (family == AF_INET || written.find('.') == written.npos) return written;
  if (bytes[10] == 0xff) return written.substr(sizeof("::ffff:") - 1);
  std::snprintf(text, sizeof(text), "::%x:%x", bytes[12] << 8 | bytes[13],
                bytes[14] << 8 | bytes[15]);
  return text;
}

inline std::string MacText(const MacAddress& mac) {
  char text[18];
  std::snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
                mac[4], mac[5]);
  return text;
}

inline std::string UuidText(const std::array<uint8_t, 16>& uuid) {
  std::string text;
  for (size_t i = 0; i < uuid.size(); ++i) {
    char digits[3];
    std::snprintf(digits, sizeof(digits), "%02x", uuid[i]);
    text += digits;
  }
  for (const int dash : {8, 13, 18, 23}) text.insert(static_cast<size_t>(dash), 1, '-');
  return text;
}

inline void BuildIp(const IpLayer& layer, flow::IP* ip) {
  ip->set_source(AddressText(layer.source));
  ip->set_source_xlated(AddressText(layer.source_xlated));
  ip->set_destination(AddressText(layer.destination));
  ip->set_ipversion(static_cast<flow::IPVersion>(layer.version()));
  ip->set_encrypted(layer.encrypted);
}

template <typename Ports>
void BuildPorts(const L4Layer& layer, Ports* ports) {
  ports->set_source_port(layer.source_port);
  ports->set_destination_port(layer.destination_port);
}

inline void BuildTcpFlags(uint16_t bits, flow::TCPFlags* flags) {
  flags->set_fin((bits & kTcpFin) != 0);
  flags->set_syn((bits & kTcpSyn) != 0);
  flags->set_rst((bits & kTcpRst) != 0);
  flags->set_psh((bits & kTcpPsh) != 0);
  flags->set_ack((bits & kTcpAck) != 0);
  flags->set_urg((bits & kTcpUrg) != 0);
  flags->set_ece((bits & kTcpEce) != 0);
  flags->set_cwr((bits & kTcpCwr) != 0);
  flags->set_ns((bits & kTcpNs) != 0);
}

inline void BuildLayer4(const L4Layer& layer, flow::Layer4* l4) {
  switch (layer.protocol) {
    case L4Protocol::kNone:
      break;
    case L4Protocol::kTcp:
      BuildPorts(layer, l4->mutable_tcp());
      if (layer.has_tcp_flags) BuildTcpFlags(layer.tcp_flags, l4->mutable_tcp()->mutable_flags());
      break;
    case L4Protocol::kUdp:
      BuildPorts(layer, l4->mutable_udp());
      break;
    case L4Protocol::kSctp:
      BuildPorts(layer, l4->mutable_sctp());
      break;
    case L4Protocol::kIcmpV4:
      l4->mutable_icmpv4()->set_type(layer.type);
      l4->mutable_icmpv4()->set_code(layer.code);
      break;
    case L4Protocol::kIcmpV6:
      l4->mutable_icmpv6()->set_type(layer.type);
      l4->mutable_icmpv6()->set_code(layer.code);
      break;
    case L4Protocol::kVrrp:
      l4->mutable_vrrp()->set_type(layer.type);
      l4->mutable_vrrp()->set_vrid(layer.vrid);
      l4->mutable_vrrp()->set_priority(layer.priority);
      break;
    case L4Protocol::kIgmp:
      l4->mutable_igmp()->set_type(layer.type);
      l4->mutable_igmp()->set_group_address(AddressText(layer.group));
      break;
  }
}

inline void BuildLayers(const FlowRecord& record, flow::Flow* flow) {
  const PacketLayers& packet = record.packet;
  if (packet.has_ethernet) {
    flow->mutable_ethernet()->set_source(MacText(packet.source_mac));
    flow->mutable_ethernet()->set_destination(MacText(packet.destination_mac));
  }
  if (packet.ip.version() != IpVersion::kNone) BuildIp(packet.ip, flow->mutable_ip());
  if (packet.l4.protocol != L4Protocol::kNone) BuildLayer4(packet.l4, flow->mutable_l4());
  const TunnelLayer& tunnel = record.tunnel;
  if (!tunnel.present()) return;
  flow->mutable_tunnel()->set_protocol(tunnel.protocol);
  if (tunnel.ip.version() != IpVersion::kNone)
    BuildIp(tunnel.ip, flow->mutable_tunnel()->mutable_ip());
  if (tunnel.l4.protocol != L4Protocol::kNone) {
    BuildLayer4(tunnel.l4, flow->mutable_tunnel()->mutable_l4());
  }
  flow->mutable_tunnel()->set_vni(tunnel.vni);
}

inline void BuildEndpoint(const EndpointInfo& info, flow::Endpoint* endpoint) {
  endpoint->set_id(info.id);
  endpoint->set_identity(info.identity);
  endpoint->set_cluster_name(info.cluster_name);
  endpoint->set_namespace_(info.namespace_name);
  endpoint->set_pod_name(info.pod_name);
  for (const std::string& label : info.labels) endpoint->add_labels(label);
  for (const Workload& workload : info.workloads) {
    flow::Workload* built = endpoint->add_workloads();
    built->set_name(workload.name);
    built->set_kind(workload.kind);
  }
}

inline void BuildExtension(const FlowExtension& extension, flow::Flow* flow) {
  google::protobuf::Struct built;
  if (extension.process != nullptr) built.ParseFromString(extension.process->wire);
  const auto number = [&built](const char* key, uint64_t value) {
    if (value != 0) (*built.mutable_fields())[key].set_number_value(static_cast<double>(value));
  };
  const auto text = [&built](const char* key, std::string_view value) {
    if (!value.empty()) (*built.mutable_fields())[key].set_string_value(std::string(value));
  };
  number("packets", extension.packets);
  const auto end = [&text](const char* key, const IpAddress& address, uint16_t port) {
    const bool v6 = address.version == IpVersion::kV6;
    if (!address.valid()) return;
    text(key, port == 0 ? address.ToString()
                        : (v6 ? "[" + address.ToString() + "]" : address.ToString()) + ":" +
                              std::to_string(port));
  };
  const bool ahead = extension.nat_is_ahead;
  end(ahead ? "translated_destination" : "original_destination", extension.nat_destination,
      extension.nat_destination_port);
  end(ahead ? "translated_source" : "original_source", extension.nat_source,
      extension.nat_source_port);
  number("bytes", extension.bytes);
  number("reverse_packets", extension.reverse_packets);
  number("reverse_bytes", extension.reverse_bytes);
  if (extension.counts_only) (*built.mutable_fields())["counts_only"].set_bool_value(true);
  number("pid", extension.pid);
  text("command", extension.comm);
  text("drop_reason", extension.kernel_reason_name);
  text("drop_function", extension.function);
  text("netfilter_hook", extension.netfilter_hook);
  text("tunnel_protocol", extension.tunnel_protocol);
  number("vlan", extension.vlan);
  if (built.fields().empty()) return;
  flow->mutable_extensions()->PackFrom(built);
  flow->mutable_extensions()->set_value(DeterministicBytes(built));
}

inline void BuildRecord(const HttpLayer& layer, flow::Layer7* l7) {
  flow::HTTP* http = l7->mutable_http();
  http->set_code(layer.code);
  http->set_method(layer.method);
  http->set_url(layer.url);
  http->set_protocol(layer.protocol);
  for (const HttpHeader& header : layer.headers) {
    flow::HTTPHeader* built = http->add_headers();
    built->set_key(header.key);
    built->set_value(header.value);
  }
}

inline void BuildRecord(const DnsLayer& layer, flow::Layer7* l7) {
  flow::DNS* dns = l7->mutable_dns();
  dns->set_query(layer.query);
  dns->mutable_ips()->Assign(layer.ips.begin(), layer.ips.end());
  dns->set_ttl(layer.ttl);
  dns->mutable_cnames()->Assign(layer.cnames.begin(), layer.cnames.end());
  dns->set_observation_source(layer.observation_source);
  dns->set_rcode(layer.rcode);
  dns->mutable_qtypes()->Assign(layer.query_types.begin(), layer.query_types.end());
  dns->mutable_rrtypes()->Assign(layer.answer_types.begin(), layer.answer_types.end());
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
inline void BuildRecord(const KafkaLayer& layer, flow::Layer7* l7) {
  flow::Kafka* kafka = l7->mutable_kafka();
  kafka->set_error_code(layer.error_code);
  kafka->set_api_version(layer.api_version);
  kafka->set_api_key(layer.api_key);
  kafka->set_correlation_id(layer.correlation_id);
  kafka->set_topic(layer.topic);
}
#pragma GCC diagnostic pop

inline void BuildRecord(std::monostate, flow::Layer7*) {}

inline void BuildL7(const L7Layer& layer, flow::Flow* flow) {
  flow->mutable_l7()->set_type(layer.type);
  flow->mutable_l7()->set_latency_ns(layer.latency_ns);
  std::visit([flow](const auto& record) { BuildRecord(record, flow->mutable_l7()); }, layer.record);
  if (!layer.trace_id.empty()) {
    flow->mutable_trace_context()->mutable_parent()->set_trace_id(layer.trace_id);
  }
  if (!flow->has_ip()) return;
  const flow::IPVersion version = flow->ip().ipversion();
  flow->clear_ip();
  flow->mutable_ip()->set_ipversion(version);
  flow->mutable_ip()->set_source(layer.source_ip);
  flow->mutable_ip()->set_destination(layer.destination_ip);
}

inline void BuildPolicies(const FlowRecord& record, flow::Flow* flow) {
  if (record.policy == nullptr) return;
  const bool is_egress = record.traffic_direction == flow::EGRESS;
  const bool is_denied = record.verdict == flow::DROPPED;
  for (const std::string& wire : record.policy->policies) {
    flow::Policy* policy = nullptr;
    if (is_denied) {
      policy = is_egress ? flow->add_egress_denied_by() : flow->add_ingress_denied_by();
    } else {
      policy = is_egress ? flow->add_egress_allowed_by() : flow->add_ingress_allowed_by();
    }
    policy->ParseFromString(wire);
  }
  flow->mutable_policy_log()->Assign(record.policy->log.begin(), record.policy->log.end());
}

inline void BuildNames(const FlowRecord& record, flow::Flow* flow) {
  for (const std::string& name : record.source_names) flow->add_source_names(name);
  for (const std::string& name : record.destination_names) flow->add_destination_names(name);
  if (record.source_service != nullptr) {
    flow->mutable_source_service()->ParseFromString(record.source_service->wire);
  }
  if (record.destination_service != nullptr) {
    flow->mutable_destination_service()->ParseFromString(record.destination_service->wire);
  }
}

inline void BuildKindFields(const FlowRecord& record, flow::Flow* flow) {
  flow->set_policy_match_type(record.policy_match_type);
  flow->set_auth_type(record.auth_type);
  flow->set_trace_observation_point(record.observation_point);
  flow->set_trace_reason(record.trace_reason);
  flow->set_debug_capture_point(record.debug_capture_point);
  flow->set_proxy_port(record.proxy_port);
  flow->set_sock_xlate_point(record.sock_xlate_point);
  flow->set_socket_cookie(record.socket_cookie);
  flow->set_cgroup_id(record.cgroup_id);
  if (record.ip_trace_id != 0) {
    flow->mutable_ip_trace_id()->set_trace_id(record.ip_trace_id);
    flow->mutable_ip_trace_id()->set_ip_option_type(record.ip_option_type);
  }
  if (record.interface_index != 0) {
    flow->mutable_interface()->set_index(record.interface_index);
    flow->mutable_interface()->set_name(std::string(record.interface_name));
  }
  if (record.has_file) {
    DropFileBuffer buffer;
    flow->mutable_file()->set_name(std::string(DropFileName(record.file_id, &buffer)));
    flow->mutable_file()->set_line(record.file_line);
  } else if (!record.extension.function.empty()) {
    flow->mutable_file()->set_name(std::string(record.extension.function));
  }
}

inline flow::Flow BuildFlow(const FlowRecord& record) {
  flow::Flow flow;
  const int64_t nanos = (record.time_ns % 1'000'000'000 + 1'000'000'000) % 1'000'000'000;
  // Rounded down, without passing the lowest number there is.
  const int64_t is_before_second = record.time_ns < 0 && nanos != 0;
  flow.mutable_time()->set_seconds(record.time_ns / 1'000'000'000 - is_before_second);
  flow.mutable_time()->set_nanos(static_cast<int32_t>(nanos));
  flow.set_uuid(UuidText(record.uuid));
  flow.set_verdict(record.verdict);
  flow.set_type(record.type);
  flow.mutable_event_type()->set_type(record.event_type);
  flow.mutable_event_type()->set_sub_type(record.event_sub_type);
  flow.set_drop_reason_desc(static_cast<flow::DropReason>(record.drop_reason));
  flow.set_traffic_direction(record.traffic_direction);
  if (record.is_reply != Maybe::kAbsent) {
    flow.mutable_is_reply()->set_value(record.is_reply == Maybe::kTrue);
  }
  flow.mutable_source();
  flow.mutable_destination();
  if (record.source != nullptr) BuildEndpoint(record.source->info, flow.mutable_source());
  if (record.destination != nullptr) {
    BuildEndpoint(record.destination->info, flow.mutable_destination());
  }
  BuildLayers(record, &flow);
  BuildKindFields(record, &flow);
  BuildExtension(record.extension, &flow);
  BuildNames(record, &flow);
  BuildPolicies(record, &flow);
  if (record.l7 != nullptr) BuildL7(*record.l7, &flow);
  SummaryBuffer buffer;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  flow.set_drop_reason(record.drop_reason);
  flow.set_reply(record.is_reply == Maybe::kTrue);
  flow.set_summary(record.l7 != nullptr ? record.l7->summary
                                        : std::string(Summary(record.packet, &buffer)));
#pragma GCC diagnostic pop
  return flow;
}

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_SUPPORT_FLOW_BUILDER_H_
