// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/status.h"

#include <unistd.h>

#include <cstdlib>
#include <string>

#include "agent/cli/server.h"
#include "alidade/agent.grpc.pb.h"
#include "catch2/catch_test_macros.hpp"
#include "grpcpp/health_check_service_interface.h"
#include "observer/observer.grpc.pb.h"
#include "tests/support/temporary_folder.h"

namespace alidade {
namespace {

class FakeObserver final : public observer::Observer::Service {
  grpc::Status ServerStatus(grpc::ServerContext*, const observer::ServerStatusRequest*,
                            observer::ServerStatusResponse* response) override {
    response->set_num_flows(14);
    response->set_max_flows(4095);
    response->set_flows_rate(0.125);
    return grpc::Status::OK;
  }
};

class FakeAgent final : public Agent::Service {
  grpc::Status GetStatus(grpc::ServerContext*, const GetStatusRequest*,
                         GetStatusResponse* response) override {
    response->set_node_name("n1");
    return grpc::Status::OK;
  }
};

// A server on a unix socket of its own.
class FakeServer {
 public:
  explicit FakeServer(bool with_agent) {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    builder.AddListeningPort(target(), grpc::InsecureServerCredentials());
    builder.RegisterService(&observer_);
    if (with_agent) builder.RegisterService(&agent_);
    server_ = builder.BuildAndStart();
    REQUIRE(server_ != nullptr);
    SetServing(true);
  }
  ~FakeServer() { server_->Shutdown(); }
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  void SetServing(bool serving) {
    server_->GetHealthCheckService()->SetServingStatus("hubble.server.Observer", serving);
  }
  std::string target() const { return "unix://" + folder_ / "s"; }

 private:
  const testing::TemporaryFolder folder_;
  FakeObserver observer_;
  FakeAgent agent_;
  std::unique_ptr<grpc::Server> server_;
};

absl::StatusOr<StatusReport> Ask(const std::string& target) {
  ServerFlags flags;
  flags.target = target;
  return AskStatus(Connect(flags, TlsMaterial()).value(), flags);
}

TEST_CASE("status asks an alidade agent for all that it tells", "[cli]") {
  FakeServer server(/*with_agent=*/true);
  absl::StatusOr<StatusReport> report = Ask(server.target());
  INFO(report.status());
  REQUIRE(report.ok());
  CHECK(report->serving == HealthCheckResponse::SERVING);
  REQUIRE(report->server);
  CHECK(report->server->num_flows() == 14);
  REQUIRE(report->agent);
  CHECK(report->agent->node_name() == "n1");
  CHECK(RunStatus({"--server", server.target(), "--timeout", "10s"}) == 0);
}

TEST_CASE("a Hubble server is in order without the service of the agent", "[cli]") {
  FakeServer server(/*with_agent=*/false);
  absl::StatusOr<StatusReport> report = Ask(server.target());
  INFO(report.status());
  REQUIRE(report.ok());
  CHECK(report->server);
  CHECK(!report->agent);
}

TEST_CASE("a server that does not serve is not healthy", "[cli]") {
  FakeServer server(/*with_agent=*/true);
  server.SetServing(false);
  absl::StatusOr<StatusReport> report = Ask(server.target());
  REQUIRE(report.ok());
  CHECK(report->serving == HealthCheckResponse::NOT_SERVING);
  CHECK(!report->server);
  CHECK(RunStatus({"--server", server.target(), "--timeout", "10s"}) == 1);
}

TEST_CASE("no server is one reason on one line", "[cli]") {
  std::string target = "unix:///nonexistent/alidade.sock";
  absl::StatusOr<StatusReport> report = Ask(target);
  REQUIRE(absl::IsUnavailable(report.status()));
  std::string message(report.status().message());
  CHECK(message.rfind(target + ": UNAVAILABLE: ", 0) == 0);
  CHECK(message.find('\n') == std::string::npos);
  CHECK(RunStatus({"--server", target}) == 1);
}

TEST_CASE("wrong flags of status are refused", "[cli]") {
  CHECK(RunStatus({"--timeout", "soon"}) == kExitUsage);
  CHECK(RunStatus({"-o", "table"}) == kExitUsage);
  CHECK(RunStatus({"--sever", "x"}) == kExitUsage);
  CHECK(RunStatus({"--help"}) == 0);
}

}  // namespace
}  // namespace alidade
