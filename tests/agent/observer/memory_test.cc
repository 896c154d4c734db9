// SPDX-License-Identifier: Apache-2.0
//
// What clients that do not read, or come and go, cost in memory: nothing that grows. SOAK_FLOWS in
// the environment says how many flows are stored meanwhile (default 300,000).
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "tests/agent/observer/server_fixture.h"

namespace alidade {
namespace {

// Allocators keep some of what they were given back.
constexpr size_t kMostGrowthBytes = 16u << 20;
constexpr int kBurst = 1000;

// Resident memory of this process, client and server together.
size_t ResidentBytes() {
  FILE* file = std::fopen("/proc/self/statm", "r");
  REQUIRE(file != nullptr);
  unsigned long size = 0;
  unsigned long resident = 0;
  const int read = std::fscanf(file, "%lu %lu", &size, &resident);
  std::fclose(file);
  REQUIRE(read == 2);
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

int FlowsToStore() {
  const char* text = std::getenv("SOAK_FLOWS");
  return text == nullptr ? 300'000 : std::atoi(text);
}

TEST_CASE("memory does not grow with clients that do not read or come and go", "[observer]") {
#ifdef __SANITIZE_ADDRESS__
  SKIP("AddressSanitizer keeps what was freed in a quarantine");
#endif
  ServerFixture fixture;
  fixture.ring.AddFlow("first", 1);
  fixture.Start();
  Client slow("unix:" + fixture.options.socket_path);
  grpc::ClientContext context;
  const auto never_read = slow.observer->GetFlows(&context, FollowFlows());
  observer::GetFlowsResponse response;
  REQUIRE(never_read->Read(&response));
  const auto burst = [&](int* number) {
    for (int i = 0; i < kBurst; ++i, ++*number) {
      fixture.ring.AddFlow("flow-" + std::to_string(*number), *number + 2);
    }
    fixture.server->NotifyAppended();
    Client client("unix:" + fixture.options.socket_path);
    FlowCall hangs_up(&client, FollowFlows());
    CHECK(hangs_up.Next().has_value());
    hangs_up.context().TryCancel();
  };
  int number = 0;
  // The store is full once, and what the slow client's connection takes is taken.
  while (number < 20'000) burst(&number);
  const size_t before = ResidentBytes();
  while (number < 20'000 + FlowsToStore()) burst(&number);
  const size_t after = ResidentBytes();
  INFO("from " << before << " to " << after << " bytes after " << number << " flows");
  CHECK(after < before + kMostGrowthBytes);
  context.TryCancel();
}

}  // namespace
}  // namespace alidade
