// SPDX-License-Identifier: Apache-2.0
//
// What one event costs in the parser: nanoseconds and heap allocations of decode, enrich and
// encode, each alone, on the three kinds that our programs emit, with 128 bytes of packet; and of
// all steps on the kinds that Cilium's emit, with the tables of a busy node (cilium_node.h).
// Prints one line for each kind and step: the best of many short rounds of this thread's CPU time,
// so that a busy machine disturbs it little.
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "agent/resolve/world_file.h"
#include "parser/flow_header.h"
#include "parser/parser.h"
#include "tests/bench/cilium_node.h"
#include "tests/support/allocation_counter.h"
#include "tests/support/event_builder.h"

namespace alidade::testing {
namespace {

constexpr int kRounds = 100;
constexpr int kEventsPerRound = 10'000;

double ThreadCpuNs() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

// Answers at once, so that the parser's own cost is measured: two pods, one interface.
class ConstantResolver : public EndpointResolver {
 public:
  ConstantResolver() {
    EndpointInfo& info = source_.info;
    info.id = 7;
    info.identity = 5001;
    info.namespace_name = "default";
    info.pod_name = "xwing-6f7c8d9b5-abcde";
    info.labels = {"k8s:app=xwing", "k8s:class=xwing", "k8s:io.cilium.k8s.policy.cluster=default",
                   "k8s:io.kubernetes.pod.namespace=default", "k8s:org=alliance"};
    info.workloads = {{"xwing", "Deployment"}};
    source_.wire = EncodeEndpoint(source_.info);
    destination_ = source_;
  }
  const Endpoint* Resolve(const IpAddress& address, uint32_t) const override {
    return address.bytes[3] % 2 == 0 ? &source_ : &destination_;
  }
  std::string_view InterfaceName(uint32_t, uint32_t) const override { return "eth0"; }
  IpAddress LocalAddress(uint64_t, uint32_t, const IpAddress& destination) const override {
    return destination;
  }
  std::string_view DropReasonName(uint32_t) const override { return "NETFILTER_DROP"; }
  std::string_view KernelSymbol(uint64_t) const override { return "nf_hook_slow"; }

 private:
  Endpoint source_;
  Endpoint destination_;
};

template <typename Step>
void Measure(const char* kind, const char* step, Step run) {
  double best_ns = 1e9;
  const size_t allocations_before = allocation_count;
  for (int round = 0; round < kRounds; ++round) {
    const double begin = ThreadCpuNs();
    for (int i = 0; i < kEventsPerRound; ++i) run();
    best_ns = std::min(best_ns, (ThreadCpuNs() - begin) / kEventsPerRound);
  }
  const double allocations = static_cast<double>(allocation_count - allocations_before) /
                             (static_cast<double>(kRounds) * kEventsPerRound);
  std::printf("%-14s %-7s %7.1f ns/event %5.2f allocations/event\n", kind, step, best_ns,
              allocations);
}

// Keeps the compiler from dropping work whose result is not looked at.
void Use(const void* memory) { asm volatile("" : : "r"(memory) : "memory"); }

void Bench(const char* kind, const ByteVector& bytes) {
  const ConstantResolver resolver;
  const RawEvent event = EbpfEvent(bytes);
  FlowRecord record;
  if (Decode(event, &record) != DecodeError::kNone) std::abort();
  FlowRecord decoded = record;
  Enrich(resolver, &record);
  const FlowRecord enriched = record;
  std::vector<char> out(MaxEncodedFlowBytes(enriched));
  const size_t wire_bytes = EncodeFlow(enriched, out.data());

  Measure(kind, "decode", [&] {
    Decode(event, &record);
    Use(&record);
  });
  Measure(kind, "enrich", [&] {
    Enrich(resolver, &decoded);
    Use(&decoded);
  });
  Measure(kind, "encode", [&] {
    EncodeFlow(enriched, out.data());
    Use(out.data());
  });
  Measure(kind, "header", [&] {
    const FlowHeader header = MakeFlowHeader(enriched);
    Use(&header);
  });
  Measure(kind, "all", [&] {
    Decode(event, &record);
    Enrich(resolver, &record);
    EncodeFlow(record, out.data());
    const FlowHeader header = MakeFlowHeader(record);
    Use(&header);
    Use(out.data());
  });
  std::printf("%-14s %zu bytes in, %zu bytes out\n", kind, bytes.size(), wire_bytes);
}

ByteVector Packet() {
  return Ethernet().Ipv4("10.0.1.10", "10.0.2.20").Tcp(43210, 80, 0x18).Payload(74).Build();
}

void Run() {
  const ByteVector packet = Packet();
  trace_notify trace = OurTrace(packet);
  trace.ifindex = 3;
  trace_ext trace_extension{};
  trace_extension.packets = 12;
  trace_extension.bytes = 3456;
  trace_extension.netns = 4026531840;
  Bench("trace", Concat(packet, trace, trace_extension));

  drop_notify drop = OurDrop(packet);
  drop.ifindex = 3;
  drop.header.subtype = 133;
  drop_ext drop_extension{};
  drop_extension.location = 0xffffffff81000000;
  drop_extension.kernel_reason = 8;
  Bench("drop", Concat(packet, drop, drop_extension));

  sock_notify sock = OurSock(SOCK_XLATE_PRE_FWD, SOCK_L4_TCP);
  sock.sock_cookie = 1234567;
  sock.cgroup_id = 8765;
  sock.dst_port = 443;
  sock_ext sock_extension{};
  sock_extension.version = EXT_V1;
  sock_extension.pid = 4242;
  std::memcpy(sock_extension.comm, "curl", 5);
  Bench("sock", Concat({}, sock, sock_extension));
}

// One line a sample: its kind and its bytes.
void WriteInputs(const std::string& folder, const std::vector<EventsOfKind>& kinds,
                 const nlohmann::json& world) {
  std::ofstream(folder + "/world.json") << world;
  std::ofstream out(folder + "/events.txt");
  for (const EventsOfKind& kind : kinds) {
    for (const ByteVector& sample : kind.samples) {
      const absl::string_view bytes(reinterpret_cast<const char*>(sample.data()), sample.size());
      out << kind.kind << ' ' << absl::BytesToHexString(bytes) << '\n';
    }
  }
}

// From perf bytes to the stored form, all distinct events of a kind in turn.
void BenchCilium(const World& world, const EventsOfKind& events) {
  FlowRecord record;
  std::vector<char> out(1 << 16);
  size_t next = 0;
  size_t flows = 0;
  const std::string kind = absl::StrCat("cilium-", events.kind);
  const auto run = [&] {
    const RawEvent event = CiliumEvent(events.samples[next++ % events.samples.size()]);
    if (Decode(event, &record) != DecodeError::kNone) return;
    Enrich(world, &record);
    flows += MaxEncodedFlowBytes(record) <= out.size() && EncodeFlow(record, out.data()) > 0;
    const FlowHeader header = MakeFlowHeader(record);
    Use(&header);
    Use(out.data());
  };
  for (size_t i = 0; i < events.samples.size(); ++i) run();  // every endpoint is made once
  if (flows != events.samples.size()) std::abort();
  Measure(kind.c_str(), "all", run);
}

void RunCilium(const std::vector<EventsOfKind>& kinds, const nlohmann::json& json) {
  absl::StatusOr<WorldTables> tables = ParseWorld(json.dump());
  if (!tables.ok()) std::abort();
  const World world(*std::move(tables));
  for (const EventsOfKind& events : kinds) BenchCilium(world, events);
}

}  // namespace
}  // namespace alidade::testing

// `parser_bench FOLDER` also writes events and tables there, for the peer.
int main(int argc, char** argv) {
  alidade::testing::Run();
  const auto events = alidade::testing::MakeCiliumEvents();
  const nlohmann::json world = alidade::testing::MakeWorldJson();
  if (argc > 1) alidade::testing::WriteInputs(argv[1], events, world);
  alidade::testing::RunCilium(events, world);
  return 0;
}
