// SPDX-License-Identifier: Apache-2.0
#include "agent/config_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "agent/status_macros.h"
#include "yaml-cpp/yaml.h"

namespace alidade {
namespace {

absl::Status ErrorAt(const std::string& path, const YAML::Mark& mark, const std::string& text) {
  if (mark.is_null()) return absl::InvalidArgumentError(absl::StrCat(path, ": ", text));
  return absl::InvalidArgumentError(absl::StrCat(path, ":", mark.line + 1, ": ", text));
}

absl::StatusOr<std::vector<std::string>> ReadValues(const YAML::Node& value,
                                                    const std::string& path) {
  if (value.IsNull()) return std::vector<std::string>{""};
  if (value.IsScalar()) return std::vector<std::string>{value.Scalar()};
  std::vector<std::string> values;
  bool flat = value.IsSequence();
  if (flat) {
    for (const YAML::Node& item : value) {
      flat = flat && item.IsScalar();
      if (flat) values.push_back(item.Scalar());
    }
  }
  if (!flat) return ErrorAt(path, value.Mark(), "must be a value or a list of values");
  return values;
}

absl::StatusOr<std::vector<ConfigEntry>> ReadEntries(const YAML::Node& root,
                                                     const std::string& path) {
  std::vector<ConfigEntry> entries;
  if (root.IsNull()) return entries;
  if (!root.IsMap()) return ErrorAt(path, root.Mark(), "must be a map of flag names and values");
  std::set<std::string> seen;
  for (const auto& pair : root) {
    if (!pair.first.IsScalar()) return ErrorAt(path, pair.first.Mark(), "a key must be text");
    ConfigEntry entry;
    entry.key = pair.first.Scalar();
    entry.line = pair.first.Mark().line + 1;
    if (!seen.insert(entry.key).second) {
      return ErrorAt(path, pair.first.Mark(), absl::StrCat(entry.key, " is given twice"));
    }
    ASSIGN_OR_RETURN(entry.values, ReadValues(pair.second, path));
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace

absl::StatusOr<std::vector<ConfigEntry>> ReadConfigFile(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  // Reading a folder opens well and fails at the first byte; an empty file is no failure.
  if (!file || (file.peek() != std::ifstream::traits_type::eof() && !(text << file.rdbuf())) ||
      file.bad()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": cannot read the configuration file: ", std::strerror(errno)));
  }
  return ParseConfig(text.str(), path);
}

absl::StatusOr<std::vector<ConfigEntry>> ParseConfig(const std::string& text,
                                                     const std::string& path) {
  try {
    return ReadEntries(YAML::Load(text), path);
  } catch (const YAML::Exception& error) {
    return ErrorAt(path, error.mark, error.msg);
  }
}

}  // namespace alidade
