// SPDX-License-Identifier: Apache-2.0
//
// How every subcommand reads its arguments: CLI11 splits them and prints the help; this gives one
// shape to what can go wrong, so that a user always gets one line that says what would be right.
#ifndef ALIDADE_AGENT_COMMAND_LINE_H_
#define ALIDADE_AGENT_COMMAND_LINE_H_

#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"

namespace alidade {

// Exit status of a program that was asked for something wrong.
inline constexpr int kExitUsage = 2;

// What stands behind the name of a subcommand.
using Arguments = std::vector<std::string>;

// Parses `arguments` into `app`, which is named as it is called (`alidade agent`). What the app
// does not know is an error, unless it allows extras: then it keeps them. Errors: kInvalidArgument:
// the arguments are wrong; the message is one line for the user.
//         kCancelled: help was asked for; the message is the help text.
absl::Status ParseArguments(const Arguments& arguments, CLI::App* app);

// Tells the user why a subcommand does not run: prints help to stdout and returns 0, or anything
// else to stderr as `alidade: <message>` and returns kExitUsage.
int ReportNotRun(const absl::Status& status);

// ` (did you mean <name>?)` for the name nearest to `wanted`, or nothing when none is near.
std::string DidYouMean(const std::string& wanted, const std::vector<std::string>& names);

}  // namespace alidade

#endif  // ALIDADE_AGENT_COMMAND_LINE_H_
