// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/observe.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <limits>
#include <memory>

#include "absl/strings/str_cat.h"
#include "agent/cli/flow_file.h"
#include "agent/cli/printer.h"
#include "agent/cli/time_text.h"
#include "agent/option_values.h"
#include "agent/status_macros.h"
#include "observer/observer.grpc.pb.h"

namespace alidade {
namespace {

using observer::GetFlowsRequest;
using observer::GetFlowsResponse;

constexpr uint64_t kDefaultNumber = 20;

// What the printers read, and nothing else, so that a server sends no more than is shown.
constexpr const char* kTextFields[] = {
    "time", "verdict", "ethernet", "IP", "l4", "source.identity", "source.namespace",
    "source.pod_name", "destination.identity", "destination.namespace", "destination.pod_name",
    "Type", "node_name", "l7", "event_type", "source_service", "destination_service", "is_reply",
    "Summary", "ip_trace_id",
    // Not asked for by Hubble's client, which shows unknown values instead.
    "source_names", "destination_names", "traffic_direction", "policy_match_type",
    "debug_capture_point", "sock_xlate_point", "auth_type"};

// CLI11 itself would read -1 as a very large number.
std::string CheckCount(const std::string& text) {
  constexpr uint64_t kMost = uint64_t{1} << 32;
  absl::Status status = ParseNumber(text, 0, kMost).status();
  return status.ok() ? "" : absl::StrCat("\"", text, "\": ", std::string(status.message()));
}

void AddSelectors(CLI::App* app, ObserveOptions* options) {
  constexpr char kGroup[] = "Selectors";
  app->add_option("--last", options->last, "the newest N flows (20 if no selector is given)")
      ->type_name("N")
      ->check(CheckCount)
      ->group(kGroup);
  app->add_option("--first", options->first, "the oldest N flows")
      ->type_name("N")
      ->check(CheckCount)
      ->group(kGroup);
  app->add_flag("--all", options->all, "all flows that are stored")->group(kGroup);
  app->add_flag("-f,--follow", options->follow, "stay and show what comes")->group(kGroup);
  app->add_option("--since", options->since, "from this time on: 5m, or 2006-01-02T15:04:05Z")
      ->type_name("TIME")
      ->group(kGroup);
  app->add_option("--until", options->until, "up to this time")->type_name("TIME")->group(kGroup);
}

absl::Status CheckSelectors(const ObserveOptions& options) {
  auto exclude = [](bool a, bool b, const char* names) {
    return a && b ? absl::InvalidArgumentError(absl::StrCat("cannot set both ", names))
                  : absl::OkStatus();
  };
  bool first = options.first > 0;
  bool last = options.last > 0;
  RETURN_IF_ERROR(exclude(first, last, "--first and --last"));
  RETURN_IF_ERROR(exclude(first, options.all, "--first and --all"));
  RETURN_IF_ERROR(exclude(first, options.follow, "--first and --follow"));
  RETURN_IF_ERROR(exclude(last, options.all, "--last and --all"));
  if (options.format == ObserveFormat::kTable && options.follow) {
    return absl::InvalidArgumentError("table output format is not compatible with follow mode");
  }
  return absl::OkStatus();
}

absl::StatusOr<ObserveFormat> ParseFormat(const std::string& name) {
  if (name == "compact") return ObserveFormat::kCompact;
  if (name == "dict") return ObserveFormat::kDict;
  if (name == "table") return ObserveFormat::kTable;
  if (name == "json" || name == "jsonpb") return ObserveFormat::kJson;
  return absl::InvalidArgumentError(
      absl::StrCat("invalid output format: ", name, "; it is compact, dict, table or json"));
}

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
    case ObserveFormat::kCompact:
      return MakeCompactPrinter(options.text);
    case ObserveFormat::kDict:
      return MakeDictPrinter(options.text);
    case ObserveFormat::kTable:
      return MakeTablePrinter(options.text);
    case ObserveFormat::kJson:
      return MakeJsonPrinter();
  }
  return nullptr;
}

absl::StatusOr<google::protobuf::Timestamp> ReadTime(const char* flag, const std::string& text,
                                                     absl::Time now) {
  absl::StatusOr<absl::Time> time = ParseTimeText(text, now);
  if (!time.ok()) return WithValue(flag, text, time.status());
  return ToTimestamp(*time);
}

absl::Status ObserveServer(const ObserveOptions& options, const GetFlowsRequest& request,
                           const FlowSink& sink) {
  grpc::ClientContext context;
  ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel, Connect(options.server));
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
    std::fprintf(stderr, "%s: %s\n", options.input_file.c_str(), problem.c_str());
  };
  absl::Status status = ReadFlowFile(from_stdin ? std::cin : file, request, report_bad_line, sink);
  if (status.ok()) return status;
  return status;
}

absl::Status Observe(const ObserveOptions& options) {
  ASSIGN_OR_RETURN(const GetFlowsRequest request, BuildFlowsRequest(options, absl::Now()));
  std::unique_ptr<Printer> printer = MakePrinter(options);
  bool prompt = options.follow;  // who follows wants to see each line at once
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
  std::string output = "compact";
  std::string color = "auto";
  std::string time_format = "StampMilli";
  bool numeric = false;
  CLI::App app("Shows flows of an agent, or of a file.", "alidade observe");
  AddServerFlags(&app, &options.server);
  app.add_option("--input-file", options.input_file, "read lines of -o json instead; -: stdin")
      ->type_name("FILE");
  AddSelectors(&app, &options);
  app.add_option("-o,--output", output, "compact, dict, table or json")->capture_default_str();
  app.add_option("--color", color, "auto, always or never; of compact and dict")
      ->capture_default_str();
  app.add_option("--time-format", time_format, "how times are printed, but in json")
      ->capture_default_str();
  app.add_flag("--print-policy-names", options.text.policy_names,
               "show the policies that allowed or denied");
  app.add_flag("--print-node-name", options.text.node_name, "show the name of the node");
  app.add_flag("--numeric", numeric, "show addresses, not names");
  app.add_flag("--ip-translation", options.text.translate_ip, "show names, not addresses")
      ->default_str("true");
  AddFilterFlags(&app);
  RETURN_IF_ERROR(ParseArguments(arguments, &app));
  if (numeric) options.text.translate_ip = false;
  ASSIGN_OR_RETURN(options.format, ParseFormat(output));
  RETURN_IF_ERROR(CheckSelectors(options));
  ASSIGN_OR_RETURN(options.text.color, ParseColor(color));
  absl::StatusOr<TimeFormat> format = ParseTimeFormat(time_format);
  if (!format.ok()) return WithValue("--time-format", time_format, format.status());
  options.text.time_format = *format;
  ASSIGN_OR_RETURN(options.filters, ReadFilterFlags(app));
  return options;
}

absl::StatusOr<GetFlowsRequest> BuildFlowsRequest(const ObserveOptions& options, absl::Time now) {
  GetFlowsRequest request;
  if (!options.since.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_since(), ReadTime("--since", options.since, now));
  }
  // An end in time contradicts staying, as Hubble's client sees it.
  if (!options.until.empty() && !options.follow) {
    ASSIGN_OR_RETURN(*request.mutable_until(), ReadTime("--until", options.until, now));
  }
  request.set_follow(options.follow);
  request.set_first(options.first > 0);
  request.set_number(request.first() ? options.first : options.last);
  bool has_selector = request.number() > 0 || request.has_since() || request.has_until();
  if (!has_selector && options.all) {
    request.set_number(std::numeric_limits<uint64_t>::max());
  } else if (!has_selector && !options.follow && options.input_file.empty()) {
    request.set_number(kDefaultNumber);
  }
  *request.mutable_whitelist() = options.filters.whitelist;
  *request.mutable_blacklist() = options.filters.blacklist;
  if (options.format != ObserveFormat::kJson) {
    for (const char* field : kTextFields) request.mutable_field_mask()->add_paths(field);
  }
  return request;
}

int RunObserve(const Arguments& arguments) {
  absl::StatusOr<ObserveOptions> options = ParseObserveOptions(arguments);
  if (absl::IsCancelled(options.status())) return ReportNotRun(options.status());  // help
  absl::Status status = options.ok() ? Observe(*options) : options.status();
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return 1;
}

}  // namespace alidade
