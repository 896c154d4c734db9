// SPDX-License-Identifier: Apache-2.0
//
// Runs the system's own tools (ip, nft) from a test.
#ifndef ALIDADE_TESTS_KERNEL_COMMAND_H_
#define ALIDADE_TESTS_KERNEL_COMMAND_H_

#include <string>
#include <vector>

namespace alidade::testing {

struct CommandResult {
  int status = -1;     // exit status, or 128 + signal
  std::string output;  // stdout and stderr together
};

// Runs `arguments` (no shell) and waits for it.
CommandResult RunCommand(const std::vector<std::string>& arguments);

// Likewise, split at blanks.
CommandResult RunCommandLine(const std::string& command);

// Likewise; fails the test with the output when the status is not zero.
std::string MustRun(const std::string& command);

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_KERNEL_COMMAND_H_
