// SPDX-License-Identifier: Apache-2.0
//
// What serving costs: serve_bench [--seconds S] [--peer HUBBLE_SERVER]. Flows of a usual size are
// stored at a steady rate and read by followers in processes of their own; then a full store of
// 65,535 flows is queried. With a peer each measure is taken of it too, at once after ours, by the
// same clients over the same flows.
//
// CPU is that of the server's process but for the thread that stores, for each flow that was
// delivered. Lost is what a follower should have got and did not.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "grpcpp/create_channel.h"
#include "observer/observer.grpc.pb.h"
#include "tests/bench/serve_flows.h"
#include "tests/bench/serve_follower.h"
#include "tests/bench/serve_server.h"
#include "tests/support/temporary_folder.h"

namespace alidade::bench {
namespace {

constexpr int kQueryRounds = 7;
// The flows have all arrived when none has for so long.
constexpr std::chrono::milliseconds kQuiet{300};

struct Contender {
  const char* name;
  std::unique_ptr<ServerProcess> server;
};

using Followers = std::vector<std::unique_ptr<Follower>>;

uint64_t Sum(const Followers& followers) {
  uint64_t sum = 0;
  for (const auto& follower : followers) sum += follower->flows();
  return sum;
}

void WaitUntilQuiet(const Followers& followers) {
  for (uint64_t before = UINT64_MAX, now = Sum(followers); now != before; now = Sum(followers)) {
    before = now;
    std::this_thread::sleep_for(kQuiet);
  }
}

// CPU microseconds for each flow delivered.
double Stream(const Contender& contender, int count, bool filtered, int64_t rate, double seconds) {
  ServerProcess& server = *contender.server;
  Followers followers;
  for (int i = 0; i < count; ++i) {
    followers.push_back(std::make_unique<Follower>(server.target(), filtered));
  }
  const auto all_follow = [&] {
    return std::all_of(followers.begin(), followers.end(),
                       [](const auto& follower) { return follower->flows() > 0; });
  };
  while (!all_follow()) {
    server.Fill(kTemplates);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  WaitUntilQuiet(followers);

  const uint64_t flows_before = Sum(followers);
  const double cpu_before = server.CpuSeconds();
  const auto total =
      static_cast<int64_t>(static_cast<double>(rate) * seconds) / kTemplates * kTemplates;
  const double storing = server.Feed(rate, total);
  WaitUntilQuiet(followers);
  const double cpu = server.CpuSeconds() - cpu_before - storing;
  const auto delivered = static_cast<double>(Sum(followers) - flows_before);
  const double wanted = static_cast<double>(total) * count / (filtered ? kFilteredShare : 1);

  int64_t half = 0;
  int64_t late = 0;
  for (const auto& follower : followers) {
    follower->Stop();
    half = std::max(half, follower->late_p50_us());
    late = std::max(late, follower->late_p99_us());
  }
  const double cpu_us = cpu * 1e6 / delivered;
  std::printf(
      "  %-6s %9.0f delivered/s  lost %5.1f %%  %6.2f us CPU/flow  p50 %6.1f ms  p99 %6.1f ms\n",
      contender.name, delivered / seconds, 100 * (1 - delivered / wanted), cpu_us,
      static_cast<double>(half) / 1000, static_cast<double>(late) / 1000);
  return cpu_us;
}

// The median time of a query in milliseconds.
double Query(const Contender& contender, const observer::GetFlowsRequest& filters) {
  contender.server->Fill(kCapacity + 1);
  std::vector<double> times_ms;
  size_t flows = 0;
  const auto stub = observer::Observer::NewStub(
      grpc::CreateChannel(contender.server->target(), grpc::InsecureChannelCredentials()));
  for (int round = 0; round < kQueryRounds; ++round) {
    observer::GetFlowsRequest request = filters;
    request.set_number(kCapacity);
    grpc::ClientContext context;
    const auto begin = std::chrono::steady_clock::now();
    const auto stream = stub->GetFlows(&context, request);
    observer::GetFlowsResponse response;
    for (flows = 0; stream->Read(&response);) ++flows;
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    times_ms.push_back(took.count());
  }
  std::sort(times_ms.begin(), times_ms.end());
  const double median = times_ms[kQueryRounds / 2];
  std::printf("  %-6s %9zu flows  %8.1f ms (%.1f to %.1f)\n", contender.name, flows, median,
              times_ms.front(), times_ms.back());
  return median;
}

// Takes one measure of all, and says how many times as much the peer needs.
template <typename Measure>
void Compare(const std::string& name, const std::vector<Contender>& contenders, Measure measure) {
  std::printf("%s\n", name.c_str());
  std::vector<double> results;
  for (const Contender& contender : contenders) results.push_back(measure(contender));
  if (results.size() == 2) std::printf("  ratio  %9.1f\n", results[1] / results[0]);
  std::fflush(stdout);
}

struct StreamCase {
  int followers;
  bool filtered;
  int64_t rate;
};

void Run(double seconds, const std::vector<Contender>& contenders) {
  const StreamCase cases[] = {
      {1, false, 10'000},  {1, false, 30'000},  {1, false, 100'000}, {1, true, 100'000},
      {10, false, 10'000}, {10, false, 30'000}, {10, true, 30'000},
  };
  for (const StreamCase& one : cases) {
    Compare(std::to_string(one.followers) + " following, " + (one.filtered ? "5 filters, " : "") +
                std::to_string(one.rate) + " flows/s",
            contenders, [&](const Contender& contender) {
              return Stream(contender, one.followers, one.filtered, one.rate, seconds);
            });
  }
  observer::GetFlowsRequest pod;
  pod.add_whitelist()->add_source_pod("shop-1/pod-1-");
  observer::GetFlowsRequest label;
  label.add_whitelist()->add_source_label("k8s:app=app-1");
  const std::pair<const char*, observer::GetFlowsRequest> queries[] = {
      {"--last 65535", {}}, {"--last 65535, a pod", pod}, {"--last 65535, a label", label}};
  for (const auto& [name, filters] : queries) {
    const observer::GetFlowsRequest& request = filters;
    Compare(name, contenders,
            [&](const Contender& contender) { return Query(contender, request); });
  }
}

int Main(double seconds, const std::string& peer) {
  const testing::TemporaryFolder folder;
  const std::string flows = folder / "flows.jsonl";
  WriteTemplates(flows);
  {
    std::vector<Contender> contenders;
    const std::string own = folder / "own.sock";
    contenders.push_back(
        {"ours", std::make_unique<ServerProcess>(
                     std::vector<std::string>{"/proc/self/exe", "--serve", own, flows}, own)});
    if (!peer.empty()) {
      const std::string socket = folder / "peer.sock";
      contenders.push_back(
          {"cilium", std::make_unique<ServerProcess>(
                         std::vector<std::string>{peer, "--orders", "--listen", "unix://" + socket,
                                                  "--flows", flows, "--node-name", "bench",
                                                  "--capacity", std::to_string(kCapacity)},
                         socket)});
    }
    Run(seconds, contenders);
  }
  return 0;
}

}  // namespace
}  // namespace alidade::bench

int main(int argc, char** argv) {
  using namespace alidade::bench;
  if (argc == 4 && std::strcmp(argv[1], "--follow") == 0) {
    return Follower::Main(argv[2], std::strcmp(argv[3], "1") == 0);
  }
  if (argc == 4 && std::strcmp(argv[1], "--serve") == 0) return ServeMain(argv[2], argv[3]);
  double seconds = 5;
  std::string peer;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--seconds") == 0) seconds = std::atof(argv[i + 1]);
    if (std::strcmp(argv[i], "--peer") == 0) peer = argv[i + 1];
  }
  return Main(seconds, peer);
}
