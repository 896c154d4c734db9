// SPDX-License-Identifier: Apache-2.0
//
// What serving costs: serve_bench [--seconds S]. A writer stores flows of a usual size at a steady
// rate, followers in processes of their own read them. One line a measure: what was delivered and
// lost, the server's CPU time for each delivered flow (all of this process but the writer), and how
// long after a flow's time it was read. Then queries over a full store of 65,535 flows.
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "agent/filter/flow_header_of.h"
#include "agent/filter/wire.h"
#include "agent/observer/server.h"
#include "agent/observer/timestamp.h"
#include "alidade/agent.grpc.pb.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "observer/observer.grpc.pb.h"

namespace alidade {
namespace {

constexpr uint32_t kCapacity = 65535;
constexpr int kPods = 64;
constexpr int64_t kTickNs = 1'000'000;  // the writer's, as the pipeline's under load

// A flow of one of kPods pods but for its time, about 390 bytes.
struct Template {
  FlowHeader header;
  std::string rest;
};

std::vector<Template> MakeTemplates() {
  std::vector<Template> templates;
  for (int i = 0; i < kPods; ++i) {
    flow::Flow flow;
    const std::string number = std::to_string(i);
    flow.set_uuid("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
    flow.set_verdict(i % 20 == 0 ? flow::DROPPED : flow::FORWARDED);
    flow.mutable_ip()->set_source("10.0.0." + number);
    flow.mutable_ip()->set_destination("10.0.1." + number);
    flow.mutable_ip()->set_ipversion(flow::IPv4);
    flow.mutable_l4()->mutable_tcp()->set_source_port(40000 + static_cast<uint32_t>(i));
    flow.mutable_l4()->mutable_tcp()->set_destination_port(8080);
    flow.mutable_l4()->mutable_tcp()->mutable_flags()->set_ack(true);
    for (flow::Endpoint* end : {flow.mutable_source(), flow.mutable_destination()}) {
      end->set_identity(5000 + static_cast<uint32_t>(i));
      end->set_namespace_("shop-" + std::to_string(i % 4));
      end->set_pod_name("pod-" + number + "-6f7c8d9b5-abcde");
      end->add_labels("k8s:app=app-" + number);
      end->add_labels("k8s:io.kubernetes.pod.namespace=shop");
    }
    flow.set_type(flow::L3_L4);
    flow.mutable_event_type()->set_type(4);
    flow.mutable_is_reply()->set_value(i % 2 == 0);
    Template one{FlowHeaderOf(flow), flow.SerializeAsString()};
    one.header.source_handle = static_cast<uint32_t>(i) + 1;
    one.header.destination_handle = static_cast<uint32_t>(i) + 1;
    templates.push_back(std::move(one));
  }
  return templates;
}

class Writer {
 public:
  explicit Writer(EventRing* ring) : ring_(*ring), templates_(MakeTemplates()) {}

  void Append() {
    Template& one = templates_[next_++ % templates_.size()];
    one.header.time_ns = absl::GetCurrentTimeNanos();
    body_.clear();
    AppendBytes(flow::Flow::kTimeFieldNumber, ToTimestamp(one.header.time_ns).SerializeAsString(),
                &body_);
    body_ += one.rest;
    ring_.Append(std::as_bytes(std::span<const FlowHeader, 1>(&one.header, 1)),
                 std::as_bytes(std::span(body_.data(), body_.size())));
  }

 private:
  EventRing& ring_;
  std::vector<Template> templates_;
  std::string body_;
  size_t next_ = 0;
};

double CpuSeconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

observer::GetFlowsRequest Request(bool filtered) {
  observer::GetFlowsRequest request;
  if (!filtered) return request;
  request.add_whitelist()->add_source_pod("shop-1/");  // a quarter of all pass
  request.add_whitelist()->add_source_label("k8s:app=nothing");
  request.add_whitelist()->add_source_ip("192.0.2.0/24");
  request.add_blacklist()->add_destination_port("53");
  request.add_blacklist()->add_verdict(flow::AUDIT);
  return request;
}

// A follower: reads until it is told to end, then prints how late flows were, in microseconds.
std::atomic<bool> stop_following{false};

int Follow(const std::string& socket, bool filtered) {
  signal(SIGTERM, [](int) { stop_following = true; });
  const auto channel = grpc::CreateChannel("unix://" + socket, grpc::InsecureChannelCredentials());
  grpc::ClientContext context;
  observer::GetFlowsRequest request = Request(filtered);
  request.set_follow(true);
  const auto stream = observer::Observer::NewStub(channel)->GetFlows(&context, request);
  std::vector<int64_t> late_us;
  observer::GetFlowsResponse response;
  while (!stop_following && stream->Read(&response)) {
    if (late_us.size() % 16 == 0 || late_us.size() < 1024) {
      late_us.push_back((absl::GetCurrentTimeNanos() - *FromTimestamp(response.time())) / 1000);
    } else {
      late_us.push_back(late_us.back());
    }
  }
  context.TryCancel();
  std::sort(late_us.begin(), late_us.end());
  const auto quantile = [&](size_t percent) {
    return late_us.empty() ? 0 : late_us[(late_us.size() - 1) * percent / 100];
  };
  std::printf("%lld %lld\n", static_cast<long long>(quantile(50)),
              static_cast<long long>(quantile(99)));
  return 0;
}

struct Follower {
  pid_t pid;
  FILE* output;
};

Follower StartFollower(const std::string& socket, bool filtered) {
  int ends[2];
  if (pipe(ends) != 0) std::abort();
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(ends[1], STDOUT_FILENO);
    execl("/proc/self/exe", "serve_bench", "--follow", socket.c_str(), filtered ? "1" : "0",
          static_cast<char*>(nullptr));
    _exit(127);
  }
  close(ends[1]);
  return {pid, fdopen(ends[0], "r")};
}

class Bench {
 public:
  explicit Bench(double seconds) : seconds_(seconds) {
    ServerOptions options;
    options.socket_path = socket_;
    options.node_name = "bench";
    auto started = ObserverServer::Start(options, ring_, ledger_, {});
    if (!started.ok()) {
      std::fprintf(stderr, "%s\n", started.status().ToString().c_str());
      std::exit(1);
    }
    server_ = *std::move(started);
  }
  ~Bench() { server_->Shutdown(absl::Seconds(1)); }

  void Stream(const char* name, int followers, bool filtered, int64_t rate) {
    std::vector<Follower> running;
    for (int i = 0; i < followers; ++i) running.push_back(StartFollower(socket_, filtered));
    while (Sum().streams < followers) std::this_thread::yield();
    const Totals before = Sum();
    const double cpu = CpuSeconds(CLOCK_PROCESS_CPUTIME_ID);
    double writer_cpu = 0;
    std::thread writer([&] { writer_cpu = Write(rate); });
    writer.join();
    const double used = CpuSeconds(CLOCK_PROCESS_CPUTIME_ID) - cpu - writer_cpu;
    // What is still on its way arrives before the followers are asked to end.
    Totals after = Sum();
    for (Totals last{}; last.delivered != after.delivered; after = Sum()) {
      last = after;
      usleep(50'000);
    }
    writer_.Append();
    long long half = 0;
    long long late = 0;
    for (const Follower& one : running) {
      kill(one.pid, SIGTERM);
      while (waitpid(one.pid, nullptr, WNOHANG) == 0) {
        writer_.Append();
        server_->NotifyAppended();
        usleep(1000);
      }
      long long p50 = 0;
      long long p99 = 0;
      if (std::fscanf(one.output, "%lld %lld", &p50, &p99) == 2) {
        half = std::max(half, p50);
        late = std::max(late, p99);
      }
      std::fclose(one.output);
    }
    const auto delivered = static_cast<double>(after.delivered - before.delivered);
    std::printf("%-34s %9.0f delivered/s %8llu lost %6.2f us CPU/flow  p50 %lld us p99 %lld us\n",
                name, delivered / seconds_,
                static_cast<unsigned long long>(after.lost - before.lost), used * 1e6 / delivered,
                half, late);
    while (Sum().streams > 0) std::this_thread::yield();
  }

  void Query(const char* name, const observer::GetFlowsRequest& filters) {
    for (uint32_t i = 0; i < kCapacity; ++i) writer_.Append();
    std::vector<double> times_ms;
    size_t flows = 0;
    const auto channel =
        grpc::CreateChannel("unix://" + socket_, grpc::InsecureChannelCredentials());
    const auto stub = observer::Observer::NewStub(channel);
    for (int round = 0; round < 7; ++round) {
      observer::GetFlowsRequest request = filters;
      request.set_number(kCapacity);
      grpc::ClientContext context;
      const auto begin = std::chrono::steady_clock::now();
      const auto stream = stub->GetFlows(&context, request);
      observer::GetFlowsResponse response;
      flows = 0;
      while (stream->Read(&response)) ++flows;
      const std::chrono::duration<double, std::milli> took =
          std::chrono::steady_clock::now() - begin;
      times_ms.push_back(took.count());
    }
    std::sort(times_ms.begin(), times_ms.end());
    std::printf("%-34s %9zu flows %8.1f ms (%.1f to %.1f)\n", name, flows, times_ms[3],
                times_ms.front(), times_ms.back());
  }

 private:
  struct Totals {
    uint64_t delivered = 0;
    uint64_t lost = 0;
    int streams = 0;
  };

  Totals Sum() {
    const auto channel =
        grpc::CreateChannel("unix://" + socket_, grpc::InsecureChannelCredentials());
    grpc::ClientContext context;
    GetStatusResponse status;
    Agent::NewStub(channel)->GetStatus(&context, {}, &status);
    Totals totals;
    for (const ClientStatus& client : status.clients()) {
      totals.delivered += client.delivered();
      totals.lost += client.lost();
    }
    totals.streams = status.clients_size();
    return totals;
  }

  // Stores `rate` flows a second; the CPU time that this took.
  double Write(int64_t rate) {
    const int64_t begin = absl::GetCurrentTimeNanos();
    const int64_t end = begin + static_cast<int64_t>(seconds_ * 1e9);
    int64_t done = 0;
    for (int64_t now = begin; now < end; now = absl::GetCurrentTimeNanos()) {
      const int64_t due = (now - begin) * rate / 1'000'000'000;
      for (; done < due; ++done) writer_.Append();
      server_->NotifyAppended();
      const timespec pause{0, kTickNs};
      nanosleep(&pause, nullptr);
    }
    return CpuSeconds(CLOCK_THREAD_CPUTIME_ID);
  }

  const double seconds_;
  const std::string socket_ = "/tmp/alidade-serve-" + std::to_string(getpid()) + ".sock";
  EventRing ring_{
      {.capacity = kCapacity, .header_bytes = sizeof(FlowHeader), .arena_bytes = 64u << 20}};
  Ledger ledger_;
  Writer writer_{&ring_};
  std::unique_ptr<ObserverServer> server_;
};

void Run(double seconds) {
  Bench bench(seconds);
  bench.Stream("1 follower at 10,000/s", 1, false, 10'000);
  bench.Stream("1 follower at 100,000/s", 1, false, 100'000);
  bench.Stream("1 follower, 5 filters, 100,000/s", 1, true, 100'000);
  bench.Stream("10 followers at 10,000/s", 10, false, 10'000);
  bench.Stream("10 followers at 30,000/s", 10, false, 30'000);
  bench.Query("--last 65535", {});
  observer::GetFlowsRequest pod;
  pod.add_whitelist()->add_source_pod("shop-1/pod-1-");
  bench.Query("--last 65535, a pod", pod);
  observer::GetFlowsRequest label;
  label.add_whitelist()->add_source_label("k8s:app=app-1");
  bench.Query("--last 65535, a label", label);
}

}  // namespace
}  // namespace alidade

int main(int argc, char** argv) {
  if (argc == 4 && std::strcmp(argv[1], "--follow") == 0) {
    return alidade::Follow(argv[2], std::strcmp(argv[3], "1") == 0);
  }
  double seconds = 5;
  if (argc == 3 && std::strcmp(argv[1], "--seconds") == 0) seconds = std::atof(argv[2]);
  alidade::Run(seconds);
  return 0;
}
