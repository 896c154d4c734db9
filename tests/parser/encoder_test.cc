// SPDX-License-Identifier: Apache-2.0
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/message_differencer.h>

#include <catch2/catch_test_macros.hpp>
#include <limits>
#include <string>
#include <vector>

#include "parser/parser.h"
#include "tests/support/flow_builder.h"
#include "tests/support/random_record.h"
#include "tests/support/table_resolver.h"

namespace alidade::testing {
namespace {

// Room that ends exactly where the contract says, so that a sanitizer sees a byte too many.
std::string Encode(const FlowRecord& record) {
  std::vector<char> out(MaxEncodedFlowBytes(record));
  return std::string(out.data(), EncodeFlow(record, out.data()));
}

flow::Flow Parsed(const std::string& wire) {
  flow::Flow flow;
  REQUIRE(flow.ParseFromString(wire));
  return flow;
}

// The encoder and protobuf agree on the message and on its bytes.
void CheckAgreement(const FlowRecord& record) {
  const flow::Flow built = BuildFlow(record);
  const std::string wire = Encode(record);
  const flow::Flow parsed = Parsed(wire);
  google::protobuf::util::MessageDifferencer differencer;
  std::string difference;
  differencer.ReportDifferencesToString(&difference);
  const bool equal = differencer.Compare(built, parsed);
  INFO(difference);
  CHECK(equal);
  CHECK(wire == DeterministicBytes(built));
}

EndpointInfo Pod() {
  EndpointInfo info;
  info.id = 1001;
  info.identity = 5001;
  info.cluster_name = "default";
  info.namespace_name = "shop";
  info.pod_name = "cart-7d9f-x2x4z";
  info.labels = {"k8s:app=cart", "k8s:io.kubernetes.pod.namespace=shop", ""};
  info.workloads = {{"cart", "Deployment"}, {"", ""}};
  return info;
}

TEST_CASE("an empty record is a flow with its always-present messages only", "[parser]") {
  const FlowRecord record;
  const flow::Flow flow = Parsed(Encode(record));
  CHECK(flow.has_time());
  CHECK(flow.has_source());
  CHECK(flow.has_destination());
  CHECK(flow.has_event_type());
  CHECK(flow.uuid() == "00000000-0000-0000-0000-000000000000");
  CHECK_FALSE(flow.has_ethernet());
  CHECK_FALSE(flow.has_ip());
  CHECK_FALSE(flow.has_l4());
  CHECK_FALSE(flow.has_tunnel());
  CHECK_FALSE(flow.has_is_reply());
  CHECK_FALSE(flow.has_interface());
  CHECK_FALSE(flow.has_file());
  CHECK_FALSE(flow.has_ip_trace_id());
  CHECK_FALSE(flow.has_extensions());
  CHECK_FALSE(flow.has_emitter());
  CHECK(flow.node_name().empty());
  CheckAgreement(record);
}

TEST_CASE("a drop with every layer encodes to what protobuf builds of it", "[parser]") {
  TableResolver resolver;
  FlowRecord record;
  record.time_ns = 1'700'000'000'123'456'789;
  record.uuid = {0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0x4d, 0xef, 0x80, 1, 2, 3, 4, 5, 6, 7};
  record.type = flow::L3_L4;
  record.verdict = flow::DROPPED;
  record.event_type = 1;
  record.event_sub_type = 133;
  record.drop_reason = 133;
  record.packet.ip.version_ = IpVersion::kV6;
  record.packet.ip.source = *IpAddress::Parse("fd00::1");
  record.packet.ip.destination = *IpAddress::Parse("fd00::2");
  record.packet.l4.protocol = L4Protocol::kTcp;
  record.packet.l4.has_tcp_flags = true;
  record.packet.l4.tcp_flags = kTcpSyn | kTcpNs;
  record.packet.l4.source_port = 40000;
  record.packet.l4.destination_port = 443;
  record.packet.last = LastLayer::kL4;
  record.tunnel.protocol = flow::Tunnel_Protocol_GENEVE;
  record.tunnel.vni = 77;
  record.extension.kernel_reason_name = "NETFILTER_DROP";
  record.extension.function = "nf_hook_slow";
  record.source = resolver.AddEndpoint("fd00::1", Pod());
  CheckAgreement(record);
  CHECK(Parsed(Encode(record)).uuid() == "12345678-9abc-4def-8001-020304050607");
}

TEST_CASE("random records encode to what protobuf builds of them", "[parser]") {
  TableResolver resolver;
  const Endpoint* endpoint = resolver.AddEndpoint("10.0.0.1", Pod());
  RandomRecords records(20240301);
  for (int i = 0; i < 5'000; ++i) CheckAgreement(records.Next(endpoint));
}

TEST_CASE("the largest record stays within its bound", "[parser]") {
  FlowRecord record;
  record.time_ns = std::numeric_limits<int64_t>::min();
  record.type = static_cast<flow::FlowType>(-1);
  record.verdict = static_cast<flow::Verdict>(-1);
  record.event_type = 255;
  record.event_sub_type = 255;
  record.drop_reason = ~0u;
  record.has_file = true;
  record.file_id = 255;
  record.file_line = 65535;
  record.observation_point = static_cast<flow::TraceObservationPoint>(-1);
  record.trace_reason = static_cast<flow::TraceReason>(-1);
  record.is_reply = Maybe::kTrue;
  record.interface_index = ~0u;
  record.proxy_port = ~0u;
  record.ip_trace_id = ~uint64_t{0};
  record.policy_match_type = ~0u;
  record.auth_type = static_cast<flow::AuthType>(-1);
  record.debug_capture_point = static_cast<flow::DebugCapturePoint>(-1);
  record.sock_xlate_point = static_cast<flow::SocketTranslationPoint>(-1);
  record.socket_cookie = ~uint64_t{0};
  record.cgroup_id = ~uint64_t{0};
  record.traffic_direction = static_cast<flow::TrafficDirection>(-1);
  PacketLayers& packet = record.packet;
  packet.has_ethernet = true;
  const IpAddress longest = *IpAddress::Parse("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
  packet.ip = {longest, longest, longest, true, IpVersion::kV6};
  packet.l4.protocol = L4Protocol::kTcp;
  packet.l4.has_tcp_flags = true;
  packet.l4.tcp_flags = 0x1ff;
  packet.l4.source_port = 65535;
  packet.l4.destination_port = 65535;
  packet.last = LastLayer::kL4;
  record.tunnel = {static_cast<flow::Tunnel_Protocol>(-1), packet.ip, packet.l4, ~0u, {}};
  const std::string text(1000, 'x');
  record.extension.packets = ~uint64_t{0};
  record.extension.bytes = ~uint64_t{0};
  record.extension.reverse_packets = ~uint64_t{0};
  record.extension.reverse_bytes = ~uint64_t{0};
  record.extension.counts_only = true;
  record.extension.nat_source = record.extension.nat_destination =
      IpAddress::V6(std::array<uint8_t, 16>{0xfd, 0xff, 0x11, 0x11, 0xff, 0xff, 0xff, 0xff, 0xff,
                                            0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
                        .data());
  record.extension.nat_source_port = record.extension.nat_destination_port = 65535;
  record.extension.pid = ~0u;
  record.extension.vlan = 0xffff;
  record.extension.netfilter_hook = "bridge postrouting";
  record.extension.tunnel_protocol = "6in4";
  record.extension.comm = text;
  record.extension.kernel_reason_name = text;
  record.extension.function = text;
  record.interface_name = text;
  CheckAgreement(record);
  CHECK(Encode(record).size() < MaxEncodedFlowBytes(record));
}

TEST_CASE("a command that is not UTF-8 does not spoil the flow", "[parser]") {
  FlowRecord record;
  record.extension.comm = "caf\xc3";
  const flow::Flow flow = Parsed(Encode(record));
  google::protobuf::Struct extension;
  REQUIRE(flow.extensions().UnpackTo(&extension));
  CHECK(extension.fields().at("command").string_value() == "caf?");
}

TEST_CASE("the other side of a translation is told as address and port", "[parser]") {
  FlowRecord record;
  record.extension.nat_destination = *IpAddress::Parse("fd99::1");
  record.extension.nat_destination_port = 80;
  record.extension.nat_source = *IpAddress::Parse("10.96.0.1");
  google::protobuf::Struct extension;
  REQUIRE(Parsed(Encode(record)).extensions().UnpackTo(&extension));
  CHECK(extension.fields().at("original_destination").string_value() == "[fd99::1]:80");
  CHECK(extension.fields().at("original_source").string_value() == "10.96.0.1");
  record.extension.nat_is_ahead = true;
  REQUIRE(Parsed(Encode(record)).extensions().UnpackTo(&extension));
  CHECK(extension.fields().at("translated_destination").string_value() == "[fd99::1]:80");
  CHECK(extension.fields().count("original_source") == 0);
}

TEST_CASE("the extension is a Struct of what there is to say", "[parser]") {
  FlowRecord record;
  record.extension.packets = 3;
  record.extension.netns = 4026531840;  // for enrichment only
  const flow::Flow flow = Parsed(Encode(record));
  CHECK(flow.extensions().type_url() == "type.googleapis.com/google.protobuf.Struct");
  google::protobuf::Struct extension;
  REQUIRE(flow.extensions().UnpackTo(&extension));
  CHECK(extension.fields_size() == 1);
  CHECK(extension.fields().at("packets").number_value() == 3);

  record.extension.packets = 0;
  CHECK_FALSE(Parsed(Encode(record)).has_extensions());
}

TEST_CASE("an endpoint encodes to what protobuf builds of it", "[parser]") {
  flow::Endpoint built;
  BuildEndpoint(Pod(), &built);
  CHECK(EncodeEndpoint(Pod()) == built.SerializeAsString());
  CHECK(EncodeEndpoint({}).empty());

  EndpointInfo foreign;
  foreign.pod_name = "\xff";
  foreign.labels = {"\xc3"};
  flow::Endpoint parsed;
  REQUIRE(parsed.ParseFromString(EncodeEndpoint(foreign)));
  CHECK(parsed.pod_name() == "?");
  CHECK(parsed.labels(0) == "?");
}

}  // namespace
}  // namespace alidade::testing
