// SPDX-License-Identifier: Apache-2.0
#include "agent/filter/dns_pattern.h"

#include "absl/strings/ascii.h"
#include "agent/filter/concat.h"
#include "agent/filter/go_text.h"

namespace alidade {
namespace {

std::string_view Trimmed(std::string_view text) {
  const auto is_space = [](char c) { return absl::ascii_isspace(static_cast<unsigned char>(c)); };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

absl::StatusOr<std::string> DnsPatternRegex(std::string_view pattern) {
  std::string_view rest = Trimmed(pattern);
  if (rest.ends_with('.')) rest.remove_suffix(1);
  if (rest.empty()) return absl::UnknownError("empty pattern");
  if (rest.ends_with('.')) return absl::UnknownError("multiple trailing dots in pattern");
  std::string regex;
  for (; !rest.empty(); rest.remove_prefix(1)) {
    const char c = absl::ascii_tolower(static_cast<unsigned char>(rest.front()));
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_') {
      regex.push_back(c);
    } else if (c == '.') {
      regex.append("[.]");
    } else if (c == '*') {
      regex.append("[-.0-9a-z]*");
    } else {
      return absl::UnknownError(Concat(GoQuoteFirstRune(rest), ": invalid rune in pattern"));
    }
  }
  return regex;
}

void WholeTextMatcher::Add(std::string_view regex) {
  if (!alternatives_.empty()) alternatives_.push_back('|');
  alternatives_.append("(?:").append(regex).append(")");
}

void WholeTextMatcher::Compile() {
  RE2::Options options(RE2::Latin1);  // event texts may be any bytes
  options.set_log_errors(false);
  options.set_never_capture(true);
  regex_ = std::make_unique<RE2>(alternatives_, options);
}

bool WholeTextMatcher::Matches(std::string_view text) const {
  return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *regex_);
}

}  // namespace alidade
