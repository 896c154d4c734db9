// SPDX-License-Identifier: Apache-2.0
//
// The program `alidade`: finds the subcommand and hands it the rest of the command line.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "agent/agent.h"
#include "agent/cli/decode.h"
#include "agent/cli/observe.h"
#include "agent/cli/status.h"
#include "agent/command_line.h"
#include "agent/options.h"
#include "agent/record.h"

namespace alidade {
namespace {

struct Subcommand {
  const char* name;
  const char* does;
  int (*run)(const Arguments& arguments);  // returns the exit status
};

int RunAgentCommand(const Arguments& arguments) {
  absl::StatusOr<AgentOptions> options = ParseAgentOptions(arguments, ::getenv);
  if (!options.ok()) return ReportNotRun(options.status());
  return options->cleanup ? RunCleanup(*options) : RunAgent(*options);
}

constexpr Subcommand kSubcommands[] = {
    {"agent", "run the node agent", RunAgentCommand},
    {"observe", "show flows of an agent, or of a file", RunObserve},
    {"status", "show the state of an agent; exit status 0: healthy", RunStatus},
    {"decode", "turn recorded events into flows", RunDecode},
    {"record", "write the events of this node to a file", RunRecord},
};

std::string Usage() {
  std::string usage = "alidade sees the flows of one node and serves them to Hubble clients.\n\n";
  for (const Subcommand& subcommand : kSubcommands) {
    absl::StrAppendFormat(&usage, "  alidade %-8s %s\n", subcommand.name, subcommand.does);
  }
  return usage + "\n`alidade <subcommand> --help` tells the flags; --version the version.\n";
}

int Run(const std::string& word, const Arguments& rest) {
  for (const Subcommand& subcommand : kSubcommands) {
    if (word == subcommand.name) return subcommand.run(rest);
  }
  if (word == "--version") {
    std::puts("alidade " ALIDADE_VERSION);
    return 0;
  }
  if (word == "--help" || word == "-h" || word == "help") {
    std::fputs(Usage().c_str(), stdout);
    return 0;
  }
  std::vector<std::string> names;
  for (const Subcommand& subcommand : kSubcommands) names.emplace_back(subcommand.name);
  std::string problem = word.empty()
                            ? "no subcommand given"
                            : absl::StrCat("unknown subcommand ", word, DidYouMean(word, names));
  return ReportNotRun(absl::InvalidArgumentError(problem + "; see alidade --help"));
}

}  // namespace
}  // namespace alidade

int main(int argc, char** argv) {
  try {
    return alidade::Run(argc > 1 ? argv[1] : "",
                        alidade::Arguments(argv + std::min(argc, 2), argv + argc));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "alidade: %s\n", error.what());
    return 1;
  }
}
