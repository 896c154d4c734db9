// SPDX-License-Identifier: Apache-2.0
#include "agent/filter/dns_pattern.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "agent/filter/concat.h"
#include "agent/filter/go_text.h"

namespace alidade {
namespace {

// White space beyond ASCII (the Unicode property) in UTF-8.
constexpr std::string_view kWideSpaces[] = {"\u0085", "\u00a0", "\u1680", "\u2000", "\u2001",
                                            "\u2002", "\u2003", "\u2004", "\u2005", "\u2006",
                                            "\u2007", "\u2008", "\u2009", "\u200a", "\u2028",
                                            "\u2029", "\u202f", "\u205f", "\u3000"};

// The two letters beyond ASCII whose small letter is ASCII: KELVIN SIGN, LATIN CAPITAL LETTER I
// WITH DOT ABOVE.
constexpr std::pair<std::string_view, char> kWideCapitals[] = {{"\u212a", 'k'}, {"\u0130", 'i'}};

// Bytes of the white space that `text` starts or ends with; 0: none.
template <typename Touches>
size_t SpaceBytes(char next, Touches touches) {
  if (absl::ascii_isspace(static_cast<unsigned char>(next))) return 1;
  for (const std::string_view space : kWideSpaces) {
    if (touches(space)) return space.size();
  }
  return 0;
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty()) {
    const size_t bytes =
        SpaceBytes(text.front(), [&](std::string_view space) { return text.starts_with(space); });
    if (bytes == 0) break;
    text.remove_prefix(bytes);
  }
  while (!text.empty()) {
    const size_t bytes =
        SpaceBytes(text.back(), [&](std::string_view space) { return text.ends_with(space); });
    if (bytes == 0) break;
    text.remove_suffix(bytes);
  }
  return text;
}

// The first letter of `*rest` in small, which is taken off.
std::optional<char> TakeWideCapital(std::string_view* rest) {
  for (const auto& [capital, small] : kWideCapitals) {
    if (!rest->starts_with(capital)) continue;
    rest->remove_prefix(capital.size());
    return small;
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<std::string> DnsPatternRegex(std::string_view pattern) {
  std::string_view rest = Trimmed(pattern);
  if (rest.ends_with('.')) rest.remove_suffix(1);
  if (rest.empty()) return absl::UnknownError("empty pattern");
  if (rest.ends_with('.')) return absl::UnknownError("multiple trailing dots in pattern");
  std::string regex;
  for (; !rest.empty(); rest.remove_prefix(1)) {
    while (const std::optional<char> small = TakeWideCapital(&rest)) regex.push_back(*small);
    if (rest.empty()) break;
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
