// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/silent_connections.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>

#include "agent/capture/system_error.h"
#include "agent/status_macros.h"
#include "bpf/config.h"

namespace alidade {
namespace {

constexpr absl::Duration kPause = absl::Seconds(1);

// A program on packets runs over some packet, though ours does not look at it. Kernels want it to
// be as long as these two headers.
constexpr size_t kEthernetAndIp = 14 + 20;

}  // namespace

uint32_t SilentSetsPerSecond(const SilentTable& table) {
  const double seconds = absl::ToDoubleSeconds(std::clamp(table.interval, kPause, kLongestRound)) /
                         absl::ToDoubleSeconds(kPause);
  return static_cast<uint32_t>(std::ceil(table.sets / seconds));
}

absl::StatusOr<std::unique_ptr<SilentConnections>> SilentConnections::Start(
    const LoadedHook& hook, const SilentTable& table) {
  const int program = bpf_program__fd(hook.program("alidade_silent"));
  auto silent = std::unique_ptr<SilentConnections>(new SilentConnections(program, table));
  RETURN_IF_ERROR(silent->RunFrom(0));
  silent->thread_ = std::thread([silent = silent.get()] { silent->Repeat(); });
  return silent;
}

SilentConnections::~SilentConnections() {
  if (!thread_.joinable()) return;
  stop_.Notify();
  thread_.join();
}

absl::Status SilentConnections::RunFrom(uint32_t first_set) const {
  const std::array<char, kEthernetAndIp> packet{};
  __sk_buff context{};
  context.mark = first_set;
  LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = packet.data(),
              .data_size_in = static_cast<uint32_t>(packet.size()), .ctx_in = &context,
              .ctx_size_in = sizeof(context), .repeat = 1);
  if (bpf_prog_test_run_opts(program_fd_, &run) == 0) return absl::OkStatus();
  return SystemError(errno, "run alidade_silent");
}

// What fails once, for want of memory, may work the next time.
void SilentConnections::Repeat() {
  const uint32_t per_second = SilentSetsPerSecond(table_);
  uint32_t next = 0;
  while (!stop_.WaitForNotificationWithTimeout(kPause)) {
    for (uint32_t done = 0; done < per_second; done += SILENT_SETS_OF_RUN) {
      (void)RunFrom(next);
      next += SILENT_SETS_OF_RUN;
      if (next >= table_.sets) next = 0;
    }
  }
}

}  // namespace alidade
