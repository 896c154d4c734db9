// SPDX-License-Identifier: Apache-2.0
//
// Keeps the tc programs on every interface that should have them, as interfaces come and go.
#ifndef ALIDADE_AGENT_CAPTURE_INTERFACE_ATTACHER_H_
#define ALIDADE_AGENT_CAPTURE_INTERFACE_ATTACHER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/capture/capture_options.h"
#include "agent/capture/hooks.h"
#include "agent/capture/interface_role.h"
#include "agent/capture/interface_table.h"
#include "agent/capture/netlink.h"
#include "agent/capture/peer_namespaces.h"
#include "agent/capture/tc_attachment.h"

namespace alidade {

// What is known of one interface.
struct AttachState {
  Interface interface;
  std::string mechanism;  // tcx, clsact; empty: nothing is attached
  std::string detail;     // why nothing is attached
  // What it had carried when the programs stood on it, both ways: some of it may have been seen
  // while they were put there, nothing after it was not.
  LinkTotals unseen;
  PeerNamespace peer;  // where its other end is; inode 0: in this namespace, or not found
};

// Thread: one thread uses an object.
class InterfaceAttacher {
 public:
  // `hook` is the loaded trace hook; its programs, the table and the options must outlive the
  // attacher.
  InterfaceAttacher(const LoadedHook& hook, InterfaceTable& table, const CaptureOptions& options);

  // Takes in that `interface` is new or was changed. One that vanishes meanwhile, or that refuses,
  // costs only itself and says so in states(). Returns its state when it tried to attach to it,
  // null otherwise; valid until the next call.
  const AttachState* Update(const Interface& interface);
  // Takes in that the interface is gone, and with it what was attached to it.
  void Remove(uint32_t ifindex);
  // Forgets those that are not in `network`, and updates all that are. Returns those that it tried
  // to attach to.
  std::vector<AttachState> Reconcile(const HostNetwork& network);

  std::vector<AttachState> states() const;

 private:
  struct Slot {
    AttachState state;
    std::optional<TcAttachment> attachment;
  };

  // Why `interface` is left alone; empty when it is not.
  std::string Refusal(const Interface& interface) const;
  // Writes its row into the programs' table.
  absl::Status Tell(const Interface& interface);
  // Returns whether it was tried.
  bool Attach(Slot& slot);
  // Attaches to one that has got a name of those that are asked for, or where that failed before,
  // and leaves one alone whose new name is none. Returns what Update does, but not the same failure
  // again.
  const AttachState* ChooseAgain(Slot& slot);
  absl::StatusOr<TcAttachment> AttachPrograms(uint32_t ifindex);

  const CaptureOptions& options_;
  TcAttach mode_;
  TcPrograms programs_;
  InterfaceTable& table_;
  bool has_reconciled_ = false;
  std::map<uint32_t, Slot> slots_;  // by ifindex
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_INTERFACE_ATTACHER_H_
