// SPDX-License-Identifier: Apache-2.0
//
// The rings between the programs and the agent: what goes through whole, what they have no room
// for, and when they wake their reader.
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "parser/flow_record.h"
#include "tests/kernel/agent_process.h"
#include "tests/kernel/loaded_trace.h"
#include "tests/kernel/netns.h"
#include "tests/kernel/traffic.h"

namespace alidade::testing {
namespace {

constexpr connection_timeouts kTimeouts = {60'000, 60'000, 60'000, 60'000,
                                           60'000, 60'000, 60'000, 60'000};

// Keeps this thread on one CPU, by default that which it runs on.
class OnOneCpu {
 public:
  explicit OnOneCpu(int cpu = sched_getcpu()) : cpu_(cpu) {
    REQUIRE(sched_getaffinity(0, sizeof(before_), &before_) == 0);
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(static_cast<size_t>(cpu_), &only);
    REQUIRE(sched_setaffinity(0, sizeof(only), &only) == 0);
  }
  ~OnOneCpu() { sched_setaffinity(0, sizeof(before_), &before_); }
  OnOneCpu(const OnOneCpu&) = delete;
  OnOneCpu& operator=(const OnOneCpu&) = delete;

  uint32_t cpu() const { return static_cast<uint32_t>(cpu_); }

 private:
  int cpu_;
  cpu_set_t before_;
};

// Takes a CPU away from the machine, until it is brought online again, at the end at the latest.
class OfflineCpu {
 public:
  explicit OfflineCpu(int cpu)
      : file_(absl::StrCat("/sys/devices/system/cpu/cpu", cpu, "/online")) {
    Write('0');
  }
  ~OfflineCpu() { BringOnline(); }
  OfflineCpu(const OfflineCpu&) = delete;
  OfflineCpu& operator=(const OfflineCpu&) = delete;

  void BringOnline() { Write('1'); }

 private:
  void Write(char state) { std::ofstream(file_) << state; }

  const std::string file_;
};

uint64_t RingBytes(const GetStatusResponse& status) {
  for (const auto& map : status.maps()) {
    if (map.name() == "BPF rings") return map.bytes();
  }
  return 0;
}

struct Counted : EventSink {
  void OnEvent(const RawEvent& event) override {
    ++events;
    is_ordered &= event.time_ns >= last_ns;
    last_ns = event.time_ns;
  }
  void OnLost(uint32_t cpu, uint64_t count, int64_t) override {
    lost += count;
    lost_on = cpu;
  }
  void OnDecoded(const observer::ExportEvent&, int64_t) override {}
  void OnBadLine() override {}

  uint64_t events = 0;
  uint64_t lost = 0;
  uint32_t lost_on = ~0u;
  int64_t last_ns = 0;
  bool is_ordered = true;
};

// Every packet is reported.
capture_config Everything(uint32_t capture_length) {
  capture_config config = StandardConfig();
  config.aggregation = AGGREGATION_NONE;
  config.capture_length = capture_length;
  return config;
}

ByteVector Datagram(size_t bytes, uint16_t port) {
  const size_t headers = 14 + 20 + 8;
  ByteVector packet =
      Ethernet().Ipv4("10.0.0.1", "10.0.0.2").Udp(1000, port).Payload(bytes - headers).Build();
  for (size_t i = headers; i < bytes; ++i) packet[i] = static_cast<std::byte>(i * 7);
  return packet;
}

// Until nothing is left that is counted as written.
void ReadAll(LoadedTrace& trace, Counted& counted) {
  while (counted.events < trace.maps().Count(HOOK_TRACE).emitted) trace.rings().Read(counted);
}

void CheckCapture(LoadedTrace& trace, ByteVector packet, size_t most) {
  const std::vector<TraceReport> reports = trace.Run(packet, false);
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].header.len_orig == packet.size());
  packet.resize(std::min(packet.size(), most));
  CHECK(reports[0].header.len_cap == packet.size());
  CHECK(reports[0].packet == packet);
}

}  // namespace

TEST_CASE("what a ring has no room for is counted, and told once", "[kernel][vm]") {
  const OnOneCpu pinned;
  LoadedTrace trace(Everything(128), kTimeouts);
  Counted counted;
  const int sent = 1000;
  trace.Repeat(Datagram(100, 2000), sent);
  const hook_count full = trace.maps().Count(HOOK_TRACE);
  CHECK(full.emitted > 0);
  CHECK(full.lost > 0);
  CHECK(full.emitted + full.lost == sent);
  CHECK(trace.maps().LostOn(pinned.cpu()) == full.lost);
  // No less fits than the bytes of the ring say: a record, its header and frame.
  const uint64_t record_bytes =
      8 + sizeof(event_frame) + sizeof(trace_notify) + sizeof(trace_ext) + 128;
  CHECK(full.emitted + 1 >=
        LoadedTrace::kRingPages * static_cast<uint64_t>(getpagesize()) / record_bytes);

  ReadAll(trace, counted);
  CHECK(counted.events == full.emitted);
  CHECK(counted.lost == full.lost);
  CHECK(counted.lost_on == pinned.cpu());
  CHECK(counted.is_ordered);

  trace.Repeat(Datagram(100, 2000), 10);
  ReadAll(trace, counted);
  CHECK(counted.events == full.emitted + 10);
  CHECK(counted.lost == full.lost);

  trace.Repeat(Datagram(100, 2000), sent);
  ReadAll(trace, counted);
  const hook_count again = trace.maps().Count(HOOK_TRACE);
  CHECK(again.lost > full.lost);
  CHECK(counted.lost == again.lost);
}

TEST_CASE("a ring wakes its reader when it is half full", "[kernel][vm]") {
  const OnOneCpu pinned;
  LoadedTrace trace(Everything(128), kTimeouts);
  Counted counted;
  // A little more than half of what the ring holds, and as many as there are between two that ask.
  constexpr int kSent = 85 + 16;
  constexpr absl::Duration kPatience = absl::Minutes(5);
  // More than once: what woke the reader before must not be what wakes it now. And with the ring's
  // middle in every part of a record, of which not all is used.
  for (int longer = 0; longer < 8; ++longer) {
    const uint64_t before = trace.maps().Count(HOOK_TRACE).emitted;
    if (longer > 0) trace.Repeat(Datagram(128, 2000), longer);
    trace.Repeat(Datagram(42, 2000), kSent - longer);
    const absl::Time start = absl::Now();
    trace.rings().Wait(kPatience);
    REQUIRE(absl::Now() - start < kPatience);
    ReadAll(trace, counted);
    CHECK(counted.events == before + kSent);
  }
  CHECK(counted.lost == 0);
}

TEST_CASE("a CPU that comes after the agent gets a ring, and what it had none for is counted",
          "[kernel][vm-all]") {
  const OnOneCpu pinned;
  LoadedTrace trace(Everything(128), kTimeouts, std::vector<uint32_t>{});
  CHECK(trace.rings().memory_bytes() == 0);
  trace.Repeat(Datagram(100, 2000), 10);
  CHECK(trace.maps().Count(HOOK_TRACE).failed == 10);

  Counted counted;
  while (trace.rings().memory_bytes() == 0) trace.rings().Read(counted);
  trace.Repeat(Datagram(100, 2000), 10);
  ReadAll(trace, counted);
  CHECK(counted.events == 10);
  CHECK(counted.lost == 0);
  CHECK(trace.maps().Count(HOOK_TRACE).failed == 10);
}

TEST_CASE("what a CPU sends that came after the agent is seen", "[kernel][vm-all]") {
  constexpr int kCpu = 1;
  if (getenv("ALIDADE_TEST_OWNS_MACHINE") == nullptr) {
    SKIP("takes a CPU away: only where the machine is the test's own");
  }
  if (sysconf(_SC_NPROCESSORS_ONLN) <= kCpu) SKIP("there is only one CPU");
  const NetworkNamespace host("host");
  const NetworkNamespace pod("pod");
  Connect(host, "to-pod", pod, "eth0");
  OfflineCpu cpu(kCpu);
  const AgentProcess agent(&host);
  agent.WaitForAttached("to-pod");
  const uint64_t before = RingBytes(agent.Status());
  REQUIRE(before > 0);
  cpu.BringOnline();
  agent.WaitForStatus(
      [&](const GetStatusResponse& status) { return RingBytes(status) == 2 * before; });

  const OnOneCpu pinned(kCpu);
  std::optional<Socket> server;
  host.Inside([&] { server.emplace(Serve(SOCK_DGRAM, "10.99.0.1")); });
  uint16_t port = 0;
  pod.Inside([&] { port = SendUdp("10.99.0.1", LocalPort(*server), "hello"); });
  agent.WaitForFlow("the datagram", [&](const flow::Flow& flow) {
    return flow.l4().udp().source_port() == port && flow.verdict() == flow::FORWARDED;
  });
}

TEST_CASE("a record holds as much of a packet as it is told to", "[kernel][vm]") {
  constexpr uint16_t kVxlan = 4789;
  for (const uint32_t capture_length : {0u, 128u, 1024u}) {
    LoadedTrace trace(Everything(capture_length), kTimeouts);
    for (const size_t bytes : {42u, 79u, 80u, 81u, 127u, 128u, 129u, 208u, 209u, 1024u, 1400u}) {
      INFO(bytes << " bytes, " << capture_length << " of them");
      CheckCapture(trace, Datagram(bytes, 2000), capture_length);
      // In which there may be another packet.
      CheckCapture(trace, Datagram(bytes, kVxlan),
                   capture_length > 0 ? capture_length + MAX_TUNNEL_HEADERS : 0);
    }
  }
}

}  // namespace alidade::testing
