// SPDX-License-Identifier: Apache-2.0
//
// A server on a unix socket in a folder of its own, and clients with the generated stubs.
#ifndef ALIDADE_TESTS_AGENT_OBSERVER_SERVER_FIXTURE_H_
#define ALIDADE_TESTS_AGENT_OBSERVER_SERVER_FIXTURE_H_

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "agent/filter/concat.h"
#include "agent/observer/server.h"
#include "alidade/agent.grpc.pb.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "observer/observer.grpc.pb.h"
#include "peer/peer.grpc.pb.h"
#include "tests/agent/observer/test_ring.h"
#include "tests/support/temporary_folder.h"

namespace alidade {

inline constexpr int kDeadlineSeconds = 20;  // of every call: nothing here takes long

// A loopback port that is taken while this lives.
class TakenPort {
 public:
  TakenPort() : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
    REQUIRE(listen(fd_, 1) == 0);
    socklen_t size = sizeof(address);
    REQUIRE(getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~TakenPort() { close(fd_); }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  const int fd_;
  int port_ = 0;
};

// An address that nothing listens on, though nothing keeps it either.
inline std::string FreeLoopbackAddress() { return TakenPort().address(); }

class Client {
 public:
  explicit Client(const std::string& target)
      : channel_(Connect(target)),
        observer(observer::Observer::NewStub(channel_)),
        peer(peer::Peer::NewStub(channel_)),
        agent(Agent::NewStub(channel_)) {}

  // Sends `request` as it is and reads one response: the status, and the response's bytes if any.
  grpc::Status CallRaw(const std::string& path, const std::string& request, std::string* response) {
    grpc::GenericStub stub(channel_);
    grpc::CompletionQueue queue;
    grpc::ClientContext context;
    SetDeadline(&context);
    const grpc::Slice slice(request);
    const grpc::ByteBuffer bytes(&slice, 1);
    const auto call = stub.PrepareCall(&context, path, &queue);
    call->StartCall(nullptr);
    Next(&queue);
    call->WriteLast(bytes, {}, nullptr);
    Next(&queue);
    grpc::ByteBuffer answer;
    call->Read(&answer, nullptr);
    if (Next(&queue)) {
      std::vector<grpc::Slice> slices;
      REQUIRE(answer.Dump(&slices).ok());
      for (const grpc::Slice& part : slices) {
        response->append(reinterpret_cast<const char*>(part.begin()), part.size());
      }
    }
    grpc::Status status;
    call->Finish(&status, nullptr);
    Next(&queue);
    return status;
  }

  static void SetDeadline(grpc::ClientContext* context) {
    context->set_deadline(std::chrono::system_clock::now() +
                          std::chrono::seconds(kDeadlineSeconds));
  }

 private:
  // A connection of its own, whoever else asks the same server.
  static std::shared_ptr<grpc::Channel> Connect(const std::string& target) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
  }

  static bool Next(grpc::CompletionQueue* queue) {
    void* tag = nullptr;
    bool ok = false;
    return queue->Next(&tag, &ok) && ok;
  }

  std::shared_ptr<grpc::Channel> channel_;

 public:
  std::unique_ptr<observer::Observer::Stub> observer;
  std::unique_ptr<peer::Peer::Stub> peer;
  std::unique_ptr<Agent::Stub> agent;
};

// An open GetFlows call.
class FlowCall {
 public:
  FlowCall(Client* client, const observer::GetFlowsRequest& request) {
    Client::SetDeadline(&context_);
    reader_ = client->observer->GetFlows(&context_, request);
  }

  // The uuid of the next flow, `lost <n>`, or nothing at the end.
  std::optional<std::string> Next() {
    observer::GetFlowsResponse response;
    if (!reader_->Read(&response)) return std::nullopt;
    if (response.has_lost_events()) {
      return "lost " + std::to_string(response.lost_events().num_events_lost());
    }
    return response.flow().uuid();
  }
  std::string ReadAll() {
    std::string text;
    while (const std::optional<std::string> name = Next()) text += *name + " ";
    return text;
  }
  grpc::Status Finish() { return reader_->Finish(); }
  grpc::ClientContext& context() { return context_; }
  void WaitForHeaders() { reader_->WaitForInitialMetadata(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<observer::GetFlowsResponse>> reader_;
};

class ServerFixture {
 public:
  explicit ServerFixture(uint32_t capacity = 4095) : ring(capacity) {
    options.socket_path = folder / "hubble.sock";
    options.node_name = "node-1";
    options.cluster_name = "c1";
    options.version = "0.1.0";
    options.lost_event_send_interval = absl::ZeroDuration();
  }

  void Start() {
    absl::StatusOr<std::unique_ptr<ObserverServer>> started =
        ObserverServer::Start(options, ring.ring(), ledger, [](GetStatusResponse* status) {
          status->set_source("test");
          HookStatus* hook = status->add_hooks();
          hook->set_emitted(12);
          hook->set_lost(3);
        });
    INFO(started.status());
    REQUIRE(started.ok());
    server = *std::move(started);
    client.emplace("unix:" + options.socket_path);
  }

  std::vector<ClientStatus> OpenStreams() {
    grpc::ClientContext context;
    Client::SetDeadline(&context);
    GetStatusResponse status;
    REQUIRE(client->agent->GetStatus(&context, {}, &status).ok());
    return {status.clients().begin(), status.clients().end()};
  }

  // Asks until no stream is open any more.
  void WaitUntilClosed() {
    const absl::Time give_up = absl::Now() + absl::Seconds(kDeadlineSeconds);
    while (!OpenStreams().empty()) REQUIRE(absl::Now() < give_up);
  }

  testing::TemporaryFolder folder;
  TestRing ring;
  Ledger ledger;
  ServerOptions options;
  std::unique_ptr<ObserverServer> server;
  std::optional<Client> client;
};

inline observer::GetFlowsRequest LastFlows(uint64_t number) {
  observer::GetFlowsRequest request;
  request.set_number(number);
  return request;
}

inline observer::GetFlowsRequest FollowFlows() {
  observer::GetFlowsRequest request;
  request.set_follow(true);
  return request;
}

}  // namespace alidade

#endif  // ALIDADE_TESTS_AGENT_OBSERVER_SERVER_FIXTURE_H_
