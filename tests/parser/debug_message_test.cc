// SPDX-License-Identifier: Apache-2.0
#include "parser/debug_message.h"

#include <catch2/catch_test_macros.hpp>
#include <span>
#include <string>

#include "bpf/events.h"
#include "flow/flow.pb.h"
#include "parser/debug_record.h"
#include "tests/support/table_resolver.h"

namespace alidade::testing {
namespace {

std::string Message(uint8_t type, uint32_t arg1 = 0, uint32_t arg2 = 0, uint32_t arg3 = 0,
                    std::string_view interface_name = {}) {
  DebugRecord record;
  record.type = type;
  record.arg1 = arg1;
  record.arg2 = arg2;
  record.arg3 = arg3;
  record.interface_name = interface_name;
  DebugMessageBuffer buffer;
  return std::string(DebugMessage(record, &buffer));
}

constexpr uint32_t kAddress = 0x0a01000a;  // 10.0.1.10 in memory
constexpr uint32_t kMax = ~uint32_t{0};

TEST_CASE("debug messages are told in words", "[parser]") {
  CHECK(Message(flow::DBG_GENERIC, 1, 255) == "No message, arg1=1 (0x1) arg2=255 (0xff)");
  CHECK(Message(flow::DBG_CT_CREATED, 80 << 16 | 443, 6 << 8 | 1, 0x100) ==
        "CT created 1/2: sport=80 dport=443 nexthdr=6 flags=OUT revnat=1");
  CHECK(Message(flow::DBG_CT_CREATED2, kAddress, 0x200) == "CT created 2/2: 10.0.1.10 revnat=2");
  CHECK(Message(flow::DBG_L4_CREATE, 1, 2, 0x5000 << 16 | 6) ==
        "Matched L4 policy; creating conntrack src=1 dst=2 dport=80 proto=6");
  CHECK(Message(flow::DBG_CT_LOOKUP6_1, kAddress, kAddress, 1 << 16 | 2) ==
        "Conntrack lookup 1/2: src=[::a00:10a]:2 dst=[::a00:10a]:1");
  CHECK(Message(flow::DBG_REV_PROXY_LOOKUP, 0x5000 << 16 | 0xbb01, kAddress, 6) ==
        "Reverse proxy lookup sport=80 dport=443 saddr=10.0.1.10 nexthdr=6");
  CHECK(Message(flow::DBG_L4_POLICY, 0x5000, 0) == "Resolved L4 policy to: 80 / egress");
  CHECK(Message(flow::DBG_L4_POLICY, 0x5000, 1) == "Resolved L4 policy to: 80 / ingress");
  CHECK(Message(flow::DBG_L4_POLICY, 0x5000, 2) == "Resolved L4 policy to: 80 / ");
  CHECK(Message(200, 1, 2) == "Unknown message type=200 arg1=1 arg2=2");
  CHECK(Message(0, 1, 2) == "Unknown message type=0 arg1=1 arg2=2");
}

TEST_CASE("both flags of a conntrack tuple are told, in one order", "[parser]") {
  CHECK(Message(flow::DBG_CT_LOOKUP, 0, 3) ==
        "CT lookup: sport=0 dport=0 nexthdr=0 flags=OUT, RELATED");
}

TEST_CASE("a conntrack verdict is a state or the reason there is none", "[parser]") {
  CHECK(Message(flow::DBG_CT_VERDICT, 2, 0) == "CT verdict: Reply, revnat=0");
  CHECK(Message(flow::DBG_CT_VERDICT, 133, 0) == "CT verdict: Policy denied, revnat=0");
  CHECK(Message(flow::DBG_CT_VERDICT, 256 + 1, 0) == "CT verdict: 1, 0, revnat=0");
}

TEST_CASE("the outcome of a socket assignment is the system's word for it", "[parser]") {
  CHECK(Message(flow::DBG_SK_ASSIGN, 0) == "Socket assign: Success");
  CHECK(Message(flow::DBG_SK_ASSIGN, 1) == "Socket assign: operation not permitted");
  CHECK(Message(flow::DBG_SK_ASSIGN, 81) == "Socket assign: .lib section in a.out corrupted");
  CHECK(Message(flow::DBG_SK_ASSIGN, 78) == "Socket assign: remote address changed");
  CHECK(Message(flow::DBG_SK_ASSIGN, 73) == "Socket assign: RFS specific error");
  CHECK(Message(flow::DBG_SK_ASSIGN, 41) == "Socket assign: errno 41");
  CHECK(Message(flow::DBG_SK_ASSIGN, kMax) == "Socket assign: errno 4294967295");
}

TEST_CASE("the interface of a local container is named, or numbered", "[parser]") {
  CHECK(Message(flow::DBG_LXC_FOUND, 10, 0x100, 0, "lxc1") ==
        "Local container found ifindex lxc1 seclabel 1");
  CHECK(Message(flow::DBG_LXC_FOUND, 10, 0x100) == "Local container found ifindex 10 seclabel 1");
}

TEST_CASE("the text of a message is that of its type", "[parser]") {
  CHECK(Message(flow::DBG_L7_LB, kAddress, kAddress, 9) ==
        "L7 LB from 10.0.1.10 to 10.0.1.10: proxy port 9");
  CHECK(Message(flow::DBG_SKIP_POLICY, 1, 2) == "Skipping policy, arg1=1 arg2=2");
  CHECK(Message(flow::DBG_LB6_LOOPBACK_SNAT, 10, 11) == "Loopback SNAT from.p4=a to.p4=b");
  CHECK(Message(flow::DBG_LB6_LOOPBACK_SNAT_REV, 10, 11) ==
        "Loopback reverse SNAT from.p4=a to.p4=b");
}

TEST_CASE("every message fits, whatever its arguments are", "[parser]") {
  for (int type = 0; type < 256; ++type) {
    CHECK(Message(static_cast<uint8_t>(type), kMax, kMax, kMax, "fifteen-letters").size() <= 192);
  }
}

TEST_CASE("a debug event says who emitted it and has all its numbers", "[parser]") {
  debug_notify notify{};
  notify.type = NOTIFY_DEBUG;
  notify.subtype = flow::DBG_TO_HOST;
  notify.source = 7;
  RawEvent raw;
  raw.bytes = std::as_bytes(std::span(&notify, 1));
  DebugRecord record;
  REQUIRE(DecodeDebug(raw, &record) == DecodeError::kNone);

  TableResolver resolver;
  EndpointInfo pod;
  pod.id = 7;
  pod.pod_name = "web";
  resolver.AddEndpoint("10.0.0.7", pod);
  EnrichDebug(resolver, &record);
  std::string wire(MaxEncodedDebugBytes(record), '\0');
  wire.resize(EncodeDebugEvent(record, wire.data()));
  flow::DebugEvent event;
  REQUIRE(event.ParseFromString(wire));
  CHECK(event.type() == flow::DBG_TO_HOST);
  CHECK(event.source().pod_name() == "web");
  CHECK(event.has_hash());
  CHECK(event.has_arg3());
  CHECK(event.has_cpu());
  CHECK(event.message() == "Going to host, policy-skip=0");

  raw.bytes = raw.bytes.first(19);
  CHECK(DecodeDebug(raw, &record) == DecodeError::kHeaderTooShort);
}

}  // namespace
}  // namespace alidade::testing
