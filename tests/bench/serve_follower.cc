// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/serve_follower.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "agent/observer/timestamp.h"
#include "grpcpp/create_channel.h"
#include "observer/observer.grpc.pb.h"
#include "tests/bench/serve_flows.h"

namespace alidade::bench {
namespace {

constexpr int kCountsDescriptor = 3;
constexpr uint64_t kEveryFlow = 1024;  // the first ones are all timed, then one in kSample
constexpr uint64_t kSample = 16;

FollowerCounts* MapCounts(int descriptor) {
  void* memory =
      mmap(nullptr, sizeof(FollowerCounts), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (memory == MAP_FAILED) std::abort();
  return static_cast<FollowerCounts*>(memory);
}

}  // namespace

Follower::Follower(const std::string& target, bool filtered) {
  const int memory = memfd_create("follower", MFD_CLOEXEC);
  int ends[2];
  if (memory < 0 || ftruncate(memory, sizeof(FollowerCounts)) != 0 || pipe2(ends, O_CLOEXEC) != 0) {
    std::abort();
  }
  counts_ = MapCounts(memory);
  pid_ = fork();
  if (pid_ == 0) {
    // Of another number first: one that stays what it is would be closed.
    const int kept = fcntl(memory, F_DUPFD_CLOEXEC, kCountsDescriptor + 1);
    dup2(ends[0], STDIN_FILENO);
    dup2(kept, kCountsDescriptor);
    execl("/proc/self/exe", "serve_bench", "--follow", target.c_str(), filtered ? "1" : "0",
          static_cast<char*>(nullptr));
    _exit(127);
  }
  close(ends[0]);
  close(memory);
  input_ = ends[1];
}

Follower::~Follower() {
  Stop();
  munmap(counts_, sizeof(FollowerCounts));
}

void Follower::Stop() {
  if (pid_ < 0) return;
  close(input_);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

int Follower::Main(const std::string& target, bool filtered) {
  FollowerCounts* counts = MapCounts(kCountsDescriptor);
  const auto channel = grpc::CreateChannel(target, grpc::InsecureChannelCredentials());
  grpc::ClientContext context;
  observer::GetFlowsRequest request = filtered ? FilteredRequest() : observer::GetFlowsRequest();
  request.set_follow(true);
  const auto stream = observer::Observer::NewStub(channel)->GetFlows(&context, request);
  std::thread end([&context] {
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0) continue;
    context.TryCancel();
  });
  std::vector<int64_t> late_us;
  observer::GetFlowsResponse response;
  for (uint64_t flows = 0; stream->Read(&response);) {
    if (!response.has_flow()) continue;
    ++flows;
    if (flows <= kEveryFlow || flows % kSample == 0) {
      late_us.push_back((absl::GetCurrentTimeNanos() - *FromTimestamp(response.time())) / 1000);
    }
    counts->flows.store(flows, std::memory_order_relaxed);
  }
  end.join();
  std::sort(late_us.begin(), late_us.end());
  if (!late_us.empty()) {
    counts->late_p50_us = late_us[(late_us.size() - 1) / 2];
    counts->late_p99_us = late_us[(late_us.size() - 1) * 99 / 100];
  }
  return 0;
}

}  // namespace alidade::bench
