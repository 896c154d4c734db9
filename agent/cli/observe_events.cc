// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/observe_events.h"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "agent/cli/event_printer.h"
#include "agent/cli/observe_stream.h"
#include "agent/cli/selectors.h"
#include "agent/cli/server.h"
#include "agent/status_macros.h"
#include "observer/observer.grpc.pb.h"

namespace alidade {
namespace {

struct Options {
  ServerFlags server;
  TlsMaterial tls;
  Selectors selectors;
  EventPrinterOptions print;
};

absl::StatusOr<Options> Parse(const Arguments& arguments, const char* name, const char* does) {
  Options options;
  OutputFlags output;
  FlagSet set(std::string("alidade observe ") + name, does);
  AddSelectors(&set, &options.selectors);
  AddOutputFlags(&set, &output);
  AddServerFlags(&set, &options.server);
  RETURN_IF_ERROR(ParseClientFlags(arguments, std::getenv, &set, &options.server));
  ASSIGN_OR_RETURN(options.tls, ReadTlsMaterial(options.server));
  RETURN_IF_ERROR(ReadOutputFlags(output, options.selectors.follow, std::getenv,
                                  &options.print.format, &options.print.time_format));
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
  RETURN_IF_ERROR(CheckPortForward(options.server.port_forward));
  if (options.server.debug) SayRequest(options.server, request);
  grpc::ClientContext context;
  const EndedByInterrupt ended(&context);
  ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel,
                   Connect(options.server, options.tls));
  const auto stub = observer::Observer::NewStub(channel);
  Authorize(options.server, &context);
  const auto stream = Open(stub.get(), &context, request);
  EventPrinter<Response> printer(options.print);
  const auto print = [&](const Response& response) {
    std::fputs(printer.Print(response).c_str(), stdout);
    // Who follows wants to see each line at once.
    return std::ferror(stdout) == 0 && (!options.selectors.follow || std::fflush(stdout) == 0);
  };
  absl::Status status = ReadStream<Response>(stream.get(), &context, print);
  std::fputs(printer.Finish().c_str(), stdout);
  return status;
}

template <typename Request, typename Response>
int Run(const Arguments& arguments, const char* name, const char* does) {
  const absl::StatusOr<Options> options = Parse(arguments, name, does);
  return ReportObserved(options.ok() ? Observe<Request, Response>(*options) : options.status());
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
