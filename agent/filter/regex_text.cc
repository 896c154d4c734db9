// SPDX-License-Identifier: Apache-2.0
#include "agent/filter/regex_text.h"

#include <algorithm>
#include <utility>

#include "agent/filter/concat.h"
#include "agent/filter/regex_spelling.h"

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

}  // namespace

absl::StatusOr<std::unique_ptr<RE2>> CompileRegex(const std::string& pattern) {
  RE2::Options options;
  options.set_log_errors(false);
  const RegexSpelling spelling = SpellRegex(pattern);
  auto regex = std::make_unique<RE2>(spelling.pattern, options);
  if (!regex->ok()) {
    // What is wrong is told in the words that were given, unless RE2 might take its time for them.
    constexpr size_t kMostToTell = 4096;
    const RE2 given(pattern.size() <= kMostToTell ? pattern : "", options);
    const RE2& wrong = given.ok() ? *regex : given;
    return ParseError(Reason(wrong.error_code()), wrong.error_arg());
  }
  if (!spelling.reason.empty()) return ParseError(spelling.reason, spelling.fragment);
  return regex;
}

bool RegexList::FoundIn(std::string_view text) const {
  return std::any_of(regexes_.begin(), regexes_.end(), [&](const auto& regex) {
    return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *regex);
  });
}

}  // namespace alidade
