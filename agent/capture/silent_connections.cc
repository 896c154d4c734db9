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
    const LoadedHook& hook, const SilentTable& table, InterfaceTable& interfaces) {
  const int program = bpf_program__fd(hook.program("alidade_silent"));
  auto silent =
      std::unique_ptr<SilentConnections>(new SilentConnections(program, table, interfaces));
  RETURN_IF_ERROR(silent->RunFrom(0, RUN_OF_SILENT));
  interfaces.KeepGone();
  silent->thread_ = std::thread([silent = silent.get()] { silent->Repeat(); });
  return silent;
}

SilentConnections::~SilentConnections() {
  if (!thread_.joinable()) return;
  stop_.Notify();
  thread_.join();
}

absl::Status SilentConnections::RunFrom(uint32_t first_set, silent_run run_kind) const {
  const std::array<char, kEthernetAndIp> packet{};
  __sk_buff context{};
  context.mark = first_set;
  context.cb[0] = run_kind;
  LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = packet.data(),
              .data_size_in = static_cast<uint32_t>(packet.size()), .ctx_in = &context,
              .ctx_size_in = sizeof(context), .repeat = 1);
  if (bpf_prog_test_run_opts(program_fd_, &run) == 0) return absl::OkStatus();
  return SystemError(errno, "run alidade_silent");
}

// Once a second at most, however many interfaces come and go: where connections are many, to go
// through them takes some of a CPU.
void SilentConnections::TellOfGone() const {
  const std::set<uint32_t> gone = interfaces_.Gone();
  if (gone.empty()) return;
  for (uint32_t first = 0; first < table_.sets; first += SILENT_SETS_OF_RUN) {
    (void)RunFrom(first, RUN_OF_GONE);
  }
  interfaces_.RemoveGone(gone);
}

// What fails once, for want of memory, may work the next time.
void SilentConnections::Repeat() const {
  const uint32_t per_second = SilentSetsPerSecond(table_);
  uint32_t next = 0;
  while (!stop_.WaitForNotificationWithTimeout(kPause)) {
    TellOfGone();
    for (uint32_t done = 0; done < per_second; done += SILENT_SETS_OF_RUN) {
      (void)RunFrom(next, RUN_OF_SILENT);
      next += SILENT_SETS_OF_RUN;
      if (next >= table_.sets) next = 0;
    }
  }
}

}  // namespace alidade
