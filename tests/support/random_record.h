// SPDX-License-Identifier: Apache-2.0
//
// Flow records with every field drawn at random, for comparing encoders. Not all could come from a
// real event, which is the point.
#ifndef ALIDADE_TESTS_SUPPORT_RANDOM_RECORD_H_
#define ALIDADE_TESTS_SUPPORT_RANDOM_RECORD_H_

#include <cstdint>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "parser/flow_record.h"
#include "parser/l7/l7_layer.h"

namespace alidade::testing {

// Engine makes 64-bit numbers, of which every field is drawn.
template <typename Engine>
class RecordGenerator {
 public:
  explicit RecordGenerator(Engine engine) : engine_(std::move(engine)) {}

  // `endpoint` is used, or not, for each side. What the record borrows lives until the next call.
  FlowRecord Next(const Endpoint* endpoint) {
    FlowRecord record;
    record.time_ns = static_cast<int64_t>(Number<uint64_t>());
    for (uint8_t& byte : record.uuid) byte = Number<uint8_t>();
    record.type = Enum<flow::FlowType>(4);
    record.verdict = Enum<flow::Verdict>(8);
    record.event_type = Number<uint8_t>();
    record.event_sub_type = Number<uint8_t>();
    record.drop_reason = Number<uint32_t>();
    record.has_file = Coin();
    record.file_id = Number<uint8_t>();
    record.file_line = Number<uint16_t>();
    record.observation_point = Enum<flow::TraceObservationPoint>(256);
    record.trace_reason = Enum<flow::TraceReason>(128);
    record.is_reply = Enum<Maybe>(3);
    record.interface_index = Number<uint32_t>();
    record.proxy_port = Number<uint32_t>();
    record.ip_trace_id = Number<uint64_t>();
    record.policy_match_type = Number<uint8_t>();
    record.auth_type = Enum<flow::AuthType>(256);
    record.debug_capture_point = Enum<flow::DebugCapturePoint>(256);
    record.sock_xlate_point = Enum<flow::SocketTranslationPoint>(256);
    record.socket_cookie = Number<uint64_t>();
    record.cgroup_id = Number<uint64_t>();
    record.traffic_direction = Enum<flow::TrafficDirection>(3);
    FillPacket(&record.packet);
    FillTunnel(&record.tunnel);
    FillExtension(&record.extension);
    if (Coin()) record.source = endpoint;
    if (Coin()) record.destination = endpoint;
    record.interface_name = Text();
    record.ip_option_type = Number<uint32_t>();
    if (Coin()) record.source_names = Names();
    if (Coin()) record.destination_names = Names();
    if (Coin()) record.source_service = &service_;
    if (Coin()) record.destination_service = &service_;
    if (Coin()) record.policy = &policy_;
    if (engine_() % 4 == 0) record.l7 = NextL7();
    return record;
  }

 private:
  bool Coin() { return engine_() % 2 == 0; }

  // Zero, small and huge numbers alike: varints of every length.
  template <typename T>
  T Number() {
    if (engine_() % 4 == 0) return 0;
    return static_cast<T>(engine_() >> engine_() % 64);
  }
  template <typename T>
  T Enum(uint32_t count) {
    return static_cast<T>(engine_() % count);
  }
  std::string_view Text() {
    constexpr std::string_view kText =
        "nf_hook_slow and other names of f\xc3\xbcnctions, some long";
    const std::string_view all = kText.substr(0, kText.find('\xc3'));
    return engine_() % 3 == 0 ? kText : all.substr(0, engine_() % (all.size() + 1));
  }
  std::string String() { return std::string(Text()); }
  std::span<const std::string> Names() {
    return std::span(names_).first(engine_() % (names_.size() + 1));
  }
  std::vector<std::string> Strings() {
    const auto names = Names();
    return {names.begin(), names.end()};
  }
  const L7Layer* NextL7() {
    l7_ = {};
    l7_.type = Enum<flow::L7FlowType>(4);
    l7_.latency_ns = Number<uint64_t>();
    l7_.trace_id = String();
    l7_.source_ip = String();
    l7_.destination_ip = String();
    l7_.summary = String();
    switch (engine_() % 4) {
      case 0:
        l7_.record = HttpLayer{
            Number<uint32_t>(), String(), String(), String(), {{String(), String()}, {"", ""}}};
        break;
      case 1:
        l7_.record = DnsLayer{String(), Strings(),          Number<uint32_t>(), Strings(),
                              String(), Number<uint32_t>(), Strings(),          Strings()};
        break;
      case 2:
        l7_.record =
            KafkaLayer{Number<int32_t>(), Number<int32_t>(), Number<int32_t>(), String(), String()};
        break;
      default:
        break;
    }
    return &l7_;
  }
  IpAddress Address() {
    uint8_t bytes[16];
    for (uint8_t& byte : bytes) byte = engine_() % 2 == 0 ? 0 : Number<uint8_t>();
    switch (engine_() % 3) {
      case 0:
        return {};
      case 1:
        return IpAddress::V4(bytes);
      default:
        return IpAddress::V6(bytes);
    }
  }
  void FillIp(IpLayer* ip) {
    ip->source = Address();
    ip->destination = Address();
    ip->source_xlated = Address();
    ip->encrypted = Coin();
    ip->version_ = Enum<IpVersion>(3);
  }
  void FillL4(L4Layer* l4) {
    l4->protocol = Enum<L4Protocol>(8);
    l4->has_tcp_flags = Coin();
    l4->source_port = Number<uint16_t>();
    l4->destination_port = Number<uint16_t>();
    l4->tcp_flags = Number<uint16_t>() & 0x1ff;
    l4->type = Number<uint8_t>();
    l4->code = Number<uint8_t>();
    l4->vrid = Number<uint8_t>();
    l4->priority = Number<uint8_t>();
    l4->group = Address();
  }
  void FillPacket(PacketLayers* packet) {
    packet->has_ethernet = Coin();
    for (uint8_t& byte : packet->source_mac) byte = Number<uint8_t>();
    for (uint8_t& byte : packet->destination_mac) byte = Number<uint8_t>();
    FillIp(&packet->ip);
    FillL4(&packet->l4);
    packet->last = Enum<LastLayer>(9);
  }
  void FillTunnel(TunnelLayer* tunnel) {
    tunnel->protocol = Enum<flow::Tunnel_Protocol>(3);
    FillIp(&tunnel->ip);
    FillL4(&tunnel->l4);
    tunnel->vni = Number<uint32_t>();
    if (tunnel->protocol == flow::Tunnel_Protocol_UNKNOWN && Coin()) tunnel->unnumbered = "GRE";
  }
  void FillExtension(FlowExtension* extension) {
    if (engine_() % 3 == 0) return;
    extension->packets = Number<uint64_t>();
    extension->bytes = Number<uint64_t>();
    extension->reverse_packets = Number<uint64_t>();
    extension->reverse_bytes = Number<uint64_t>();
    extension->counts_only = Coin();
    extension->pid = Number<uint32_t>();
    extension->comm = Text();
    if (Coin()) {
      process_ = EncodeProcess({.pid = extension->pid,
                                .command = String(),
                                .executable = String(),
                                .cgroup = String(),
                                .container_id = String()});
      extension->process = &process_;
    }
    extension->kernel_reason_name = Text();
    extension->function = Text();
    if (Coin()) extension->netfilter_hook = "input";
    extension->vlan = Number<uint16_t>();
    if (Coin()) extension->tunnel_protocol = "6in4";
  }

  Engine engine_;
  const std::vector<std::string> names_ = {"dns.google", "", std::string(200, 'n')};
  const Service service_{EncodeService("kube-system", "kube-dns")};
  const PolicyRules policy_{
      {EncodePolicy({"k8s:io.cilium.k8s.policy.name=x", "a:b"}, 7), EncodePolicy({}, 0)},
      {"log", ""}};
  L7Layer l7_;
  EncodedProcess process_;
};

// The same seed gives the same records.
class RandomRecords : public RecordGenerator<std::mt19937_64> {
 public:
  explicit RandomRecords(uint64_t seed) : RecordGenerator(std::mt19937_64(seed)) {}
};

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_SUPPORT_RANDOM_RECORD_H_
