// SPDX-License-Identifier: Apache-2.0
//
// Members of JSON objects by name and type. What is missing or null is zero or empty; a member of
// another type throws Json::exception, which whoever parses the text catches.
#ifndef ALIDADE_AGENT_RECORDING_JSON_MEMBERS_H_
#define ALIDADE_AGENT_RECORDING_JSON_MEMBERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "nlohmann/json.hpp"

namespace alidade {

using Json = nlohmann::json;

inline const Json* Member(const Json& object, const char* name) {
  const auto& members = object.get_ref<const Json::object_t&>();
  const auto found = members.find(name);
  return found == members.end() || found->second.is_null() ? nullptr : &found->second;
}

inline std::string Text(const Json& object, const char* name) {
  const Json* member = Member(object, name);
  return member != nullptr ? member->get<std::string>() : std::string();
}

// An integer that does not fit keeps its lowest bits, as in a conversion between Go's types.
template <typename Number>
Number Integer(const Json& object, const char* name) {
  const Json* member = Member(object, name);
  if (member == nullptr) return 0;
  if (member->is_number_unsigned()) {
    return static_cast<Number>(member->get_ref<const Json::number_unsigned_t&>());
  }
  return static_cast<Number>(member->get_ref<const Json::number_integer_t&>());
}

inline bool Boolean(const Json& object, const char* name, bool otherwise) {
  const Json* member = Member(object, name);
  return member != nullptr ? member->get<bool>() : otherwise;
}

inline std::vector<Json> Elements(const Json& object, const char* name) {
  const Json* member = Member(object, name);
  return member != nullptr ? member->get<std::vector<Json>>() : std::vector<Json>();
}

inline std::vector<std::string> Texts(const Json& object, const char* name) {
  const Json* member = Member(object, name);
  return member != nullptr ? member->get<std::vector<std::string>>() : std::vector<std::string>();
}

}  // namespace alidade

#endif  // ALIDADE_AGENT_RECORDING_JSON_MEMBERS_H_
