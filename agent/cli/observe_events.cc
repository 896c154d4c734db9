// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/observe_events.h"

#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "agent/cli/event_printer.h"
#include "agent/cli/selectors.h"
#include "agent/cli/server.h"
#include "agent/status_macros.h"
#include "observer/observer.grpc.pb.h"

namespace alidade {
namespace {

struct Options {
  ServerFlags server;
  Selectors selectors;
  EventPrinterOptions print;
};

absl::StatusOr<Options> Parse(const Arguments& arguments, const char* name, const char* does) {
  Options options;
  OutputFlags output;
  CLI::App app(does, std::string("alidade observe ") + name);
  AddServerFlags(&app, &options.server);
  AddSelectors(&app, &options.selectors);
  AddOutputFlags(&app, &output);
  RETURN_IF_ERROR(ParseArguments(arguments, &app));
  RETURN_IF_ERROR(ReadOutputFlags(output, options.selectors.follow, &options.print.format,
                                  &options.print.time_format));
  options.print.node_name = output.node_name;
  return options;
}

// Hubble's client never asks for the oldest of these, and for the newest 20 also when it follows.
template <typename Request>
absl::StatusOr<Request> BuildRequest(const Selectors& selectors, absl::Time now) {
  Request request;
  RETURN_IF_ERROR(SetTimes(selectors, now, &request));
  request.set_follow(selectors.follow);
  request.set_number(selectors.last);
  if (!request.has_since() && !request.has_until()) {
    if (selectors.all) {
      request.set_number(kAllEvents);
    } else if (request.number() == 0) {
      request.set_number(kDefaultNumber);
    }
  }
  return request;
}

auto Open(observer::Observer::Stub* stub, grpc::ClientContext* context,
          const observer::GetAgentEventsRequest& request) {
  return stub->GetAgentEvents(context, request);
}
auto Open(observer::Observer::Stub* stub, grpc::ClientContext* context,
          const observer::GetDebugEventsRequest& request) {
  return stub->GetDebugEvents(context, request);
}

template <typename Request, typename Response>
absl::Status Observe(const Options& options) {
  ASSIGN_OR_RETURN(const Request request, BuildRequest<Request>(options.selectors, absl::Now()));
  ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel, Connect(options.server));
  const auto stub = observer::Observer::NewStub(channel);
  grpc::ClientContext context;
  RETURN_IF_ERROR(Authorize(options.server, &context));
  const auto stream = Open(stub.get(), &context, request);
  EventPrinter<Response> printer(options.print);
  Response response;
  bool is_wanted = true;
  while (is_wanted && stream->Read(&response)) {
    std::fputs(printer.Print(response).c_str(), stdout);
    // Who follows wants to see each line at once.
    is_wanted = std::ferror(stdout) == 0 && (!options.selectors.follow || std::fflush(stdout) == 0);
  }
  if (!is_wanted) context.TryCancel();
  const grpc::Status status = stream->Finish();
  std::fputs(printer.Finish().c_str(), stdout);
  if (!is_wanted || status.ok()) return absl::OkStatus();
  return absl::UnavailableError(DescribeCallFailure(status));
}

template <typename Request, typename Response>
int Run(const Arguments& arguments, const char* name, const char* does) {
  const absl::StatusOr<Options> options = Parse(arguments, name, does);
  if (absl::IsCancelled(options.status())) return ReportNotRun(options.status());  // help
  const absl::Status status =
      options.ok() ? Observe<Request, Response>(*options) : options.status();
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return 1;
}

}  // namespace

int RunObserveAgentEvents(const Arguments& arguments) {
  return Run<observer::GetAgentEventsRequest, observer::GetAgentEventsResponse>(
      arguments, "agent-events", "Shows what happened to an agent.");
}

int RunObserveDebugEvents(const Arguments& arguments) {
  return Run<observer::GetDebugEventsRequest, observer::GetDebugEventsResponse>(
      arguments, "debug-events", "Shows what an agent's datapath says for debugging.");
}

}  // namespace alidade
