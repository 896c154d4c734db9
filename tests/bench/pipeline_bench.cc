// SPDX-License-Identifier: Apache-2.0
//
// The whole way of an event in user space, from perf bytes to the stored flow, with the real
// pipeline, store and server: events per second, CPU time and heap allocations per event, with no
// follower and with one (a second process), and where the time goes.
//
//   pipeline_bench [--events N]
//
// The events are 65,536 distinct TCP traces and drops with 128 captured bytes, 20 % IPv6, 5 %
// drops, of 20,000 sockets of 200 processes, from memory: neither the perf ring nor the kernel's
// map of owners is in these numbers. The peer's figures stand in tests/bench/README.md.
#include <grpcpp/grpcpp.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "agent/observer/server.h"
#include "agent/pipeline.h"
#include "agent/resolve/endpoint_interner.h"
#include "agent/resolve/host_snapshot.h"
#include "alidade/agent.grpc.pb.h"
#include "observer/observer.grpc.pb.h"
#include "ringbuffer/event_ring.h"
#include "tests/support/allocation_counter.h"
#include "tests/support/event_builder.h"

namespace alidade::testing {
namespace {

constexpr size_t kDistinctEvents = 65536;
constexpr size_t kBatch = 256;
constexpr uint64_t kSockets = 20'000;
constexpr uint32_t kProcesses = 200;

std::string Address(std::mt19937* random, bool v6) {
  const auto a = static_cast<unsigned>((*random)() % 250);
  const auto b = static_cast<unsigned>((*random)() % 250 + 1);
  char text[64];
  std::snprintf(text, sizeof(text), v6 ? "fd00::%x:%x" : "10.1.%u.%u", a, b);
  return text;
}

std::vector<ByteVector> MakeEvents() {
  std::mt19937 random(20261122);
  std::vector<ByteVector> events;
  for (size_t i = 0; i < kDistinctEvents; ++i) {
    const bool v6 = i % 5 == 0;
    const std::string from = Address(&random, v6), to = Address(&random, v6);
    const auto port = static_cast<uint16_t>(1024 + random() % 60000);
    PacketBuilder builder = Ethernet();
    (v6 ? builder.Ipv6(from, to) : builder.Ipv4(from, to)).Tcp(port, 443, 0x18).Payload(300);
    const ByteVector packet = builder.Build(128);
    if (i % 20 == 0) {
      drop_notify drop = OurDrop(packet);
      drop.header.subtype = 133;
      drop_ext extension{};
      extension.kernel_reason = 12;
      extension.location = 0xffffffff81000000;
      events.push_back(Concat(packet, drop, extension));
    } else {
      trace_notify trace = OurTrace(packet);
      trace.reason = static_cast<uint8_t>(random() % 3);
      trace.ifindex = 2;
      trace_ext extension{};
      extension.packets = random() % 100;
      extension.bytes = random() % 100000;
      extension.sock_cookie = 1 + random() % kSockets;
      events.push_back(Concat(packet, trace, extension));
    }
  }
  return events;
}

// Knows every socket, at once.
class MemoryOwners : public SocketOwnerSource {
 public:
  bool FindOwner(uint64_t cookie, SocketOwner* owner) const override {
    *owner = {.pid = 1 + static_cast<uint32_t>(cookie) % kProcesses, .start_time = 7};
    return true;
  }
  bool FindProcess(const SocketOwner& owner, Process* process) const override {
    process->command = "worker-" + std::to_string(owner.pid);
    process->executable = "/usr/local/bin/worker";
    return true;
  }
  bool FindCgroup(uint64_t, std::string* path) const override {
    *path =
        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1f2e3d4c_0000_4000_8000_"
        "000000000000.slice/cri-containerd-" +
        std::string(64, 'c') + ".scope";
    return true;
  }
};

// Hands out prepared events as a perf ring would.
class MemorySource : public EventSource {
 public:
  explicit MemorySource(const std::vector<ByteVector>& events) : events_(events) {}
  void Wait(absl::Duration) override {}
  void Wake() override {}
  size_t Read(EventSink& sink) override {
    for (size_t i = 0; i < kBatch; ++i) {
      const ByteVector& bytes = events_[next_++ % events_.size()];
      RawEvent event{.bytes = bytes, .time_ns = time_ns_ += 1000};
      sink.OnEvent(event);
    }
    return kBatch;
  }

 private:
  const std::vector<ByteVector>& events_;
  size_t next_ = 0;
  int64_t time_ns_ = 1'700'000'000'000'000'000;
};

struct Usage {
  double wall_s;
  double cpu_s;
  size_t allocations;
};

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

template <typename Body>
Usage Measure(Body body) {
  const size_t allocations = allocation_count;
  const double cpu = CpuSeconds();
  const auto begin = std::chrono::steady_clock::now();
  body();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  return {wall.count(), CpuSeconds() - cpu, allocation_count - allocations};
}

void Print(const char* what, const Usage& usage, size_t events) {
  const auto count = static_cast<double>(events);
  std::printf("%-28s %9.0f events/s %7.1f ns wall %7.1f ns CPU %5.2f allocations per event\n", what,
              count / usage.wall_s, usage.wall_s * 1e9 / count, usage.cpu_s * 1e9 / count,
              static_cast<double>(usage.allocations) / count);
}

// Everything that a pipeline needs, with a server on a unix socket of its own.
struct Bench {
  EventRing ring{{.capacity = 65535, .header_bytes = sizeof(FlowHeader), .arena_bytes = 64u << 20}};
  Ledger ledger;
  EndpointInterner interner;
  ResolverSlot resolvers;
  MemoryOwners owners;
  ProcessTable processes{owners};
  MemorySource source;
  std::unique_ptr<ObserverServer> server;
  std::string socket = "/tmp/alidade-bench-" + std::to_string(getpid()) + ".sock";

  explicit Bench(const std::vector<ByteVector>& events) : source(events) {
    HostFacts facts;
    facts.interface_names = {{2, "eth0"}};
    facts.drop_reason_name = [](uint32_t) { return std::string_view("NETFILTER_DROP"); };
    facts.kernel_symbol = [](uint64_t) { return std::string_view("nf_hook_slow"); };
    resolvers.Set(std::make_shared<HostSnapshot>(std::move(facts), interner));
    ServerOptions options;
    options.socket_path = socket;
    options.node_name = "bench";
    auto started = ObserverServer::Start(options, ring, ledger, [](GetStatusResponse*) {});
    if (!started.ok()) {
      std::fprintf(stderr, "%s\n", std::string(started.status().message()).c_str());
      std::exit(1);
    }
    server = *std::move(started);
  }
  ~Bench() { server->Shutdown(absl::Seconds(1)); }
};

// A follower in a process of its own, so that its CPU time is not the server's. It reads raw
// messages and counts them until it is killed.
pid_t StartFollower(const std::string& socket) {
  const pid_t child = fork();
  if (child != 0) return child;
  const std::string self = "/proc/self/exe";
  execl(self.c_str(), "pipeline_bench", "--follow", socket.c_str(), nullptr);
  _exit(127);
}

int Follow(const std::string& socket) {
  auto channel = grpc::CreateChannel("unix://" + socket, grpc::InsecureChannelCredentials());
  grpc::ClientContext context;
  observer::GetFlowsRequest request;
  request.set_follow(true);
  auto stream = observer::Observer::NewStub(channel)->GetFlows(&context, request);
  observer::GetFlowsResponse response;
  while (stream->Read(&response)) {
  }
  return 0;
}

ClientStatus OnlyClient(const Bench& bench) {
  auto channel = grpc::CreateChannel("unix://" + bench.socket, grpc::InsecureChannelCredentials());
  grpc::ClientContext context;
  GetStatusResponse status;
  alidade::Agent::NewStub(channel)->GetStatus(&context, {}, &status);
  return status.clients_size() == 1 ? status.clients(0) : ClientStatus();
}

void Run(size_t events) {
  const std::vector<ByteVector> prepared = MakeEvents();
  Bench bench(prepared);
  Pipeline pipeline(
      bench.source, bench.resolvers, bench.ring, bench.ledger,
      [&] { bench.server->NotifyAppended(); }, &bench.processes);
  const auto run = [&] {
    for (size_t done = 0; done < events; done += kBatch) pipeline.RunOnce();
  };
  run();  // warm
  Print("pipeline, no follower", Measure(run), events);

  const pid_t follower = StartFollower(bench.socket);
  while (OnlyClient(bench).method().empty()) pipeline.RunOnce();
  const ClientStatus before = OnlyClient(bench);
  const Usage usage = Measure(run);
  const ClientStatus after = OnlyClient(bench);
  Print("pipeline, one follower", usage, events);
  const auto delivered = static_cast<double>(after.delivered() - before.delivered());
  std::printf("%-28s %9.0f delivered/s %7.0f lost, at full speed\n", "  the follower",
              delivered / usage.wall_s, static_cast<double>(after.lost() - before.lost()));
  kill(follower, SIGKILL);
  waitpid(follower, nullptr, 0);
}

// The same events through each step alone.
void BreakDown() {
  const std::vector<ByteVector> prepared = MakeEvents();
  EndpointInterner interner;
  HostFacts facts;
  facts.interface_names = {{2, "eth0"}};
  const HostSnapshot snapshot(std::move(facts), interner);
  EventRing ring({.capacity = 65535, .header_bytes = sizeof(FlowHeader), .arena_bytes = 64u << 20});
  UuidGenerator uuids;
  std::vector<FlowRecord> records(prepared.size());
  std::vector<char> out(4096);
  size_t size = 0;
  const auto each = [&](const char* what, auto step) {
    for (size_t i = 0; i < prepared.size(); ++i) step(i);  // warm
    Print(what, Measure([&] {
            for (int round = 0; round < 8; ++round) {
              for (size_t i = 0; i < prepared.size(); ++i) step(i);
            }
          }),
          8 * prepared.size());
  };
  each("  decode", [&](size_t i) { Decode({.bytes = prepared[i]}, &records[i]); });
  each("  uuid", [&](size_t i) { records[i].uuid = uuids.Next(); });
  each("  enrich", [&](size_t i) { Enrich(snapshot, &records[i]); });
  const MemoryOwners owners;
  ProcessTable processes(owners);
  each("  attribute", [&](size_t i) { processes.Attribute(&records[i], 1); });
  each("  encode", [&](size_t i) { size = EncodeFlow(records[i], out.data()); });
  each("  header and store", [&](size_t i) {
    const FlowHeader header = MakeFlowHeader(records[i]);
    ring.Append(std::as_bytes(std::span<const FlowHeader, 1>(&header, 1)),
                std::as_bytes(std::span(out.data(), size)));
  });
}

}  // namespace
}  // namespace alidade::testing

int main(int argc, char** argv) {
  size_t events = 2'000'000;
  if (argc == 3 && std::strcmp(argv[1], "--follow") == 0) return alidade::testing::Follow(argv[2]);
  if (argc == 3 && std::strcmp(argv[1], "--events") == 0)
    events = std::strtoull(argv[2], nullptr, 10);
  alidade::testing::Run(events);
  std::printf("where the time goes, each step alone over the same events:\n");
  alidade::testing::BreakDown();
  return 0;
}
