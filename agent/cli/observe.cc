// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/observe.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "agent/cli/flow_file.h"
#include "agent/cli/observe_events.h"
#include "agent/cli/printer.h"
#include "agent/option_values.h"
#include "agent/recording/proto_json.h"
#include "agent/status_macros.h"
#include "google/protobuf/util/field_mask_util.h"
#include "observer/observer.grpc.pb.h"

namespace alidade {
namespace {

using observer::GetFlowsRequest;
using observer::GetFlowsResponse;

// What the printers read, and nothing else, so that a server sends no more than is shown.
constexpr const char* kTextFields[] = {
    "time", "verdict", "ethernet", "IP", "l4", "source.identity", "source.namespace",
    "source.pod_name", "destination.identity", "destination.namespace", "destination.pod_name",
    "Type", "node_name", "l7", "event_type", "source_service", "destination_service", "is_reply",
    "Summary", "ip_trace_id",
    // Not asked for by Hubble's client, which shows unknown values instead.
    "source_names", "destination_names", "traffic_direction", "policy_match_type",
    "debug_capture_point", "sock_xlate_point", "auth_type"};

// Whether to print in colours.
absl::StatusOr<bool> ParseColor(const std::string& when) {
  if (when == "always") return true;
  if (when == "never") return false;
  if (when != "auto") {
    return WithValue("--color", when, absl::InvalidArgumentError("must be auto, always or never"));
  }
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal != nullptr && std::string(terminal) == "dumb";
  return isatty(STDOUT_FILENO) == 1 && !dumb && std::getenv("NO_COLOR") == nullptr;
}

std::unique_ptr<Printer> MakePrinter(const ObserveOptions& options) {
  switch (options.format) {
    case OutputFormat::kCompact:
      return MakeCompactPrinter(options.text);
    case OutputFormat::kDict:
      return MakeDictPrinter(options.text);
    case OutputFormat::kTable:
      return MakeTablePrinter(options.text);
    case OutputFormat::kJson:
      return MakeJsonPrinter();
  }
  return nullptr;
}

absl::Status ObserveServer(const ObserveOptions& options, const GetFlowsRequest& request,
                           const FlowSink& sink) {
  grpc::ClientContext context;
  ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel, Connect(options.server));
  RETURN_IF_ERROR(Authorize(options.server, &context));
  auto stub = observer::Observer::NewStub(channel);
  auto stream = stub->GetFlows(&context, request);
  GetFlowsResponse response;
  bool wanted = true;
  while (wanted && stream->Read(&response)) wanted = sink(response);
  if (!wanted) context.TryCancel();
  grpc::Status status = stream->Finish();
  if (!wanted || status.ok()) return absl::OkStatus();
  return absl::UnavailableError(DescribeCallFailure(status));
}

absl::Status ObserveFile(const ObserveOptions& options, const GetFlowsRequest& request,
                         const FlowSink& sink) {
  std::ifstream file;
  bool from_stdin = options.input_file == "-";
  if (!from_stdin) {
    file.open(options.input_file);
    if (!file) {
      return absl::NotFoundError(
          absl::StrCat("open ", options.input_file, ": ", std::strerror(errno)));
    }
  }
  auto report_bad_line = [&options](const std::string& problem) {
    if (options.silent) return;
    std::fprintf(stderr, "%s: %s\n", options.input_file.c_str(), problem.c_str());
  };
  return ReadFlowFile(from_stdin ? std::cin : file, request, report_bad_line, sink);
}

void PrintFilterList(const char* name, const FlowFilterList& list) {
  if (list.empty()) return;
  std::printf("%s:\n", name);
  for (const flow::FlowFilter& filter : list) {
    std::printf("    - '%s'\n", absl::StrReplaceAll(ToJson(filter), {{"'", "''"}}).c_str());
  }
}

// As YAML, which Hubble's exporter takes.
void PrintFilters(const GetFlowsRequest& request) {
  PrintFilterList("allowlist", request.whitelist());
  PrintFilterList("denylist", request.blacklist());
  if (request.whitelist().empty() && request.blacklist().empty()) std::puts("{}");
}

absl::Status Observe(const ObserveOptions& options) {
  ASSIGN_OR_RETURN(const GetFlowsRequest request, BuildFlowsRequest(options, absl::Now()));
  if (options.print_filters) {
    PrintFilters(request);
    return absl::OkStatus();
  }
  std::unique_ptr<Printer> printer = MakePrinter(options);
  bool prompt = options.selectors.follow;  // who follows wants to see each line at once
  FlowSink print = [&printer, prompt](const GetFlowsResponse& response) {
    std::fputs(printer->Print(response).c_str(), stdout);
    return !std::ferror(stdout) && (!prompt || std::fflush(stdout) == 0);
  };
  absl::Status status = options.input_file.empty() ? ObserveServer(options, request, print)
                                                   : ObserveFile(options, request, print);
  std::fputs(printer->Finish().c_str(), stdout);
  return status;
}

}  // namespace

absl::StatusOr<ObserveOptions> ParseObserveOptions(const Arguments& arguments) {
  ObserveOptions options;
  OutputFlags output;
  std::string color = "auto";
  bool numeric = false;
  CLI::App app("Shows flows of an agent, or of a file.", "alidade observe");
  AddServerFlags(&app, &options.server);
  app.add_option("--input-file", options.input_file, "read lines of -o json instead; -: stdin")
      ->type_name("FILE");
  AddSelectors(&app, &options.selectors);
  AddOutputFlags(&app, &output);
  app.add_option("--color", color, "auto, always or never; of compact and dict")
      ->capture_default_str();
  app.add_flag("--print-policy-names", options.text.policy_names,
               "show the policies that allowed or denied");
  app.add_flag("--numeric", numeric, "show addresses, not names");
  app.add_flag("--ip-translation", options.text.translate_ip, "show names, not addresses")
      ->default_str("true");
  app.add_option("--field-mask", options.fields, "fields to ask for, comma-separated; json only")
      ->type_name("FIELD")
      ->delimiter(',');
  app.add_flag("--use-default-field-masks", options.only_shown_fields,
               "ask for no more fields than a text shows")
      ->default_str("true");
  app.add_flag("--print-raw-filters", options.print_filters,
               "print the filters that the flags make, and end");
  app.add_flag("-s,--silent-errors", options.silent, "say nothing of lines that cannot be read");
  AddFilterFlags(&app);
  RETURN_IF_ERROR(ParseArguments(arguments, &app));
  if (numeric) options.text.translate_ip = false;
  RETURN_IF_ERROR(CheckSelectors(options.selectors));
  RETURN_IF_ERROR(ReadOutputFlags(output, options.selectors.follow, &options.format,
                                  &options.text.time_format));
  options.text.node_name = output.node_name;
  if (options.format != OutputFormat::kJson && !options.fields.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(output.format, " output format is not compatible with custom field mask"));
  }
  ASSIGN_OR_RETURN(options.text.color, ParseColor(color));
  ASSIGN_OR_RETURN(options.filters, ReadFilterFlags(app));
  return options;
}

absl::StatusOr<GetFlowsRequest> BuildFlowsRequest(const ObserveOptions& options, absl::Time now) {
  const Selectors& selectors = options.selectors;
  GetFlowsRequest request;
  RETURN_IF_ERROR(SetTimes(selectors, now, &request));
  request.set_follow(selectors.follow);
  request.set_first(selectors.first > 0);
  request.set_number(request.first() ? selectors.first : selectors.last);
  const bool has_selector = request.number() > 0 || request.has_since() || request.has_until();
  if (!has_selector && selectors.all) {
    request.set_number(kAllEvents);
  } else if (!has_selector && !selectors.follow && options.input_file.empty()) {
    request.set_number(kDefaultNumber);
  }
  *request.mutable_whitelist() = options.filters.whitelist;
  *request.mutable_blacklist() = options.filters.blacklist;
  for (const std::string& field : options.fields) {
    if (!google::protobuf::util::FieldMaskUtil::IsValidPath<flow::Flow>(field)) {
      return absl::InvalidArgumentError(
          absl::StrCat("failed to construct field mask: proto: invalid path \"", field,
                       "\" for message \"flow.Flow\""));
    }
    request.mutable_field_mask()->add_paths(field);
  }
  if (options.format != OutputFormat::kJson && options.only_shown_fields) {
    for (const char* field : kTextFields) request.mutable_field_mask()->add_paths(field);
  }
  return request;
}

int RunObserve(const Arguments& arguments) {
  if (!arguments.empty() && arguments.front() == "agent-events") {
    return RunObserveAgentEvents(Arguments(arguments.begin() + 1, arguments.end()));
  }
  if (!arguments.empty() && arguments.front() == "debug-events") {
    return RunObserveDebugEvents(Arguments(arguments.begin() + 1, arguments.end()));
  }
  if (!arguments.empty() && arguments.front() == "flows") {
    return RunObserve(Arguments(arguments.begin() + 1, arguments.end()));
  }
  absl::StatusOr<ObserveOptions> options = ParseObserveOptions(arguments);
  if (absl::IsCancelled(options.status())) return ReportNotRun(options.status());  // help
  absl::Status status = options.ok() ? Observe(*options) : options.status();
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return 1;
}

}  // namespace alidade
