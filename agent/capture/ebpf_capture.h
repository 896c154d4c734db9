// SPDX-License-Identifier: Apache-2.0
//
// The event source of our own programs: loads the hooks, makes the BPF rings, keeps the programs
// on every interface. Destruction takes everything out of the kernel again.
#ifndef ALIDADE_AGENT_CAPTURE_EBPF_CAPTURE_H_
#define ALIDADE_AGENT_CAPTURE_EBPF_CAPTURE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "agent/capture/bpf_rings.h"
#include "agent/capture/capture_options.h"
#include "agent/capture/cgroup_keeper.h"
#include "agent/capture/drop_reasons.h"
#include "agent/capture/event_source.h"
#include "agent/capture/feature_probe.h"
#include "agent/capture/function_names.h"
#include "agent/capture/hooks.h"
#include "agent/capture/interface_attacher.h"
#include "agent/capture/interface_table.h"
#include "agent/capture/map_memory.h"
#include "agent/capture/netlink.h"
#include "agent/capture/owner_maps.h"
#include "agent/capture/silent_connections.h"

namespace alidade {

// What the capture tells while it runs. Called on the thread that called Start, then on the
// capture's own; never on both at once.
struct CaptureEvents {
  // The interfaces or addresses of the node changed; also once at start.
  std::function<void(const HostNetwork&)> on_network;
  // Working, but less than asked: one line.
  std::function<void(const std::string&)> on_warning;
  // Attaching to an interface was tried; `mechanism` says whether it succeeded.
  std::function<void(const AttachState&)> on_attach;
};

struct HookState {
  const char* name = "";
  bool attached = false;
  std::string detail;
  hook_count count{};
  uint64_t missed = 0;  // see LoadedHook::missed_runs
};

class EbpfCapture {
 public:
  // Loads and attaches what the kernel allows. A hook that fails costs itself: it is told by
  // on_warning and in hook_states(). Errors: when the process may not use BPF at all, or no hook
  // could be attached; nothing stays in the kernel then.
  static absl::StatusOr<std::unique_ptr<EbpfCapture>> Start(const CaptureOptions& options,
                                                            CaptureEvents events);
  ~EbpfCapture();

  EventSource& events() { return *rings_; }
  // Null when the kernel does not name its reasons. Lives as long as the capture.
  const DropReasons* drop_reasons() const { return drop_reasons_ ? &*drop_reasons_ : nullptr; }
  // For one thread, that which the events are decoded on.
  std::string_view FunctionAt(uint64_t address) { return functions_.NameOf(address); }
  // Null when no hook notes them. Lives as long as the capture.
  const SocketOwnerSource* socket_owners() const { return owners_ ? &*owners_ : nullptr; }

  // For the status. Any thread.
  std::vector<HookState> hook_states() const;
  std::vector<AttachState> interface_states() const;
  // How often changes of interfaces were lost and all were compared.
  uint64_t resyncs() const { return resyncs_.load(std::memory_order_relaxed); }
  // Of the BPF rings (entries: pages of each) and of every map.
  std::vector<MapMemory> memory() const;

 private:
  EbpfCapture(const CaptureOptions& options, CaptureEvents events);

  absl::Status LoadHooks();
  absl::Status LoadHook(const HookRow& row, const std::vector<ReadOnlySection>& sections);
  absl::Status AttachHook(LoadedHook& hook);
  bool HasInterfaces() const;  // the programs on interfaces are loaded
  std::string Shortcoming(LoadedHook& hook) const;
  std::string TraceShortcoming() const;
  std::string DropShortcoming() const;
  std::string SockAddrShortcoming(const CgroupAttachment& cgroup) const;
  void StartFollowingInterfaces();
  void FollowInterfaces();
  void ReconcileInterfaces();
  void FollowLinks(const NetworkChanges& changes);
  absl::StatusOr<std::string> CgroupRoot() const;
  absl::Status StartKeepingCgroups();

  const CaptureOptions options_;
  const CaptureEvents events_;
  FunctionNames functions_;
  std::optional<DropReasons> drop_reasons_;
  std::optional<OwnerMaps> owners_;
  ConntrackLookup conntrack_ = ConntrackLookup::kMissing;
  bool shows_pages_ = false;  // of dropped packets
  SharedMaps maps_;
  std::optional<InterfaceTable> interfaces_;  // set once the maps are there
  std::unique_ptr<BpfRings> rings_;
  std::vector<LoadedHook> hooks_;
  std::unique_ptr<SilentConnections> silent_;  // null below level medium
  std::unique_ptr<CgroupKeeper> keeper_;       // null when no hook is on a cgroup
  std::vector<HookState> hook_states_;         // without what changes; fixed after Start
  std::optional<NetlinkMonitor> netlink_;
  // Written by the thread that called Start, then by the follower; read for the status.
  mutable absl::Mutex attacher_mutex_;
  std::optional<InterfaceAttacher> attacher_ ABSL_GUARDED_BY(attacher_mutex_);
  std::atomic<uint64_t> resyncs_ = 0;
  FileDescriptor stop_;  // eventfd
  std::thread follower_;
};

// Removes clsact filters of a killed agent from every interface of this network namespace; returns
// how many interfaces had one.
absl::StatusOr<int> RemoveLeftovers();

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_EBPF_CAPTURE_H_
