// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/system_error.h"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace alidade {

absl::Status SystemError(int error, const std::string& what) {
  int number = std::abs(error);
  std::string text = absl::StrCat(what, ": ", std::generic_category().message(number));
  switch (number) {
    case EPERM:
    case EACCES:
      return absl::PermissionDeniedError(text);
    case ENODEV:
    case ENOENT:
    case ENXIO:
      return absl::NotFoundError(text);
    case EOPNOTSUPP:
    case ENOSYS:
      return absl::UnimplementedError(text);
    default:
      return absl::InternalError(text);
  }
}

}  // namespace alidade
