// SPDX-License-Identifier: Apache-2.0
//
// errno as an absl::Status, with a sentence that says what was tried.
#ifndef ALIDADE_AGENT_CAPTURE_SYSTEM_ERROR_H_
#define ALIDADE_AGENT_CAPTURE_SYSTEM_ERROR_H_

#include <string>

#include "absl/status/status.h"

namespace alidade {

// `error` is an errno value, of either sign as libbpf returns it. EPERM and EACCES become
// kPermissionDenied, ENODEV and ENOENT kNotFound, EOPNOTSUPP and ENOSYS kUnimplemented, others
// kInternal.
absl::Status SystemError(int error, const std::string& what);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_SYSTEM_ERROR_H_
