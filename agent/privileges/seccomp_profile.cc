// SPDX-License-Identifier: Apache-2.0
#include "agent/privileges/seccomp_profile.h"

#include <errno.h>
#include <seccomp.h>

#include <cstring>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

using Json = nlohmann::json;

// As the kernel's own table of actions (seccomp(2)) and the OCI runtime specification name them.
std::optional<uint32_t> ActionOf(const std::string& name, uint32_t errno_value) {
  if (name == "SCMP_ACT_ALLOW") return SCMP_ACT_ALLOW;
  if (name == "SCMP_ACT_LOG") return SCMP_ACT_LOG;
  if (name == "SCMP_ACT_ERRNO") return SCMP_ACT_ERRNO(errno_value);
  if (name == "SCMP_ACT_KILL" || name == "SCMP_ACT_KILL_THREAD") return SCMP_ACT_KILL_THREAD;
  if (name == "SCMP_ACT_KILL_PROCESS") return SCMP_ACT_KILL_PROCESS;
  return std::nullopt;
}

absl::Status Bad(const std::string& what) {
  return absl::InvalidArgumentError(absl::StrCat("seccomp profile: ", what));
}

absl::StatusOr<uint32_t> ReadAction(const Json& object, const char* action, const char* error) {
  if (!object.contains(action) || !object[action].is_string()) {
    return Bad(absl::StrCat("needs the text ", action));
  }
  uint32_t errno_value = EPERM;
  if (object.contains(error)) {
    if (!object[error].is_number_unsigned()) return Bad(absl::StrCat(error, " is no number"));
    errno_value = object[error].get<uint32_t>();
  }
  const std::string name = object[action];
  const std::optional<uint32_t> found = ActionOf(name, errno_value);
  if (!found) return Bad(absl::StrCat("unknown action ", name));
  return *found;
}

absl::StatusOr<SeccompProfile::Rule> ReadRule(const Json& entry) {
  if (!entry.is_object()) return Bad("an entry of syscalls is no object");
  for (const char* unread : {"args", "includes", "excludes"}) {
    if (entry.contains(unread) && !entry[unread].empty()) {
      return Bad(absl::StrCat("conditions (", unread, ") are not supported"));
    }
  }
  SeccompProfile::Rule rule;
  ASSIGN_OR_RETURN(rule.action, ReadAction(entry, "action", "errnoRet"));
  if (!entry.contains("names") || !entry["names"].is_array()) return Bad("needs the list names");
  for (const Json& name : entry["names"]) {
    if (!name.is_string()) return Bad("a name is no text");
    rule.names.push_back(name);
  }
  return rule;
}

using Filter = std::unique_ptr<std::remove_pointer_t<scmp_filter_ctx>, void (*)(scmp_filter_ctx)>;

absl::Status FilterError(int error, const std::string& what) {
  return absl::InternalError(absl::StrCat("seccomp: ", what, ": ", std::strerror(-error)));
}

absl::Status AddRule(const Filter& filter, const SeccompProfile& profile,
                     const SeccompProfile::Rule& rule) {
  if (rule.action == profile.default_action) return absl::OkStatus();
  for (const std::string& name : rule.names) {
    const int number = seccomp_syscall_resolve_name(name.c_str());
    // Negative: another architecture's, or newer than the library.
    if (number < 0) continue;
    const int error = seccomp_rule_add(filter.get(), rule.action, number, 0);
    if (error != 0) return FilterError(error, absl::StrCat("rule of ", name));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SeccompProfile> ParseSeccompProfile(std::string_view json) {
  const Json object = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return Bad("is no JSON object");
  SeccompProfile profile;
  ASSIGN_OR_RETURN(profile.default_action, ReadAction(object, "defaultAction", "defaultErrnoRet"));
  if (!object.contains("syscalls") || !object["syscalls"].is_array()) {
    return Bad("needs the list syscalls");
  }
  for (const Json& entry : object["syscalls"]) {
    ASSIGN_OR_RETURN(SeccompProfile::Rule rule, ReadRule(entry));
    profile.rules.push_back(std::move(rule));
  }
  return profile;
}

absl::Status ApplySeccompProfile(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return absl::InvalidArgumentError(absl::StrCat("cannot read ", path));
  ASSIGN_OR_RETURN(const SeccompProfile profile, ParseSeccompProfile(text.str()));
  const Filter filter(seccomp_init(profile.default_action), seccomp_release);
  if (filter == nullptr) return FilterError(-EINVAL, "make a filter");
  for (const SeccompProfile::Rule& rule : profile.rules) {
    RETURN_IF_ERROR(AddRule(filter, profile, rule));
  }
  const int error = seccomp_load(filter.get());
  if (error != 0) return FilterError(error, "load the filter");
  return absl::OkStatus();
}

}  // namespace alidade
