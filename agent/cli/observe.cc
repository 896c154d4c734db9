// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/observe.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "agent/cli/flag_values.h"
#include "agent/cli/flow_file.h"
#include "agent/cli/node_status_text.h"
#include "agent/cli/observe_events.h"
#include "agent/cli/observe_stream.h"
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

constexpr char kCommand[] = "alidade observe";

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
    case OutputFormat::kLegacyJson:
      return MakeLegacyJsonPrinter();
  }
  return nullptr;
}

absl::Status ObserveServer(const ObserveOptions& options, const GetFlowsRequest& request,
                           const FlowSink& sink) {
  grpc::ClientContext context;
  const EndedByInterrupt ended(&context);
  ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel,
                   Connect(options.server, options.tls));
  const auto stub = observer::Observer::NewStub(channel);
  Authorize(options.server, &context);
  const auto stream = stub->GetFlows(&context, request);
  return ReadStream<GetFlowsResponse>(stream.get(), &context, sink);
}

absl::Status ObserveFile(const ObserveOptions& options, const GetFlowsRequest& request,
                         const FlowSink& sink) {
  std::ifstream file;
  bool from_stdin = options.input_file == "-";
  if (!from_stdin) {
    file.open(options.input_file);
    if (!file) {
      return absl::NotFoundError(
          absl::StrCat("open ", options.input_file, ": ", GoErrorText(errno)));
    }
  }
  auto report_bad_line = [&options](const std::string& problem) {
    if (options.silent) return;
    std::fprintf(stderr, "%s: %s\n", options.input_file.c_str(), problem.c_str());
  };
  return ReadFlowFile(from_stdin ? std::cin : file, request, report_bad_line, sink);
}

void AddOtherFlags(FlagSet* set, ObserveOptions* options) {
  set->Group("Other");
  set->AddText("input-file", "FILE", "read lines of -o json instead; -: stdin",
               &options->input_file);
  set->AddList("field-mask", "FIELD", "fields to ask for, comma-separated; json only",
               &options->fields);
  set->AddSwitch("use-default-field-masks", "ask for no more fields than a text shows",
                 &options->only_shown_fields);
  set->AddSwitch("print-raw-filters", "print the filters that the flags make, and end",
                 &options->print_filters);
  set->AddSwitch("silent-errors", "say nothing of lines and nodes that cannot be read",
                 &options->silent)
      ->letter = 's';
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

// Prints responses: flows and losses to stdout, what relay says of its nodes to stderr.
FlowSink MakeSink(const ObserveOptions& options, Printer* printer) {
  const bool prompt = options.selectors.follow;  // who follows wants to see each line at once
  return [&options, printer, prompt](const GetFlowsResponse& response) {
    if (response.has_node_status()) {
      const std::string text =
          NodeStatusText(response, options.format, options.text.time_format, options.server.debug);
      if (!options.silent) std::fputs(text.c_str(), stderr);
      return true;
    }
    std::fputs(printer->Print(response).c_str(), stdout);
    return std::ferror(stdout) == 0 && (!prompt || std::fflush(stdout) == 0);
  };
}

absl::Status Observe(const ObserveOptions& options) {
  ASSIGN_OR_RETURN(const GetFlowsRequest request, BuildFlowsRequest(options, absl::Now()));
  if (options.print_filters) {
    PrintFilters(request);
    return absl::OkStatus();
  }
  if (!options.input_file.empty() && options.server.port_forward.wanted) {
    return absl::InvalidArgumentError("cannot use --input-file and --port-forward together");
  }
  RETURN_IF_ERROR(CheckPortForward(options.server.port_forward));
  if (options.server.debug) SayRequest(options.server, request);
  const std::unique_ptr<Printer> printer = MakePrinter(options);
  const FlowSink print = MakeSink(options, printer.get());
  absl::Status status = options.input_file.empty() ? ObserveServer(options, request, print)
                                                   : ObserveFile(options, request, print);
  std::fputs(printer->Finish().c_str(), stdout);
  return status;
}

int RunObserveFlows(const Arguments& arguments) {
  const absl::StatusOr<ObserveOptions> options = ParseObserveOptions(arguments, std::getenv);
  return ReportObserved(options.ok() ? Observe(*options) : options.status());
}

}  // namespace

absl::StatusOr<ObserveOptions> ParseObserveOptions(const Arguments& arguments,
                                                   const Environment& environment) {
  ObserveOptions options;
  OutputFlags output;
  std::string color = "auto";
  bool numeric = false;
  FlagSet set(kCommand, "Shows flows of an agent, or of a file.");
  AddSelectors(&set, &options.selectors);
  FilterFlags filters(&set);
  AddOutputFlags(&set, &output);
  set.AddText("color", "WHEN", "auto, always or never; of compact and dict", &color);
  set.AddSwitch("print-policy-names", "show the policies that allowed or denied",
                &options.text.policy_names);
  set.AddSwitch("numeric", "show addresses, not names", &numeric);
  set.AddSwitch("ip-translation", "show names, not addresses", &options.text.translate_ip);
  AddServerFlags(&set, &options.server);
  AddOtherFlags(&set, &options);
  RETURN_IF_ERROR(ParseClientFlags(arguments, environment, &set, &options.server));
  ASSIGN_OR_RETURN(options.tls, ReadTlsMaterial(options.server));
  ASSIGN_OR_RETURN(options.filters, filters.Finish());
  RETURN_IF_ERROR(ReadOutputFlags(output, options.selectors.follow, environment, &options.format,
                                  &options.text.time_format));
  if (options.format != OutputFormat::kJson && !options.fields.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(output.format, " output format is not compatible with custom field mask"));
  }
  RETURN_IF_ERROR(CheckSelectors(options.selectors));
  if (numeric) options.text.translate_ip = false;
  options.text.node_name = output.node_name;
  ASSIGN_OR_RETURN(options.text.color, ParseColor(color));
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
  ObserveOptions unused;
  FlagSet shared("", "");  // by all subcommands: enough to tell their names from values
  AddSelectors(&shared, &unused.selectors);
  AddServerFlags(&shared, &unused.server);
  if (const std::optional<size_t> at = shared.FindWord(arguments)) {
    Arguments rest = arguments;
    rest.erase(rest.begin() + static_cast<ptrdiff_t>(*at));
    if (arguments[*at] == "agent-events") return RunObserveAgentEvents(rest);
    if (arguments[*at] == "debug-events") return RunObserveDebugEvents(rest);
    if (arguments[*at] == "flows") return RunObserveFlows(rest);
  }
  return RunObserveFlows(arguments);
}

}  // namespace alidade
