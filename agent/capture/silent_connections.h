// SPDX-License-Identifier: Apache-2.0
//
// Has connections that fell silent tell what they had not told yet: runs bpf/trace_silent.bpf.c
// over the kernel's table of connections, again and again, a part of it each second; all of it when
// an interface has gone.
#ifndef ALIDADE_AGENT_CAPTURE_SILENT_CONNECTIONS_H_
#define ALIDADE_AGENT_CAPTURE_SILENT_CONNECTIONS_H_

#include <cstdint>
#include <memory>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "agent/capture/hooks.h"
#include "agent/capture/interface_table.h"

namespace alidade {

// What there is to go through, and how soon.
struct SilentTable {
  uint32_t sets = 0;        // of the table
  absl::Duration interval;  // between two reports of a living connection
};

// How many sets a second are gone through: all of them in an interval, but at least in a second and
// at most in `kLongestRound`.
inline constexpr absl::Duration kLongestRound = absl::Seconds(60);
uint32_t SilentSetsPerSecond(const SilentTable& table);

// A thread of its own, from Start to the end of the object.
class SilentConnections {
 public:
  // `hook` is the loaded object, which stays where it is until this is gone, as `interfaces` does.
  // Errors: the kernel does not run its program.
  static absl::StatusOr<std::unique_ptr<SilentConnections>> Start(const LoadedHook& hook,
                                                                  const SilentTable& table,
                                                                  InterfaceTable& interfaces);
  ~SilentConnections();

 private:
  SilentConnections(int program_fd, const SilentTable& table, InterfaceTable& interfaces)
      : program_fd_(program_fd), table_(table), interfaces_(interfaces) {}

  absl::Status RunFrom(uint32_t first_set, silent_run run_kind) const;
  void TellOfGone() const;
  void Repeat() const;

  const int program_fd_;
  const SilentTable table_;
  InterfaceTable& interfaces_;
  absl::Notification stop_;
  std::thread thread_;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_SILENT_CONNECTIONS_H_
