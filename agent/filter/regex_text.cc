// SPDX-License-Identifier: Apache-2.0
#include "agent/filter/regex_text.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "agent/filter/concat.h"

namespace alidade {
namespace {

std::string_view Reason(RE2::ErrorCode code) {
  switch (code) {
    case RE2::ErrorBadEscape:
      return "invalid escape sequence";
    case RE2::ErrorBadCharClass:
      return "invalid character class";
    case RE2::ErrorBadCharRange:
      return "invalid character class range";
    case RE2::ErrorMissingBracket:
      return "missing closing ]";
    case RE2::ErrorMissingParen:
      return "missing closing )";
    case RE2::ErrorUnexpectedParen:
      return "unexpected )";
    case RE2::ErrorTrailingBackslash:
      return "trailing backslash at end of expression";
    case RE2::ErrorRepeatArgument:
      return "missing argument to repetition operator";
    case RE2::ErrorRepeatSize:
      return "invalid repeat count";
    case RE2::ErrorRepeatOp:
      return "invalid nested repetition operator";
    case RE2::ErrorBadPerlOp:
      return "invalid or unsupported Perl syntax";
    case RE2::ErrorBadUTF8:
      return "invalid UTF-8";
    case RE2::ErrorBadNamedCapture:
      return "invalid named capture";
    default:
      return "expression too large";
  }
}

absl::Status ParseError(std::string_view reason, std::string_view fragment) {
  return absl::UnknownError(Concat("error parsing regexp: ", reason, ": `", fragment, "`"));
}

// RE2's `\C`, one byte, is no escape in Go.
bool HasByteEscape(std::string_view pattern) {
  for (size_t i = 0; i + 1 < pattern.size(); ++i) {
    if (pattern[i] != '\\') continue;
    if (pattern[i + 1] == 'C') return true;
    ++i;
  }
  return false;
}

bool IsClass(std::string_view fragment) {
  return fragment.starts_with("\\p") || fragment.starts_with("\\P");
}

bool IsClassSeparator(char c) { return c == '_' || c == '-' || c == ' '; }

// `old italic` as `Old_Italic`, `lu` as `Lu`.
void AppendClassName(std::string_view name, std::string* out) {
  bool is_first = true;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const char letter = is_first ? absl::ascii_toupper(byte) : absl::ascii_tolower(byte);
    out->push_back(IsClassSeparator(c) ? '_' : letter);
    is_first = IsClassSeparator(c) || c == '^' || c == '{';
  }
}

// With the names of Unicode classes (`\pl`, `\p{greek}`) as RE2 spells them.
std::string SpellClassNames(std::string_view pattern) {
  std::string out;
  for (size_t i = 0; i < pattern.size(); ++i) {
    out.push_back(pattern[i]);
    if (pattern[i] != '\\' || i + 1 == pattern.size()) continue;
    const char escaped = pattern[++i];
    out.push_back(escaped);
    if ((escaped != 'p' && escaped != 'P') || i + 1 == pattern.size()) continue;
    const size_t end = pattern[i + 1] == '{' ? pattern.find('}', i) : i + 1;
    if (end == std::string_view::npos) continue;
    AppendClassName(pattern.substr(i + 1, end - i), &out);
    i = end;
  }
  return out;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RE2>> CompileRegex(const std::string& pattern) {
  RE2::Options options;
  options.set_log_errors(false);
  auto regex = std::make_unique<RE2>(pattern, options);
  // Go, from 1.25 on, does not mind how the name of a class is written.
  if (regex->error_code() == RE2::ErrorBadCharRange && IsClass(regex->error_arg())) {
    auto respelt = std::make_unique<RE2>(SpellClassNames(pattern), options);
    if (respelt->ok()) regex = std::move(respelt);
  }
  if (!regex->ok()) return ParseError(Reason(regex->error_code()), regex->error_arg());
  if (HasByteEscape(pattern)) return ParseError("invalid escape sequence", "\\C");
  return regex;
}

bool RegexList::FoundIn(std::string_view text) const {
  return std::any_of(regexes_.begin(), regexes_.end(), [&](const auto& regex) {
    return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *regex);
  });
}

}  // namespace alidade
