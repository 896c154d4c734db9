// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/server.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "agent/observer/call.h"
#include "agent/observer/file_watch.h"
#include "agent/observer/listen.h"
#include "agent/observer/methods.h"
#include "agent/observer/peer_address.h"
#include "agent/observer/peer_list.h"
#include "agent/observer/raw_service.h"
#include "agent/observer/reflection_call.h"
#include "agent/observer/server_state.h"
#include "agent/observer/serving_loop.h"
#include "agent/observer/unknown_call.h"
#include "agent/status_macros.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"

namespace alidade {
namespace {

constexpr const char* kReflectionPaths[] = {
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
};

// Clients may ask so often whether we are there, also between calls.
constexpr int kClientPingMs = 10 * 1000;
// Of one request. A filter of some size fits; Hubble's servers have the same limit.
constexpr int kMostRequestBytes = 4 << 20;
// Of all headers of one call. hubble-relay passes on what its own clients send.
constexpr int kMostHeaderBytes = 64 << 10;

// Of nodes in the file of peers, when this server has no port that others could have too.
constexpr char kHubblePort[] = "4244";

// What is bound while this lives can be used by its owner only, until it is given its access.
class OwnerOnly {
 public:
  OwnerOnly() : before_(umask(0177)) {}
  ~OwnerOnly() { umask(before_); }
  OwnerOnly(const OwnerOnly&) = delete;
  OwnerOnly& operator=(const OwnerOnly&) = delete;

 private:
  const mode_t before_;
};

// As gRPC takes them, whose longest time is 24 days.
int Milliseconds(absl::Duration duration) {
  constexpr int64_t kMost = std::numeric_limits<int>::max();
  return static_cast<int>(std::min(absl::ToInt64Milliseconds(duration), kMost));
}

NodeIdentity MakeNode(const ServerOptions& options) {
  return {options.node_name, options.cluster_name, options.node_labels};
}

// For a file that nobody is known to write.
bool Always() { return true; }

}  // namespace

class ObserverServer::Impl {
 public:
  Impl(const ServerOptions& options, const EventRing& ring, const Ledger& ledger,
       FillStatus fill_status)
      : options_(options),
        state_{.ring = ring,
               .ledger = ledger,
               .node = MakeNode(options),
               .node_frame = NodeFrame(MakeNode(options), options.version),
               .version = options.version,
               .start_ns = absl::GetCurrentTimeNanos(),
               .loss_interval_ns = absl::ToInt64Nanoseconds(options.lost_event_send_interval),
               .fill_status = std::move(fill_status),
               .streams = {},
               .peers = {},
               .serving = false} {}

  ~Impl() { Shutdown(absl::ZeroDuration()); }

  absl::Status Start() {
#ifdef NDEBUG
    // Debian builds abseil so that each lock looks for cycles of all locks, gRPC's included.
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
#endif
    grpc::ServerBuilder builder;
    SetLimits(&builder);
    RETURN_IF_ERROR(ReadPeers(Always));
    RETURN_IF_ERROR(AddListeners(&builder));
    loop_.emplace(builder.AddCompletionQueue());
    AddServices(&builder);
    {
      const OwnerOnly socket_mode;
      server_ = builder.BuildAndStart();
    }
    if (server_ == nullptr) {
      loop_->Join();
      return absl::UnavailableError(absl::StrCat("cannot listen on ", ListenText()));
    }
    for (const CallTarget& target : targets_) Call::Expect(target);
    for (const ReflectionTarget& target : reflection_targets_) ReflectionCall::Expect(target);
    UnknownCall::Expect(&unknown_, &*loop_);
    loop_->Start();
    if (!options_.socket_path.empty()) {
      const std::string problem = ApplySocketAccess(options_.socket_path, options_.socket_access);
      if (!problem.empty()) Warn(problem);
    }
    return WatchPeers();
  }

  void SetServing() {
    state_.serving = true;
    loop_->Wake();
  }

  void NotifyAppended() { loop_->Wake(); }

  void Shutdown(absl::Duration grace) {
    if (server_ == nullptr) return;
    peers_watch_ = nullptr;  // it wakes the loop
    loop_->Close();
    server_->Shutdown(absl::ToChronoTime(absl::Now() + grace));
    loop_->Join();
    server_ = nullptr;
  }

 private:
  void Warn(const std::string& line) const {
    if (options_.on_warning) options_.on_warning(line);
  }

  void SetLimits(grpc::ServerBuilder* builder) const {
    builder->SetMaxReceiveMessageSize(kMostRequestBytes);
    const std::pair<const char*, int> arguments[] = {
        // Two servers on one port would share its clients between them.
        {GRPC_ARG_ALLOW_REUSEPORT, 0},
        {GRPC_ARG_MAX_CONCURRENT_STREAMS, options_.max_streams_per_client},
        {GRPC_ARG_MAX_METADATA_SIZE, kMostHeaderBytes},
        {GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, Milliseconds(options_.handshake_timeout)},
        // Load balancers forget connections that are silent for some minutes, the strictest after
        // one; and a client whose host is gone holds its stream until it is missed.
        {GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(options_.keepalive_time)},
        {GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(options_.keepalive_timeout)},
        // A stream may be silent for days.
        {GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0},
        {GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1},
        {GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kClientPingMs},
    };
    for (const auto& [name, value] : arguments) builder->AddChannelArgument(name, value);
  }

  // Puts into the book what the file says, and this node if the file does not name it; not when the
  // file turns out to be half written.
  absl::Status ReadPeers(const std::function<bool()>& is_settled) {
    const std::string address = PeerAddress(options_.listen_addresses, options_.socket_path);
    const bool is_tcp = !options_.listen_addresses.empty();
    const absl::StatusOr<TcpAddress> own = ParseTcpAddress(address);
    const PeerDefaults defaults{options_.cluster_name, is_tcp && own.ok() ? own->port : kHubblePort,
                                options_.tls.enabled()};
    PeerMap peers;
    if (!options_.peers_file.empty()) {
      ASSIGN_OR_RETURN(peers, ReadPeerFile(options_.peers_file, defaults));
    }
    const bool tls = is_tcp && options_.tls.enabled();
    peers.try_emplace(
        state_.node.FullName(),
        Peer{address, tls ? TlsServerName(state_.node.name, state_.node.cluster) : std::string()});
    if (peers != *state_.peers.Get() && is_settled()) state_.peers.Set(std::move(peers));
    return absl::OkStatus();
  }

  absl::Status WatchPeers() {
    if (options_.peers_file.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(peers_watch_,
                     FileWatch::Start(options_.peers_file, [this](const auto& is_settled) {
                       const absl::Status status = ReadPeers(is_settled);
                       if (!status.ok() && is_settled()) {
                         Warn(absl::StrCat("peers stay as they were: ", status.message()));
                       }
                       loop_->Wake();
                     }));
    // What came between reading and watching.
    return ReadPeers(Always);
  }

  absl::Status AddListeners(grpc::ServerBuilder* builder) {
    const auto insecure = grpc::InsecureServerCredentials();
    auto credentials = insecure;
    if (options_.tls.enabled()) {
      ASSIGN_OR_RETURN(
          tls_, TlsListener::Make(options_.tls, [this](const std::string& line) { Warn(line); }));
      credentials = tls_->credentials();
    }
    for (const std::string& text : options_.listen_addresses) {
      ASSIGN_OR_RETURN(const TcpAddress address, ParseTcpAddress(text));
      if (!address.is_loopback() && !options_.tls.enabled() && !options_.allow_insecure) {
        return absl::InvalidArgumentError(
            absl::StrCat("listen address ", text,
                         " is open to other hosts without TLS; use a loopback address, or "
                         "--insecure-listen if that is what you want"));
      }
      RETURN_IF_ERROR(ProbeTcpAddress(address));
      builder->AddListeningPort(address.ToString(), credentials);
    }
    if (!options_.socket_path.empty()) {
      RETURN_IF_ERROR(PrepareSocketPath(options_.socket_path));
      builder->AddListeningPort(absl::StrCat("unix:", options_.socket_path), insecure);
    }
    return absl::OkStatus();
  }

  void AddServices(grpc::ServerBuilder* builder) {
    for (const Method& method : Methods()) {
      RawService* service = ServiceOf(method.path);
      targets_.push_back({service, service->Add(method.path), &method, &state_, &*loop_});
    }
    for (const char* path : kReflectionPaths) {
      RawService* service = ServiceOf(path);
      reflection_targets_.push_back({service, service->AddStream(path), &service_names_, &*loop_});
    }
    for (const auto& [name, service] : services_) {
      service_names_.push_back(name);
      builder->RegisterService(service.get());
    }
    builder->RegisterAsyncGenericService(&unknown_);
  }

  RawService* ServiceOf(std::string_view path) {
    std::unique_ptr<RawService>& service = services_[std::string(SplitPath(path).service)];
    if (service == nullptr) service = std::make_unique<RawService>();
    return service.get();
  }

  std::string ListenText() const {
    std::string text;
    for (const std::string& address : options_.listen_addresses) {
      absl::StrAppend(&text, text.empty() ? "" : " or ", address);
    }
    if (!options_.socket_path.empty()) {
      absl::StrAppend(&text, text.empty() ? "" : " or ", options_.socket_path);
    }
    return text;
  }

  const ServerOptions options_;
  ServerState state_;
  // Destroyed last to first: the server before what it serves. One loop: with two, their threads
  // wake each other to take turns at polling, and a message costs a third more. It serves hundreds
  // of thousands of messages a second, and a long call does not keep a short one waiting.
  std::optional<ServingLoop> loop_;
  std::map<std::string, std::unique_ptr<RawService>> services_;  // by name
  grpc::AsyncGenericService unknown_;
  std::vector<std::string> service_names_;
  std::vector<CallTarget> targets_;
  std::vector<ReflectionTarget> reflection_targets_;
  std::unique_ptr<TlsListener> tls_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<FileWatch> peers_watch_;
};

ObserverServer::ObserverServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

ObserverServer::~ObserverServer() = default;

absl::StatusOr<std::unique_ptr<ObserverServer>> ObserverServer::Start(const ServerOptions& options,
                                                                      const EventRing& ring,
                                                                      const Ledger& ledger,
                                                                      FillStatus fill_status) {
  auto impl = std::make_unique<Impl>(options, ring, ledger, std::move(fill_status));
  RETURN_IF_ERROR(impl->Start());
  return std::unique_ptr<ObserverServer>(new ObserverServer(std::move(impl)));
}

void ObserverServer::SetServing() { impl_->SetServing(); }

void ObserverServer::NotifyAppended() { impl_->NotifyAppended(); }

void ObserverServer::Shutdown(absl::Duration grace) { impl_->Shutdown(grace); }

}  // namespace alidade
