// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include "bpf/events.h"
#include "parser/flow_header.h"
#include "parser/parser.h"
#include "tests/support/table_resolver.h"

namespace alidade::testing {
namespace {

EndpointInfo Local(uint32_t id) {
  EndpointInfo info;
  info.id = id;
  info.identity = 5000 + id;
  return info;
}

FlowRecord Trace(std::string_view source, std::string_view destination) {
  FlowRecord record;
  record.type = flow::L3_L4;
  record.event_type = NOTIFY_TRACE;
  record.observation_point = flow::TO_STACK;
  record.trace_reason = flow::NEW;
  record.trace_reason_known = true;
  record.packet.ip.version_ = IpVersion::kV4;
  record.packet.ip.source = *IpAddress::Parse(source);
  record.packet.ip.destination = *IpAddress::Parse(destination);
  return record;
}

constexpr const char* kPod = "10.0.0.1";
constexpr const char* kOtherPod = "10.0.0.2";
constexpr const char* kRemote = "9.9.9.9";

class World {
 public:
  World() {
    pod = resolver.AddEndpoint(kPod, Local(7));
    other_pod = resolver.AddEndpoint(kOtherPod, Local(8));
  }
  flow::TrafficDirection Direction(FlowRecord record) {
    Enrich(resolver, &record);
    return record.traffic_direction;
  }

  TableResolver resolver;
  const Endpoint* pod;
  const Endpoint* other_pod;
};

TEST_CASE("both addresses are resolved, mapped ones as IPv4", "[parser]") {
  World world;
  FlowRecord record = Trace(kPod, kRemote);
  record.destination_label = 33;
  Enrich(world.resolver, &record);
  CHECK(record.source == world.pod);
  CHECK(record.destination == world.resolver.world());
  CHECK(world.resolver.last_datapath_identity() == 33);

  FlowRecord mapped = Trace("::ffff:10.0.0.2", "fd00::1");
  Enrich(world.resolver, &mapped);
  CHECK(mapped.source == world.other_pod);

  FlowRecord none;
  Enrich(world.resolver, &none);
  CHECK(none.source == world.resolver.unknown());
}

TEST_CASE("a trace's direction is that of the connection, seen from the emitter", "[parser]") {
  World world;
  FlowRecord record = Trace(kPod, kRemote);
  CHECK(world.Direction(record) == flow::TRAFFIC_DIRECTION_UNKNOWN);  // no emitter
  record.emitter_endpoint = 7;
  CHECK(world.Direction(record) == flow::EGRESS);
  record.trace_reason = flow::REPLY;
  CHECK(world.Direction(record) == flow::INGRESS);
  record.has_original_source = true;
  CHECK(world.Direction(record) == flow::EGRESS);
  record.has_original_source = false;
  record.emitter_endpoint = 9;
  CHECK(world.Direction(record) == flow::EGRESS);
  record.trace_reason = flow::ESTABLISHED;
  CHECK(world.Direction(record) == flow::INGRESS);
  record.trace_reason_known = false;
  CHECK(world.Direction(record) == flow::TRAFFIC_DIRECTION_UNKNOWN);
}

TEST_CASE("a drop's direction is the packet's, seen from the emitter", "[parser]") {
  World world;
  FlowRecord record = Trace(kPod, kRemote);
  record.event_type = NOTIFY_DROP;
  record.emitter_endpoint = 7;
  CHECK(world.Direction(record) == flow::EGRESS);
  record.emitter_endpoint = 8;
  CHECK(world.Direction(record) == flow::INGRESS);
  record.emitter_endpoint = 0;
  CHECK(world.Direction(record) == flow::TRAFFIC_DIRECTION_UNKNOWN);
}

TEST_CASE("a direction that the event states is taken", "[parser]") {
  World world;
  FlowRecord record = Trace(kPod, kRemote);
  record.event_type = NOTIFY_POLICY_VERDICT;
  record.emitter_endpoint = 7;
  record.stated_direction = flow::INGRESS;
  CHECK(world.Direction(record) == flow::INGRESS);
}

TEST_CASE("the node itself is a local side too", "[parser]") {
  World world;
  EndpointInfo host;
  host.identity = kIdentityHost;
  world.resolver.AddEndpoint("192.0.2.1", host);
  FlowRecord record = Trace("192.0.2.1", kRemote);
  record.derive_direction = true;
  CHECK(world.Direction(record) == flow::EGRESS);
  record = Trace(kRemote, "192.0.2.1");
  record.derive_direction = true;
  CHECK(world.Direction(record) == flow::INGRESS);
}

TEST_CASE("without an emitter our traces take the side that is local", "[parser]") {
  World world;
  const auto direction = [&world](const char* source, const char* destination, bool is_reply,
                                  flow::TraceObservationPoint point = flow::TO_STACK) {
    FlowRecord record = Trace(source, destination);
    record.derive_direction = true;
    record.observation_point = point;
    if (is_reply) record.trace_reason = flow::REPLY;
    return world.Direction(record);
  };
  CHECK(direction(kPod, kRemote, false) == flow::EGRESS);
  CHECK(direction(kPod, kRemote, true) == flow::INGRESS);
  CHECK(direction(kRemote, kPod, false) == flow::INGRESS);
  CHECK(direction(kRemote, kPod, true) == flow::EGRESS);
  CHECK(direction(kPod, kOtherPod, false) == flow::EGRESS);
  CHECK(direction(kPod, kOtherPod, false, flow::TO_ENDPOINT) == flow::INGRESS);
  CHECK(direction(kPod, kOtherPod, true, flow::TO_ENDPOINT) == flow::EGRESS);
  CHECK(direction(kRemote, kRemote, false) == flow::TRAFFIC_DIRECTION_UNKNOWN);

  FlowRecord unknown = Trace(kPod, kRemote);
  unknown.derive_direction = true;
  unknown.trace_reason_known = false;
  CHECK(world.Direction(unknown) == flow::TRAFFIC_DIRECTION_UNKNOWN);
  FlowRecord drop = Trace(kRemote, kPod);
  drop.event_type = NOTIFY_DROP;
  drop.derive_direction = true;
  CHECK(world.Direction(drop) == flow::INGRESS);
}

TEST_CASE("at an endpoint's interface our traces are seen from that endpoint", "[parser]") {
  World world;
  world.resolver.AddEndpointInterface(44, 3);
  FlowRecord record = Trace(kRemote, kRemote);
  record.derive_direction = true;
  record.interface_index = 3;
  record.extension.netns = 44;
  CHECK(world.Direction(record) == flow::EGRESS);
  record.trace_reason = flow::REPLY;
  CHECK(world.Direction(record) == flow::INGRESS);
  record.is_egress_hook = true;
  CHECK(world.Direction(record) == flow::EGRESS);
  record.trace_reason = flow::ESTABLISHED;
  CHECK(world.Direction(record) == flow::INGRESS);
  record.trace_reason_known = false;
  CHECK(world.Direction(record) == flow::TRAFFIC_DIRECTION_UNKNOWN);
}

TEST_CASE("our drops go where the packet was going", "[parser]") {
  World world;
  world.resolver.AddEndpointInterface(44, 3);
  const auto direction = [&world](drop_path path, uint32_t interface, const char* destination) {
    FlowRecord record = Trace(kRemote, destination);
    record.event_type = NOTIFY_DROP;
    record.derive_direction = true;
    record.drop_path = path;
    record.interface_index = interface;
    record.extension.netns = 44;
    return world.Direction(record);
  };
  CHECK(direction(DROP_PATH_OUT, 0, kRemote) == flow::EGRESS);
  CHECK(direction(DROP_PATH_IN, 3, kRemote) == flow::EGRESS);
  CHECK(direction(DROP_PATH_IN, 3, kPod) == flow::INGRESS);
  CHECK(direction(DROP_PATH_IN, 2, kRemote) == flow::INGRESS);
  CHECK(direction(DROP_PATH_THROUGH, 3, kRemote) == flow::INGRESS);
  CHECK(direction(DROP_PATH_THROUGH, 2, kRemote) == flow::EGRESS);
  CHECK(direction(DROP_PATH_UNKNOWN, 2, kRemote) == flow::TRAFFIC_DIRECTION_UNKNOWN);
}

TEST_CASE("interface, drop reason and function are named", "[parser]") {
  World world;
  world.resolver.AddInterface(44, 3, "veth1");
  world.resolver.AddDropReason(6, "NETFILTER_DROP");
  world.resolver.AddSymbol(0xffffffff81000000, "nf_hook_slow");
  FlowRecord record = Trace(kPod, kRemote);
  record.interface_index = 3;
  record.extension.netns = 44;
  record.extension.kernel_reason = 6;
  record.extension.location = 0xffffffff81000000;
  Enrich(world.resolver, &record);
  CHECK(record.interface_name == "veth1");
  CHECK(record.extension.kernel_reason_name == "NETFILTER_DROP");
  CHECK(record.extension.function == "nf_hook_slow");

  // A record that is used again does not keep the last event's names.
  record.interface_index = 0;
  record.extension = {};
  Enrich(world.resolver, &record);
  CHECK(record.interface_name.empty());
  CHECK(record.extension.function.empty());
}

FlowRecord Sock() {
  FlowRecord record;
  record.type = flow::SOCK;
  record.event_type = NOTIFY_TRACE_SOCK;
  record.cgroup_id = 777;
  record.packet.ip.version_ = IpVersion::kV4;
  record.packet.ip.destination = *IpAddress::Parse(kRemote);
  record.packet.l4.protocol = L4Protocol::kTcp;
  record.packet.l4.destination_port = 443;
  return record;
}

TEST_CASE("an unbound socket speaks from its pod's address", "[parser]") {
  World world;
  world.resolver.AddLocalAddress(777, kPod);
  FlowRecord record = Sock();
  Enrich(world.resolver, &record);
  CHECK(record.source == world.pod);
  CHECK(record.packet.ip.source == *IpAddress::Parse(kPod));
  CHECK(record.destination == world.resolver.world());
  CHECK(record.traffic_direction == flow::TRAFFIC_DIRECTION_UNKNOWN);

  FlowRecord bound = Sock();
  bound.packet.ip.source = *IpAddress::Parse(kOtherPod);
  Enrich(world.resolver, &bound);
  CHECK(bound.source == world.other_pod);

  FlowRecord unknown = Sock();
  unknown.cgroup_id = 1;
  Enrich(world.resolver, &unknown);
  CHECK(unknown.source == world.resolver.unknown());
  CHECK_FALSE(unknown.packet.ip.source.valid());
}

TEST_CASE("the reverse points of a socket swap both sides", "[parser]") {
  World world;
  world.resolver.AddLocalAddress(777, kPod);
  FlowRecord record = Sock();
  record.swap_endpoints = true;
  Enrich(world.resolver, &record);
  CHECK(record.packet.ip.source == *IpAddress::Parse(kRemote));
  CHECK(record.packet.ip.destination == *IpAddress::Parse(kPod));
  CHECK(record.packet.l4.source_port == 443);
  CHECK(record.packet.l4.destination_port == 0);
  CHECK(record.destination == world.pod);
}

TEST_CASE("the header repeats what filters look at", "[parser]") {
  World world;
  FlowRecord record = Trace(kPod, kRemote);
  record.time_ns = 5;
  record.uuid[0] = 1;
  record.verdict = flow::FORWARDED;
  record.event_sub_type = 3;
  record.is_reply = Maybe::kFalse;
  record.interface_index = 3;
  record.emitter_endpoint = 7;
  record.drop_reason = 6;
  record.packet.ip.encrypted = true;
  record.packet.l4.protocol = L4Protocol::kTcp;
  record.packet.l4.has_tcp_flags = true;
  record.packet.l4.tcp_flags = kTcpNs;
  record.packet.l4.source_port = 1;
  record.packet.l4.destination_port = 2;
  Enrich(world.resolver, &record);
  const FlowHeader header = MakeFlowHeader(record);
  CHECK(header.time_ns == 5);
  CHECK(header.uuid[0] == 1);
  CHECK(header.source_ip == record.packet.ip.source.bytes);
  CHECK(header.destination_ip == record.packet.ip.destination.bytes);
  CHECK(header.source_handle == world.pod->handle);
  CHECK(header.destination_handle == world.resolver.world()->handle);
  CHECK(header.source_identity == 5007);
  CHECK(header.destination_identity == kIdentityWorld);
  CHECK(header.drop_reason == 6);
  CHECK(header.interface_index == 3);
  CHECK(header.source_port == 1);
  CHECK(header.destination_port == 2);
  CHECK(header.tcp_flags == kTcpNs);
  CHECK(header.kind == EventKind::kFlow);
  CHECK(header.verdict == flow::FORWARDED);
  CHECK(header.type == flow::L3_L4);
  CHECK(header.event_type == NOTIFY_TRACE);
  CHECK(header.event_sub_type == 3);
  CHECK(header.ip_version == flow::IPv4);
  CHECK(header.l4_protocol == L4Protocol::kTcp);
  CHECK(header.is_reply == Maybe::kFalse);
  CHECK(header.traffic_direction == flow::EGRESS);
  CHECK(header.has_tcp_flags);
  CHECK(header.has_event_type);
  CHECK(header.has_source);
  CHECK(header.has_destination);
  CHECK(header.encrypted);

  const FlowHeader empty = MakeFlowHeader(FlowRecord());
  CHECK(empty.source_handle == 0);
  CHECK(empty.has_source);
}

TEST_CASE("each side is named as the other one resolved it", "[parser]") {
  World world;
  world.resolver.AddDnsName(7, kRemote, "quad9");
  world.resolver.AddDnsName(0, kPod, "nobody's");
  FlowRecord record = Trace(kPod, kRemote);
  Enrich(world.resolver, &record);
  REQUIRE(record.destination_names.size() == 1);
  CHECK(record.destination_names[0] == "quad9");
  CHECK(record.source_names[0] == "nobody's");
}

TEST_CASE("a service is found by address and port, also by port zero", "[parser]") {
  World world;
  world.resolver.AddService(kRemote, 80, "web");
  world.resolver.AddService(kPod, 0, "any");
  FlowRecord record = Trace(kPod, kRemote);
  record.packet.l4.destination_port = 80;
  Enrich(world.resolver, &record);
  CHECK(record.source_service != nullptr);
  CHECK(record.destination_service != nullptr);
  record.packet.l4.destination_port = 81;
  Enrich(world.resolver, &record);
  CHECK(record.destination_service == nullptr);
}

TEST_CASE("a verdict is told with its rules unless that is switched off", "[parser]") {
  World world;
  world.resolver.AddPolicy(7, {{"policy"}, {}});
  FlowRecord record = Trace(kPod, kRemote);
  record.event_type = NOTIFY_POLICY_VERDICT;
  record.verdict = flow::FORWARDED;
  record.stated_direction = flow::EGRESS;
  record.packet.l4.protocol = L4Protocol::kTcp;
  record.packet.l4.destination_port = 80;
  Enrich(world.resolver, &record);
  CHECK(record.policy != nullptr);
  Enrich(world.resolver, &record, {.correlate_policies = false});
  CHECK(record.policy == nullptr);
}

TEST_CASE("a socket of no known pod can be told from others", "[parser]") {
  World world;
  world.resolver.AddLocalAddress(6, kPod);
  FlowRecord record;
  record.type = flow::SOCK;
  record.cgroup_id = 6;
  record.packet.ip.destination = *IpAddress::Parse(kRemote);
  for (const bool is_reverse : {false, true}) {
    FlowRecord known = record;
    known.swap_endpoints = is_reverse;
    FlowRecord unknown = known;
    unknown.cgroup_id = 7;
    Enrich(world.resolver, &known);
    Enrich(world.resolver, &unknown);
    CHECK_FALSE(IsOfUnknownPod(known));
    CHECK(IsOfUnknownPod(unknown));
  }
  CHECK_FALSE(IsOfUnknownPod(Trace(kPod, kRemote)));
}

}  // namespace
}  // namespace alidade::testing
