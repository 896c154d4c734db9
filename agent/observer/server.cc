// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/server.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/observer/call.h"
#include "agent/observer/listen.h"
#include "agent/observer/methods.h"
#include "agent/observer/peer_address.h"
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

constexpr int kKeepaliveMs = 2 * 60 * 60 * 1000;

NodeIdentity MakeNode(const ServerOptions& options) {
  return {options.node_name, options.cluster_name, options.node_labels};
}

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
               .peer_address = PeerAddress(options.listen_addresses, options.socket_path),
               .start_ns = absl::GetCurrentTimeNanos(),
               .loss_interval_ns = absl::ToInt64Nanoseconds(options.lost_event_send_interval),
               .fill_status = std::move(fill_status),
               .streams = {},
               .serving = false} {}

  ~Impl() { Shutdown(absl::ZeroDuration()); }

  absl::Status Start() {
    grpc::ServerBuilder builder;
    // Two servers on one port would share its clients between them.
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    // A client whose host is gone is noticed in the end, as Go's servers do.
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
    RETURN_IF_ERROR(AddListeners(&builder));
    loop_.emplace(builder.AddCompletionQueue());
    AddServices(&builder);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) {
      loop_->Join();
      return absl::UnavailableError(absl::StrCat("cannot listen on ", ListenText()));
    }
    for (const CallTarget& target : targets_) Call::Expect(target);
    for (const ReflectionTarget& target : reflection_targets_) ReflectionCall::Expect(target);
    UnknownCall::Expect(&unknown_, &*loop_);
    loop_->Start();
    return options_.socket_path.empty() ? absl::OkStatus() : RestrictSocket(options_.socket_path);
  }

  void SetServing() {
    state_.serving = true;
    loop_->Wake();
  }

  void NotifyAppended() { loop_->Wake(); }

  void Shutdown(absl::Duration grace) {
    if (server_ == nullptr) return;
    loop_->Close();
    server_->Shutdown(absl::ToChronoTime(absl::Now() + grace));
    loop_->Join();
    server_ = nullptr;
  }

 private:
  absl::Status AddListeners(grpc::ServerBuilder* builder) {
    const auto credentials = grpc::InsecureServerCredentials();
    for (const std::string& text : options_.listen_addresses) {
      ASSIGN_OR_RETURN(const TcpAddress address, ParseTcpAddress(text));
      if (!address.is_loopback() && !options_.allow_insecure) {
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
      builder->AddListeningPort(absl::StrCat("unix:", options_.socket_path), credentials);
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
  std::unique_ptr<grpc::Server> server_;
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
