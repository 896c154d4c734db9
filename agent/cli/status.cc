// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/status.h"

#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "agent/cli/server.h"
#include "agent/status_macros.h"
#include "alidade/agent.grpc.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "observer/observer.grpc.pb.h"

namespace alidade {
namespace {

using Deadline = std::chrono::system_clock::time_point;

// The service name under which Hubble servers report their health.
constexpr char kObserverHealthService[] = "hubble.server.Observer";

struct StatusFlags {
  ServerFlags server;
  TlsMaterial tls;
  bool json = false;
};

absl::StatusOr<StatusFlags> ParseStatusFlags(const Arguments& arguments) {
  StatusFlags flags;
  std::string output = "compact";
  FlagSet set("alidade status", "Shows the state of an agent. Exit status 0: healthy, 1: not.");
  set.Group("Formatting");
  set.AddText("output", "FORMAT", "compact or json", &output)->letter = 'o';
  AddServerFlags(&set, &flags.server);
  RETURN_IF_ERROR(ParseClientFlags(arguments, std::getenv, &set, &flags.server));
  if (output != "compact" && output != "json") {
    return absl::InvalidArgumentError(absl::StrCat("invalid output format: ", output));
  }
  flags.json = output == "json";
  ASSIGN_OR_RETURN(flags.tls, ReadTlsMaterial(flags.server));
  RETURN_IF_ERROR(CheckPortForward(flags.server.port_forward));
  return flags;
}

absl::Status CallFailed(const std::string& target, const grpc::Status& status) {
  return absl::UnavailableError(absl::StrCat(target, ": ", DescribeFailure(status)));
}

}  // namespace

absl::StatusOr<StatusReport> AskStatus(const std::shared_ptr<grpc::Channel>& channel,
                                       const ServerFlags& server) {
  const std::string& target = server.target;
  Deadline deadline =
      std::chrono::system_clock::now() + absl::ToChronoMilliseconds(server.request_timeout);
  StatusReport report;
  report.target = target;
  grpc::ClientContext health_context;
  health_context.set_deadline(deadline);
  Authorize(server, &health_context);
  grpc::health::v1::HealthCheckRequest health_request;
  health_request.set_service(kObserverHealthService);
  HealthCheckResponse health_response;
  grpc::Status health = grpc::health::v1::Health::NewStub(channel)->Check(
      &health_context, health_request, &health_response);
  if (!health.ok()) return CallFailed(target, health);
  report.serving = health_response.status();
  if (report.serving != HealthCheckResponse::SERVING) return report;

  grpc::ClientContext observer_context;
  observer_context.set_deadline(deadline);
  Authorize(server, &observer_context);
  grpc::Status observed = observer::Observer::NewStub(channel)->ServerStatus(
      &observer_context, observer::ServerStatusRequest(), &report.server.emplace());
  if (!observed.ok()) return CallFailed(target, observed);

  grpc::ClientContext agent_context;
  agent_context.set_deadline(deadline);
  Authorize(server, &agent_context);
  grpc::Status agent = Agent::NewStub(channel)->GetStatus(&agent_context, GetStatusRequest(),
                                                          &report.agent.emplace());
  if (agent.error_code() == grpc::StatusCode::UNIMPLEMENTED) {
    report.agent.reset();
  } else if (!agent.ok()) {
    return CallFailed(target, agent);
  }
  return report;
}

int RunStatus(const Arguments& arguments) {
  const absl::StatusOr<StatusFlags> flags = ParseStatusFlags(arguments);
  if (!flags.ok()) return ReportNotRun(flags.status());
  const std::string& target = flags->server.target;
  const absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = Connect(flags->server, flags->tls);
  if (!channel.ok()) return ReportNotRun(channel.status());
  const absl::StatusOr<StatusReport> report = AskStatus(*channel, flags->server);
  if (!report.ok()) {
    std::fprintf(stderr, "alidade: no status from %s\n",
                 std::string(report.status().message()).c_str());
    return 1;
  }
  std::fputs((flags->json ? FormatStatusJson(*report) : FormatStatusText(*report)).c_str(), stdout);
  if (report->serving == HealthCheckResponse::SERVING) return 0;
  std::fprintf(stderr, "alidade: %s is not healthy: %s\n", target.c_str(),
               HealthCheckResponse::ServingStatus_Name(report->serving).c_str());
  return 1;
}

}  // namespace alidade
