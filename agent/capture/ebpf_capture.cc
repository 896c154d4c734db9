// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/ebpf_capture.h"

#include <bpf/libbpf.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "agent/capture/feature_probe.h"
#include "agent/capture/kernel_config.h"
#include "agent/capture/kernel_layout.h"
#include "agent/capture/kernel_types.h"
#include "agent/capture/online_cpus.h"
#include "agent/capture/program_name.h"
#include "agent/capture/system_error.h"
#include "agent/capture/tc_attachment.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

template <typename T>
std::span<const std::byte> BytesOf(const T& value) {
  return std::as_bytes(std::span<const T, 1>(&value, 1));
}

constexpr bpf_attach_type kRecvmsg[] = {BPF_CGROUP_UDP4_RECVMSG, BPF_CGROUP_UDP6_RECVMSG};

constexpr char kConntrackNotLoaded[] =
    "what conntrack translates is not told: this kernel has no bpf_skb_ct_lookup (since 5.18), or "
    "nf_conntrack was not loaded when the agent started";
constexpr char kConntrackCameLate[] =
    "what conntrack translates is not told: nf_conntrack was loaded after the agent had "
    "started; start it again";

int Silent(libbpf_print_level, const char*, va_list) { return 0; }

}  // namespace

EbpfCapture::EbpfCapture(const CaptureOptions& options, CaptureEvents events)
    : options_(options), events_(std::move(events)) {}

absl::StatusOr<std::unique_ptr<EbpfCapture>> EbpfCapture::Start(const CaptureOptions& options,
                                                                CaptureEvents events) {
  // Failures come back as statuses; libbpf's own lines (verifier logs of many pages) would break
  // the one-line log.
  libbpf_set_print(Silent);
  PrepareProgramNames();  // without them, programs of others have no name in the status
  auto capture = std::unique_ptr<EbpfCapture>(new EbpfCapture(options, std::move(events)));
  ASSIGN_OR_RETURN(capture->maps_, SharedMaps::Create());
  capture->interfaces_.emplace(capture->maps_);
  ASSIGN_OR_RETURN(const std::vector<uint32_t> cpus, OnlineCpus());
  ASSIGN_OR_RETURN(capture->rings_,
                   BpfRings::Open(capture->maps_, options.kernel_ring_pages, cpus));
  absl::StatusOr<NetlinkMonitor> netlink = NetlinkMonitor::Open();
  if (!netlink.ok()) return netlink.status();
  capture->netlink_.emplace(*std::move(netlink));
  RETURN_IF_ERROR(capture->LoadHooks());
  const absl::Status keeps = capture->StartKeepingCgroups();
  if (!keeps.ok()) {
    capture->events_.on_warning(absl::StrCat(
        "recvmsg is not watched, and programs that others put before ours on cgroups hide what "
        "they rewrite: ",
        keeps.message()));
  }
  capture->events_.on_network(capture->netlink_->network());
  capture->StartFollowingInterfaces();
  return capture;
}

absl::Status EbpfCapture::LoadHooks() {
  kernel_layout layout{};
  if (const absl::StatusOr<KernelTypes> types = KernelTypes::Read(); types.ok()) {
    conntrack_ = FindConntrackLookup(*types);
    drop_reasons_ = DropReasons::Of(*types);
    layout = KernelLayout(types->kernel());
    shows_pages_ = HasPacketDynptr(*types);
  }
  ASSIGN_OR_RETURN(const capture_config config, KernelConfig(options_, conntrack_));
  std::vector<ReadOnlySection> sections = {{".rodata.config", BytesOf(config)}};
  std::array<drop_exception, DROP_EXCEPTIONS> exceptions{};
  const uint32_t has_reason = drop_reasons_ && drop_reasons_->has_reasons() ? 1 : 0;
  sections.push_back({".rodata.reason", BytesOf(has_reason)});
  const uint32_t has_skb_dynptr = shows_pages_ ? 1 : 0;
  sections.push_back({".rodata.dynptr", BytesOf(has_skb_dynptr)});
  const std::array<code_range, HOOK_RUNNERS> runners = NetfilterHookRunners(functions_.symbols());
  sections.push_back({".rodata.hooks", BytesOf(runners)});
  sections.push_back({".rodata.layout", BytesOf(layout)});
  if (drop_reasons_) {
    exceptions = drop_reasons_->Exceptions(functions_.symbols());
    sections.push_back({".rodata.drops", BytesOf(drop_reasons_->rules())});
    sections.push_back({".rodata.except", BytesOf(exceptions)});
  }

  absl::Status last_error;
  hooks_.reserve(Hooks().size());  // others keep references to elements
  for (const HookRow& row : Hooks()) {
    HookState state{.name = row.name, .attached = true, .detail = {}, .count = {}};
    const absl::Status status = LoadHook(row, sections);
    if (status.ok()) {
      state.detail = Shortcoming(hooks_.back());
    } else {
      last_error = status;
      state.attached = false;
      state.detail = std::string(status.message());
      events_.on_warning(absl::StrCat("hook ", row.name, " is missing, ", row.unseen,
                                      " are not seen: ", status.message()));
    }
    hook_states_.push_back(std::move(state));
  }
  owners_ = maps_.owners();
  const bool any = std::any_of(hook_states_.begin(), hook_states_.end(),
                               [](const HookState& state) { return state.attached; });
  return any ? absl::OkStatus() : last_error;
}

std::string EbpfCapture::DropShortcoming() const {
  std::vector<std::string> lacks;
  if (!drop_reasons_ || !drop_reasons_->has_reasons()) {
    lacks.emplace_back(
        "this kernel gives no reasons (since 5.17): only the function that dropped is known");
  }
  if (functions_.symbols().size() == 0) {
    lacks.emplace_back("kernel symbols are hidden (CAP_SYSLOG): functions and hooks have no names");
  }
  if (!shows_pages_) {
    lacks.emplace_back(
        "of packets that senders hand over in pages the first headers alone are shown, or nothing "
        "(this kernel does not let pages be read; since 6.12)");
  }
  lacks.emplace_back("what XDP drops in a driver is not seen");
  return absl::StrJoin(lacks, "; ");
}

std::string EbpfCapture::TraceShortcoming() const {
  switch (conntrack_) {
    case ConntrackLookup::kThere:
      return {};
    case ConntrackLookup::kMissing:
      return "what conntrack translates is not told: this kernel has no bpf_skb_ct_lookup (since "
             "5.18)";
    case ConntrackLookup::kNotLoaded:
      return kConntrackNotLoaded;
    case ConntrackLookup::kForbidden:
      return "what conntrack translates is not told: nf_conntrack is a module here, and to link "
             "with one takes CAP_SYS_ADMIN";
  }
  return {};
}

// What an attached hook does not see on this kernel; empty: nothing.
std::string EbpfCapture::Shortcoming(LoadedHook& hook) const {
  std::string lacks = hook.object().lacks;
  if (!lacks.empty()) return lacks;
  if (hook.row().id == HOOK_TRACE) return TraceShortcoming();
  if (hook.row().id == HOOK_PACKET_DROP) return DropShortcoming();
  if (hook.row().id == HOOK_SOCK_ADDR) return SockAddrShortcoming(*hook.cgroup());
  return {};
}

std::string EbpfCapture::SockAddrShortcoming(const CgroupAttachment& cgroup) const {
  std::vector<std::string> lacks;
  if (!cgroup.is_ordered()) {
    lacks.emplace_back(
        "this kernel runs programs in the order they were attached: an address that an earlier "
        "one rewrites is seen only after");
  }
  if (!cgroup.OnDemand().empty() && options_.aggregation >= AGGREGATION_MAXIMUM) {
    lacks.emplace_back("recvmsg is not watched: level maximum does not report it");
  }
  return absl::StrJoin(lacks, "; ");
}

bool EbpfCapture::HasInterfaces() const {
  absl::MutexLock lock(&attacher_mutex_);
  return attacher_.has_value();
}

// A hook that cannot be attached whole is taken out again.
absl::Status EbpfCapture::LoadHook(const HookRow& row,
                                   const std::vector<ReadOnlySection>& sections) {
  if (row.object.place == AttachPlace::kRepeated && !HasInterfaces()) {
    return absl::FailedPreconditionError("nothing is told of connections without the hook trace");
  }
  const ConnectionTable table = ConnectionTableOf(options_);
  const MapSize sizes[] = {{"connection_sets", table.all_sets()}};
  ASSIGN_OR_RETURN(LoadedHook loaded, LoadedHook::Load(row, maps_, {sections, sizes}));
  hooks_.push_back(std::move(loaded));
  absl::Status status = AttachHook(hooks_.back());
  if (!status.ok()) hooks_.pop_back();
  return status;
}

absl::Status EbpfCapture::AttachHook(LoadedHook& hook) {
  switch (hook.object().place) {
    case AttachPlace::kTracepoint:
      return hook.AttachTracepoint();
    case AttachPlace::kCgroup: {
      ASSIGN_OR_RETURN(const std::string root, CgroupRoot());
      std::span<const bpf_attach_type> on_demand;
      if (options_.recvmsg_attach == RecvmsgAttach::kAuto) on_demand = kRecvmsg;
      return hook.AttachCgroup(root, on_demand);
    }
    case AttachPlace::kRunOnce:
      return hook.RunIterators();
    case AttachPlace::kRepeated: {
      // Below level medium every packet is reported.
      if (options_.aggregation < AGGREGATION_MEDIUM) return absl::OkStatus();
      ASSIGN_OR_RETURN(silent_,
                       SilentConnections::Start(hook,
                                                {.sets = ConnectionTableOf(options_).all_sets(),
                                                 .interval = options_.report_interval},
                                                *interfaces_));
      return absl::OkStatus();
    }
    case AttachPlace::kInterfaces: {
      absl::MutexLock lock(&attacher_mutex_);
      attacher_.emplace(hook, *interfaces_, options_);
    }
      ReconcileInterfaces();
      return absl::OkStatus();
  }
  return absl::InternalError("a hook without a place");
}

absl::StatusOr<std::string> EbpfCapture::CgroupRoot() const {
  if (!options_.cgroup_root.empty()) return options_.cgroup_root;
  return FindCgroupV2Root();
}

absl::Status EbpfCapture::StartKeepingCgroups() {
  std::vector<CgroupAttachment*> attachments;
  std::optional<RecvmsgPrograms> recvmsg;
  for (LoadedHook& hook : hooks_) {
    CgroupAttachment* const attachment = hook.cgroup();
    if (attachment == nullptr) continue;
    attachments.push_back(attachment);
    // At the highest level there is nothing to tell of recvmsg.
    if (attachment->OnDemand().empty() || options_.aggregation >= AGGREGATION_MAXIMUM) continue;
    ASSIGN_OR_RETURN(const std::string root, CgroupRoot());
    recvmsg = {attachment, root, hook.map_fd("translations")};
  }
  if (attachments.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(keeper_, CgroupKeeper::Start(std::move(attachments), std::move(recvmsg)));
  return absl::OkStatus();
}

void EbpfCapture::ReconcileInterfaces() {
  absl::MutexLock lock(&attacher_mutex_);
  if (!attacher_) return;
  for (const AttachState& tried : attacher_->Reconcile(netlink_->network())) {
    events_.on_attach(tried);
  }
}

// First who is gone: a number that was freed and taken again meanwhile is another interface.
void EbpfCapture::FollowLinks(const NetworkChanges& changes) {
  const std::map<uint32_t, Interface>& interfaces = netlink_->network().interfaces;
  for (const bool gone : {true, false}) {
    for (const LinkChange& change : changes.links) {
      if (change.gone != gone) continue;
      absl::MutexLock lock(&attacher_mutex_);
      if (!attacher_) return;
      if (gone) {
        attacher_->Remove(change.ifindex);
        continue;
      }
      const auto found = interfaces.find(change.ifindex);
      if (found == interfaces.end()) continue;
      if (const AttachState* tried = attacher_->Update(found->second)) events_.on_attach(*tried);
    }
  }
}

void EbpfCapture::StartFollowingInterfaces() {
  stop_ = FileDescriptor(eventfd(0, EFD_CLOEXEC));
  follower_ = std::thread([this] { FollowInterfaces(); });
}

void EbpfCapture::FollowInterfaces() {
  constexpr int kRetryMs = 1000;
  pollfd waited[] = {{netlink_->fd(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
  bool has_failed = false;
  while (true) {
    // After a failure only time may help, not what the kernel has to tell.
    waited[0].fd = has_failed ? -1 : netlink_->fd();
    const int ready = poll(waited, std::size(waited), has_failed ? kRetryMs : -1);
    if (ready < 0 && errno != EINTR) {
      events_.on_warning(absl::StrCat("new interfaces are not seen any more: ",
                                      SystemError(errno, "wait for changes").message()));
      return;
    }
    if (waited[1].revents != 0) return;
    if (ready <= 0 && !has_failed) continue;
    const absl::StatusOr<NetworkChanges> changes = netlink_->Update();
    if (!changes.ok() && !has_failed) {
      events_.on_warning(absl::StrCat("new interfaces are not seen until this works again: ",
                                      changes.status().message()));
    }
    has_failed = !changes.ok();
    if (has_failed) continue;
    if (changes->resynced) {
      resyncs_.fetch_add(1, std::memory_order_relaxed);
      ReconcileInterfaces();
    } else {
      FollowLinks(*changes);
    }
    if (changes->any()) events_.on_network(netlink_->network());
  }
}

EbpfCapture::~EbpfCapture() {
  if (!follower_.joinable()) return;
  const uint64_t one = 1;
  [[maybe_unused]] ssize_t bytes = write(stop_.get(), &one, sizeof(one));
  follower_.join();
}

std::vector<HookState> EbpfCapture::hook_states() const {
  std::vector<HookState> states = hook_states_;
  const std::string recvmsg = keeper_ != nullptr ? keeper_->recvmsg_lacks() : "";
  for (size_t i = 0; i < states.size(); ++i) {
    const hook_id id = Hooks()[i].id;
    std::string& detail = states[i].detail;
    states[i].count = maps_.Count(id);
    for (const LoadedHook& hook : hooks_) {
      if (hook.row().id == id) states[i].missed = hook.missed_runs();
    }
    if (detail == kConntrackNotLoaded && IsConntrackModuleLoaded()) detail = kConntrackCameLate;
    if (id != HOOK_SOCK_ADDR || !states[i].attached || recvmsg.empty()) continue;
    absl::StrAppend(&detail, detail.empty() ? "" : "; ", recvmsg);
  }
  return states;
}

std::vector<MapMemory> EbpfCapture::memory() const {
  std::vector<MapMemory> all = {
      {"BPF rings", rings_->memory_bytes(), options_.kernel_ring_pages},
  };
  for (MapMemory& map : maps_.memory()) all.push_back(std::move(map));
  for (const LoadedHook& hook : hooks_) {
    for (MapMemory& map : hook.memory()) all.push_back(std::move(map));
  }
  return all;
}

std::vector<AttachState> EbpfCapture::interface_states() const {
  std::vector<AttachState> states;
  {
    absl::MutexLock lock(&attacher_mutex_);
    if (attacher_) states = attacher_->states();
  }
  const bool has_peers = std::any_of(states.begin(), states.end(), [](const AttachState& state) {
    return state.interface.peer_nsid >= 0;
  });
  std::map<int32_t, PeerNamespace> namespaces;
  if (has_peers) namespaces = FindPeerNamespaces();
  // Others come and go without telling.
  for (AttachState& state : states) {
    const auto peer = namespaces.find(state.interface.peer_nsid);
    if (peer != namespaces.end()) state.peer = peer->second;
    if (state.mechanism.empty()) continue;
    const std::vector<std::string> ahead = ProgramsAhead(state.interface.index, state.mechanism);
    if (ahead.empty()) continue;
    state.detail = absl::StrCat("sees only what these let pass: ", absl::StrJoin(ahead, ", "));
  }
  return states;
}

absl::StatusOr<int> RemoveLeftovers() {
  libbpf_set_print(Silent);
  ASSIGN_OR_RETURN(const NetlinkMonitor netlink, NetlinkMonitor::Open());
  int cleaned = 0;
  for (const auto& [index, interface] : netlink.network().interfaces) {
    if (RemoveLeftoverFilters(index)) ++cleaned;
  }
  return cleaned;
}

}  // namespace alidade
