// SPDX-License-Identifier: Apache-2.0
#include "agent/filter/label_name.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "agent/filter/concat.h"
#include "agent/filter/go_text.h"

namespace alidade {
namespace {

constexpr size_t kMaxName = 63;
constexpr size_t kMaxPrefix = 253;

constexpr std::string_view kCharacters =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character";

// What else Kubernetes says of a name, a value and a prefix that do not.
constexpr std::string_view kNameExamples =
    " (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
constexpr std::string_view kValueExamples =
    " (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
constexpr std::string_view kPrefixExamples =
    " (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

bool IsAlnum(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); }

bool IsName(std::string_view text) {
  return !text.empty() && IsAlnum(text.front()) && IsAlnum(text.back()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return IsAlnum(c) || c == '-' || c == '_' || c == '.'; });
}

// One part of an RFC 1123 subdomain, lower case.
bool IsDomainPart(std::string_view text) {
  return !text.empty() && text.front() != '-' && text.back() != '-' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return c == '-' || (IsAlnum(c) && !absl::ascii_isupper(static_cast<unsigned char>(c)));
         });
}

bool IsDomain(std::string_view text) {
  for (;;) {
    const size_t dot = text.find('.');
    if (!IsDomainPart(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

absl::Status Invalid(std::string_view place, std::string_view text, std::string_view reason) {
  return absl::UnknownError(Concat(place, ": Invalid value: ", GoQuote(text), ": ", reason));
}

}  // namespace

absl::Status CheckLabelKey(std::string_view key) {
  constexpr std::string_view kPlace = "<nil>";
  const size_t slash = key.find('/');
  std::string_view name = key;
  if (slash != std::string_view::npos) {
    const std::string_view prefix = key.substr(0, slash);
    name = key.substr(slash + 1);
    if (name.find('/') != std::string_view::npos) {
      return Invalid(kPlace, key, Concat("a valid label key ", kCharacters));
    }
    if (prefix.size() > kMaxPrefix) {
      return Invalid(kPlace, key, "prefix part must be no more than 253 bytes");
    }
    if (!IsDomain(prefix)) {
      return Invalid(kPlace, key,
                     Concat("prefix part a lowercase RFC 1123 subdomain must consist of lower case "
                            "alphanumeric characters, '-' or '.', and must start and end with an "
                            "alphanumeric character",
                            kPrefixExamples));
    }
  }
  if (name.size() > kMaxName) {
    return Invalid(kPlace, key, "name part must be no more than 63 bytes");
  }
  if (!IsName(name)) return Invalid(kPlace, key, Concat("name part ", kCharacters, kNameExamples));
  return absl::OkStatus();
}

absl::Status CheckLabelValue(std::string_view value, std::string_view place) {
  if (value.size() > kMaxName) return Invalid(place, value, "must be no more than 63 bytes");
  if (value.empty() || IsName(value)) return absl::OkStatus();
  return Invalid(place, value,
                 Concat("a valid label must be an empty string or ",
                        kCharacters.substr(std::string_view("must ").size()), kValueExamples));
}

}  // namespace alidade
