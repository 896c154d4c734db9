// SPDX-License-Identifier: Apache-2.0
//
// What the programs know of each interface: the two maps of bpf/lib/interface.h. An interface that
// is gone may be kept there for a moment, until its connections have told all that they had to.
#ifndef ALIDADE_AGENT_CAPTURE_INTERFACE_TABLE_H_
#define ALIDADE_AGENT_CAPTURE_INTERFACE_TABLE_H_

#include <cstdint>
#include <set>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "agent/capture/shared_maps.h"
#include "bpf/config.h"

namespace alidade {

// Threads: any.
class InterfaceTable {
 public:
  // `maps` must outlive the table.
  explicit InterfaceTable(const SharedMaps& maps);

  absl::Status Set(uint32_t ifindex, interface_config config);
  // What was never on the interface has nothing to tell.
  void Remove(uint32_t ifindex);
  // The interface is gone: its row is marked so when KeepGone was called, else removed.
  void SayGone(uint32_t ifindex);

  // Somebody will ask for the gone ones, and remove them when they have told.
  void KeepGone();
  // Those that are marked so.
  std::set<uint32_t> Gone() const;
  // Removes them, but those that were set anew meanwhile.
  void RemoveGone(const std::set<uint32_t>& told);

 private:
  int FdOf(uint32_t ifindex) const;
  void RemoveRow(uint32_t ifindex);

  const int low_fd_;  // of the interfaces below LOW_INTERFACES
  const int others_fd_;
  mutable absl::Mutex mutex_;
  bool keeps_gone_ ABSL_GUARDED_BY(mutex_) = false;
  std::set<uint32_t> gone_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_INTERFACE_TABLE_H_
