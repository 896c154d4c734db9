// SPDX-License-Identifier: Apache-2.0
//
// A perf ring with nothing but garbage in it, under a real agent and the genuine hubble CLI.
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <map>
#include <string>

#include "tests/kernel/agent_process.h"
#include "tests/kernel/command.h"
#include "tests/kernel/pinned_ring.h"
#include "tests/support/event_builder.h"
#include "tests/support/packet_builder.h"

namespace alidade::testing {
namespace {

std::string Text(const ByteVector& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

ByteVector Trace(const ByteVector& packet, uint8_t flags, uint8_t version = 0) {
  trace_notify notify{};
  notify.header.type = NOTIFY_TRACE;
  notify.header.version = version;
  notify.flags = flags;
  ByteVector sample = Concat({}, notify);
  if (version == 0) sample.resize(32);
  sample.insert(sample.end(), packet.begin(), packet.end());
  return sample;
}

PacketBuilder V4() { return Ethernet().Ipv4("10.0.0.1", "10.0.0.2"); }

// A TCP option of kind 30 with an unknown subtype and no length: it would keep Cilium's own decoder
// busy until its memory is used up.
ByteVector EndlessOption() {
  ByteVector packet = V4().Tcp(1, 2, 0).Payload(4).Build();
  constexpr size_t kTcp = 34;
  packet[kTcp + 12] = std::byte{0x60};
  packet[kTcp + 20] = std::byte{30};
  packet[kTcp + 21] = std::byte{0};
  packet[kTcp + 22] = std::byte{0x90};
  return packet;
}

}  // namespace

TEST_CASE("a node that sends nothing but garbage keeps serving and counts it by kind",
          "[clients]") {
  const char* hubble = getenv("HUBBLE");
  if (hubble == nullptr) SKIP("HUBBLE does not name the genuine hubble CLI");
  constexpr uint64_t kTimes = 100;
  const std::map<std::string, ByteVector> garbage = {
      {"invalid_type", ByteVector(60, std::byte{0xff})},
      {"header_too_short", ByteVector(20, std::byte{NOTIFY_TRACE})},
      {"unknown_version", Trace({}, 0, 9)},
      {"packet_decode", Trace(EndlessOption(), 0)},
      {"overlay_decode", Trace(V4().Udp(1, 2).Build(), NOTIFY_FLAG_VXLAN)},
      {"event_skipped", Concat({}, OurSock(SOCK_XLATE_PRE_FWD, SOCK_L4_TCP))},
  };
  PinnedRing ring;
  const AgentProcess agent(nullptr, {"--source", "cilium", "--cilium-events", ring.path(),
                                     "--world", ALIDADE_TEST_DATA "/../vectors/data/world.json"});
  for (uint64_t i = 0; i < kTimes; ++i) {
    for (const auto& [kind, bytes] : garbage) ring.Write(Text(bytes));
  }
  const GetStatusResponse status = agent.WaitForStatus([&](const GetStatusResponse& now) {
    return now.ledger().received() == kTimes * garbage.size();
  });
  CHECK(status.ledger().stored() == 0);
  std::map<std::string, uint64_t> counted;
  for (const Count& count : status.ledger().decode_errors()) counted[count.name()] = count.value();
  for (const auto& [kind, bytes] : garbage) {
    INFO(kind);
    CHECK(counted[kind] == kTimes);
  }
  const CommandResult shown = RunCommand({AgentBinary(), "status", "--server", agent.target()});
  INFO(shown.output);
  CHECK(shown.status == 0);
  CHECK(shown.output.find("packet_decode 100") != std::string::npos);

  ring.Write(Text(Trace(V4().Tcp(1, 2, 0).Build(), 0)));
  agent.WaitForFlow("a sound event", [](const flow::Flow& flow) { return flow.l4().has_tcp(); });
  const CommandResult observed =
      RunCommand({hubble, "--server", agent.target(), "observe", "--last", "10"});
  INFO(observed.output);
  CHECK(observed.status == 0);
  CHECK(observed.output.find("10.0.0.1:1") != std::string::npos);
}

}  // namespace alidade::testing
