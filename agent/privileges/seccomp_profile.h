// SPDX-License-Identifier: Apache-2.0
//
// Lets this process make only the system calls of a profile, in the JSON form that container
// engines take (`docker run --security-opt seccomp=FILE`), so that one file serves the engine and
// the agent alike.
//
// Of that form this reads what a list of names needs: defaultAction, defaultErrnoRet, and
// syscalls[] with names, action and errnoRet. Architectures other than the running one are left
// out; a name that the running architecture does not have is passed over. What would change the
// meaning and is not read (args, includes, excludes) is an error, not ignored.
#ifndef ALIDADE_AGENT_PRIVILEGES_SECCOMP_PROFILE_H_
#define ALIDADE_AGENT_PRIVILEGES_SECCOMP_PROFILE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace alidade {

struct SeccompProfile {
  struct Rule {
    std::vector<std::string> names;  // of system calls
    uint32_t action = 0;             // SECCOMP_RET_... with its data
  };
  uint32_t default_action = 0;
  std::vector<Rule> rules;
};

// Errors: kInvalidArgument, naming the member.
absl::StatusOr<SeccompProfile> ParseSeccompProfile(std::string_view json);

// Reads `path` and applies it to this thread and those that it makes later, for good. Needs
// no_new_privs. Errors: also those of the kernel.
absl::Status ApplySeccompProfile(const std::string& path);

}  // namespace alidade

#endif  // ALIDADE_AGENT_PRIVILEGES_SECCOMP_PROFILE_H_
