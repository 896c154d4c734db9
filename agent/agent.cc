// SPDX-License-Identifier: Apache-2.0
//
// Builds the agent in the order of the way of one event, backwards: first who serves, then who
// captures, so that a busy port leaves nothing in the kernel. Destruction undoes it in reverse.
#include "agent/agent.h"

#include <signal.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "agent/agent_life.h"
#include "agent/agent_mailbox.h"
#include "agent/capture/feature_probe.h"
#include "agent/capture/opened_source.h"
#include "agent/huge_pages.h"
#include "agent/library_log.h"
#include "agent/log.h"
#include "agent/metrics/ledger.h"
#include "agent/observer/server.h"
#include "agent/option_values.h"
#include "agent/pipeline.h"
#include "agent/privileges/capabilities.h"
#include "agent/privileges/perf_access.h"
#include "agent/privileges/seccomp_profile.h"
#include "agent/resolve/endpoint_interner.h"
#include "agent/resolve/host_snapshot.h"
#include "agent/resolve/process_table.h"
#include "agent/resolve/resolver_slot.h"
#include "agent/resolve/world_file.h"
#include "agent/status_macros.h"
#include "ringbuffer/event_ring.h"

namespace alidade {
namespace {

// Open streams get this long to be told that the server goes away; together with the rest of the
// shutdown it stays below the 2 s that a stop may take.
constexpr absl::Duration kStreamGrace = absl::Seconds(1);

// The signals that end the agent. Blocked before any thread starts, so that only Wait sees them.
class StopSignal {
 public:
  StopSignal() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    // A client that hangs up must cost its stream, not the agent.
    signal(SIGPIPE, SIG_IGN);
  }
  int Wait() const {
    int number = 0;
    sigwait(&signals_, &number);
    return number;
  }

 private:
  sigset_t signals_;
};

// The first address of each family that other hosts could know us by.
void ChoosePrimaryAddresses(const HostNetwork& network, HostFacts* facts) {
  for (const InterfaceAddress& owned : network.addresses) {
    const auto interface = network.interfaces.find(owned.ifindex);
    if (interface == network.interfaces.end() || owned.address.is_loopback()) continue;
    const bool uplink = ReachesOutside(RoleOf(interface->second));
    const bool link_local = owned.address.version == IpVersion::kV6 &&
                            owned.address.bytes[0] == 0xfe && owned.address.bytes[1] == 0x80;
    IpAddress& primary =
        owned.address.version == IpVersion::kV6 ? facts->primary_v6 : facts->primary_v4;
    if (!primary.valid() && uplink && !link_local) primary = owned.address;
  }
}

// What starting takes, by source. Recordings need no rights.
CapabilitySet NeededAtStart(SourceKind source) {
  switch (source) {
    case SourceKind::kEbpf:
      return SetOf({Capability::kBpf, Capability::kPerfmon, Capability::kNetAdmin});
    case SourceKind::kCilium:
      return SetOf({Capability::kBpf, Capability::kPerfmon});
    case SourceKind::kReplay:
      return 0;
  }
  return 0;
}

// And what it takes from then on: new interfaces are attached to, and older kernels let only the
// capable look into maps. An engine that does not know CAP_BPF gives CAP_SYS_ADMIN for it.
CapabilitySet NeededLater(SourceKind source) {
  if (source != SourceKind::kEbpf) return 0;
  const bool has_bpf = (EffectiveCapabilities() & Bit(Capability::kBpf)) != 0;
  return SetOf({Capability::kNetAdmin, has_bpf ? Capability::kBpf : Capability::kSysAdmin});
}

// `missing CAP_BPF, CAP_PERFMON`; empty when nothing is missing.
std::string MissingText(SourceKind source) {
  const std::vector<std::string> missing =
      MissingCapabilities(NeededAtStart(source), EffectiveCapabilities());
  return missing.empty() ? "" : absl::StrCat("missing ", absl::StrJoin(missing, ", "));
}

// Why the kernel may have refused something, to be put behind its error.
std::string RefusalText(SourceKind source) {
  const std::string missing = MissingText(source);
  if (!missing.empty()) return absl::StrCat("; ", missing);
  if (source == SourceKind::kCilium) {
    const std::string perf = PerfRingRefusal();
    if (!perf.empty()) return absl::StrCat("; ", perf);
  }
  return "; no capability is missing: a security module, a seccomp profile or a user namespace "
         "refuses it";
}

// Before there is another thread.
absl::Status Confine(const AgentOptions& options) {
  RETURN_IF_ERROR(ForbidNewPrivileges());
  if (options.seccomp_profile.empty()) return absl::OkStatus();
  return ApplySeccompProfile(options.seccomp_profile);
}

class Agent {
 public:
  explicit Agent(const AgentOptions& options)
      : options_(options),
        ring_({.capacity = options.store.capacity,
               .header_bytes = sizeof(FlowHeader),
               .arena_bytes = options.store.arena_bytes(),
               .memory = &huge_pages_}) {}

  ~Agent() {
    if (pipeline_thread_.joinable()) {
      pipeline_->Stop();
      pipeline_thread_.join();
    }
    if (server_) server_->Shutdown(kStreamGrace);
  }

  absl::Status Start() {
    life_.OnStarted();
    ASSIGN_OR_RETURN(netns_, OwnNetworkNamespace());
    ASSIGN_OR_RETURN(
        server_, ObserverServer::Start(MakeServerOptions(), ring_, ledger_,
                                       [this](GetStatusResponse* status) { FillStatus(status); }));
    RETURN_IF_ERROR(ReadWorld());
    ASSIGN_OR_RETURN(std::unique_ptr<OpenedSource> source,
                     OpenedSource::Open(options_.capture, MakeCaptureEvents()));
    {
      absl::MutexLock lock(&source_mutex_);
      source_ = std::move(source);
    }
    const SocketOwnerSource* const owners = source_->socket_owners();
    if (owners != nullptr) processes_.emplace(*owners);
    // A recording is of another time, which this agent's own life would confuse.
    const bool is_replay = options_.capture.source.kind == SourceKind::kReplay;
    pipeline_.emplace(
        source_->events(), resolvers_, ring_, ledger_, [this] { server_->NotifyAppended(); },
        processes_ ? &*processes_ : nullptr, is_replay ? nullptr : &mailbox_);
    server_->SetServing();
    pipeline_thread_ = std::thread([this] { pipeline_->Run(); });
    return absl::OkStatus();
  }

 private:
  // A file that was named answers for this host instead of what the host knows itself. A recording
  // is of another host, of which nothing is known without such a file.
  absl::Status ReadWorld() {
    const bool is_replay = options_.capture.source.kind == SourceKind::kReplay;
    if (options_.world_file.empty() && !is_replay) return absl::OkStatus();
    WorldTables tables;
    if (!options_.world_file.empty()) {
      ASSIGN_OR_RETURN(tables, ReadWorldFile(options_.world_file));
    }
    resolvers_.Set(std::make_shared<World>(std::move(tables)));
    return absl::OkStatus();
  }

  ServerOptions MakeServerOptions() const {
    ServerOptions server;
    server.listen_addresses = options_.listen.addresses;
    server.tls.cert_file = options_.listen.tls_cert_file;
    server.tls.key_file = options_.listen.tls_key_file;
    server.tls.client_ca_files = options_.listen.tls_client_ca_files;
    server.socket_path = options_.listen.socket_path;
    server.socket_access = {options_.listen.socket_group, options_.listen.socket_mode};
    server.max_streams_per_client = static_cast<int>(options_.listen.max_streams_per_client);
    server.keepalive_time = options_.listen.keepalive_time;
    server.keepalive_timeout = options_.listen.keepalive_timeout;
    server.peers_file = options_.listen.peers_file;
    server.on_warning = [](const std::string& line) { LogWarn(line); };
    server.allow_insecure = options_.listen.insecure;
    server.lost_event_send_interval = options_.listen.lost_event_send_interval;
    server.node_name = options_.node.name;
    server.cluster_name = options_.node.cluster;
    server.version = ALIDADE_VERSION;
    return server;
  }

  CaptureEvents MakeCaptureEvents() {
    CaptureEvents events;
    events.on_network = [this](const HostNetwork& network) {
      UpdateResolver(network);
      life_.OnNetwork(network);
    };
    events.on_warning = [](const std::string& line) { LogWarn(line); };
    events.on_attach = [this](const AttachState& state) {
      if (!state.mechanism.empty()) {
        LogDebug(absl::StrCat("attached interface=", state.interface.name));
      }
      life_.OnAttach(state);
    };
    return events;
  }

  // Called by the capture, never on two threads at once.
  void UpdateResolver(const HostNetwork& network) {
    if (!options_.world_file.empty()) return;  // that answers
    HostFacts facts;
    facts.netns = netns_;
    const auto note = [&facts](const Interface& interface) {
      const bool is_new = facts.interface_names.emplace(interface.index, interface.name).second;
      if (is_new && RoleOf(interface) == InterfaceRole::kPod)
        facts.endpoint_interfaces.insert(interface.index);
    };
    for (const auto& [index, interface] : network.interfaces) note(interface);
    // Numbers that are used again were not noted for the older ones.
    std::for_each(network.gone.rbegin(), network.gone.rend(), note);
    for (const InterfaceAddress& owned : network.addresses) facts.addresses.insert(owned.address);
    ChoosePrimaryAddresses(network, &facts);
    // Asked by the pipeline only, which starts after the capture is in place.
    facts.drop_reason_name = [this](uint32_t number) {
      const EbpfCapture* capture = source_->ebpf();
      const DropReasons* reasons = capture != nullptr ? capture->drop_reasons() : nullptr;
      return reasons == nullptr ? std::string_view() : reasons->Name(number);
    };
    facts.kernel_symbol = [this](uint64_t address) {
      EbpfCapture* capture = source_->ebpf();
      return capture != nullptr ? capture->FunctionAt(address) : std::string_view();
    };
    resolvers_.Set(std::make_shared<HostSnapshot>(std::move(facts), interner_));
  }

  void FillStatus(GetStatusResponse* status) const {
    status->set_source(SourceText(options_.capture.source));
    absl::MutexLock lock(&source_mutex_);
    const EbpfCapture* const capture = source_ != nullptr ? source_->ebpf() : nullptr;
    if (capture == nullptr) return;
    for (const HookState& hook : capture->hook_states()) {
      HookStatus* row = status->add_hooks();
      row->set_name(hook.name);
      row->set_attached(hook.attached);
      row->set_detail(hook.detail);
      row->set_seen(hook.count.seen);
      row->set_emitted(hook.count.emitted);
      row->set_lost(hook.count.lost);
      row->set_failed(hook.count.failed);
      row->set_ignored(hook.count.ignored);
      row->set_limited(hook.count.limited);
      row->set_sampled(hook.count.sampled);
      row->set_untold(hook.count.untold);
      row->set_missed(hook.missed);
    }
    for (const AttachState& state : capture->interface_states()) {
      InterfaceStatus* row = status->add_interfaces();
      row->set_index(state.interface.index);
      row->set_name(state.interface.name);
      row->set_role(std::string(RoleName(RoleOf(state.interface))));
      row->set_attach(state.mechanism);
      row->set_detail(state.detail);
      row->set_unseen_packets(state.unseen.packets);
      row->set_unseen_bytes(state.unseen.bytes);
      row->set_peer_index(state.interface.peer_index);
      row->set_peer_netns(state.peer.inode);
      row->set_peer_netns_path(state.peer.path);
    }
    status->set_interface_resyncs(capture->resyncs());
    for (const MapMemory& map : capture->memory()) {
      MapStatus* row = status->add_maps();
      row->set_name(map.name);
      row->set_bytes(map.bytes);
      row->set_max_entries(map.entries);
      status->set_map_memory_bytes(status->map_memory_bytes() + map.bytes);
    }
  }

  const AgentOptions& options_;
  HugePages huge_pages_;
  EventRing ring_;
  Ledger ledger_;
  uint32_t netns_ = 0;
  EndpointInterner interner_;
  ResolverSlot resolvers_;
  AgentMailbox mailbox_;
  AgentLife life_{mailbox_};
  std::unique_ptr<ObserverServer> server_;
  mutable absl::Mutex source_mutex_;  // guards the pointer: the status may be asked for early
  std::unique_ptr<OpenedSource> source_;
  std::optional<ProcessTable> processes_;
  std::optional<Pipeline> pipeline_;
  std::thread pipeline_thread_;
};

}  // namespace

int RunAgent(const AgentOptions& options) {
  InitLog(options.log_level);
  RouteLibraryLogs();
  const StopSignal stop;
  const absl::Status confined = Confine(options);
  if (!confined.ok()) {
    LogError(absl::StrCat("cannot start: ", confined.message()));
    return 1;
  }
  const SourceKind source = options.capture.source.kind;
  Agent agent(options);
  const absl::Status started = agent.Start();
  if (!started.ok()) {
    LogError(absl::StrCat("cannot start: ", started.message(),
                          absl::IsPermissionDenied(started) ? RefusalText(source) : ""));
    return 1;
  }
  const std::string missing = MissingText(source);
  if (!missing.empty()) LogWarn(absl::StrCat("not all is seen: ", missing));
  const absl::Status dropped = KeepOnlyCapabilities(NeededLater(source));
  if (!dropped.ok()) LogWarn(std::string(dropped.message()));
  LogInfo(absl::StrCat("started version=", ALIDADE_VERSION, " node=", options.node.name,
                       " socket=", options.listen.socket_path,
                       " listen=", absl::StrJoin(options.listen.addresses, ",")));
  const int number = stop.Wait();
  LogInfo(absl::StrCat("stopping signal=", strsignal(number)));
  return 0;
}

int RunCleanup(const AgentOptions& options) {
  InitLog(options.log_level);
  const absl::StatusOr<int> cleaned = RemoveLeftovers();
  if (!cleaned.ok()) {
    LogError(absl::StrCat("cannot clean up: ", cleaned.status().message()));
    return 1;
  }
  LogInfo(absl::StrCat("cleaned up interfaces=", *cleaned));
  return 0;
}

}  // namespace alidade
