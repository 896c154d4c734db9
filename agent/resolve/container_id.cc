// SPDX-License-Identifier: Apache-2.0
#include "agent/resolve/container_id.h"

#include <algorithm>

namespace alidade {
namespace {

constexpr size_t kDigits = 64;

bool IsHexadecimal(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

// The id in one name of the path.
std::string_view IdIn(std::string_view name) {
  constexpr std::string_view kScope = ".scope";
  if (name.ends_with(kScope)) name.remove_suffix(kScope.size());
  if (name.size() < kDigits) return {};
  const std::string_view id = name.substr(name.size() - kDigits);
  const std::string_view before = name.substr(0, name.size() - kDigits);
  if (!std::all_of(id.begin(), id.end(), IsHexadecimal)) return {};
  if (before.ends_with("-conmon-")) return {};
  return before.empty() || before.ends_with('-') || before.ends_with(':') ? id : std::string_view();
}

}  // namespace

std::string_view ContainerIdOf(std::string_view cgroup_path) {
  while (!cgroup_path.empty()) {
    const size_t slash = cgroup_path.rfind('/');
    const size_t begin = slash == std::string_view::npos ? 0 : slash + 1;
    const std::string_view id = IdIn(cgroup_path.substr(begin));
    if (!id.empty()) return id;
    cgroup_path = cgroup_path.substr(0, begin == 0 ? 0 : slash);
  }
  return {};
}

}  // namespace alidade
