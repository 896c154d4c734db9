// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/decode.h"

#include <cstdio>
#include <iostream>
#include <string>

#include "agent/cli/decode_line.h"
#include "agent/option_values.h"
#include "agent/resolve/world_file.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

struct DecodeOptions {
  Origin origin = Origin::kCilium;
  std::string world_file;
};

absl::StatusOr<DecodeOptions> ParseDecodeOptions(const Arguments& arguments) {
  DecodeOptions options;
  std::string origin = "cilium";
  std::string output = "json";
  CLI::App app("Turns recorded events on stdin into flows on stdout, one JSON object a line.",
               "alidade decode");
  app.add_option("--world", options.world_file, "JSON file that says who owns which address")
      ->type_name("FILE");
  app.add_option("--origin", origin, "whose programs wrote the events: cilium or ebpf")
      ->capture_default_str();
  app.add_option("-o,--output", output, "json")->capture_default_str();
  RETURN_IF_ERROR(ParseArguments(arguments, &app));
  if (origin != "cilium" && origin != "ebpf") {
    return WithValue("--origin", origin, absl::InvalidArgumentError("must be one of cilium, ebpf"));
  }
  if (output != "json") {
    return WithValue("--output", output, absl::InvalidArgumentError("must be json"));
  }
  options.origin = origin == "cilium" ? Origin::kCilium : Origin::kEbpf;
  return options;
}

}  // namespace

int RunDecode(const Arguments& arguments) {
  absl::StatusOr<DecodeOptions> options = ParseDecodeOptions(arguments);
  if (!options.ok()) return ReportNotRun(options.status());
  WorldTables tables;
  if (!options->world_file.empty()) {
    absl::StatusOr<WorldTables> read = ReadWorldFile(options->world_file);
    if (!read.ok()) return ReportNotRun(read.status());
    tables = *std::move(read);
  }
  World world(std::move(tables));
  std::string line;
  while (std::getline(std::cin, line)) {
    if (line.empty()) continue;
    line = DecodeLine(line, options->origin, world);
    std::puts(line.c_str());
  }
  return 0;
}

}  // namespace alidade
