// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/flag_values.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <limits>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "agent/filter/go_text.h"

namespace alidade {
namespace {

absl::Status NumberError(const char* function, const std::string& text, const char* problem) {
  return absl::InvalidArgumentError(
      absl::StrCat("strconv.", function, ": parsing ", GoQuote(text), ": ", problem));
}

absl::Status DurationError(const std::string& text, const std::string& problem) {
  return absl::InvalidArgumentError(absl::StrCat("time: ", problem, " duration ", GoQuote(text)));
}

// Takes the prefix off `digits` that tells the base.
int TakeBase(std::string_view* digits) {
  if (digits->size() < 2 || digits->front() != '0') return 10;
  switch ((*digits)[1]) {
    case 'x':
    case 'X':
      digits->remove_prefix(2);
      return 16;
    case 'o':
    case 'O':
      digits->remove_prefix(2);
      return 8;
    case 'b':
    case 'B':
      digits->remove_prefix(2);
      return 2;
    default:
      digits->remove_prefix(1);
      return 8;
  }
}

// -1: no digit of any base.
int DigitValue(char c) {
  if (absl::ascii_isdigit(static_cast<unsigned char>(c))) return c - '0';
  if (absl::ascii_isalpha(static_cast<unsigned char>(c))) {
    return absl::ascii_tolower(static_cast<unsigned char>(c)) - 'a' + 10;
  }
  return -1;
}

}  // namespace

absl::StatusOr<uint64_t> ParseGoUint(const std::string& text, int base, int bits) {
  constexpr char kFunction[] = "ParseUint";
  constexpr uint64_t kAll = std::numeric_limits<uint64_t>::max();
  std::string_view digits = text;
  if (base == 0) base = TakeBase(&digits);
  if (digits.empty()) return NumberError(kFunction, text, "invalid syntax");
  const uint64_t most = kAll >> static_cast<unsigned>(64 - bits);
  uint64_t number = 0;
  bool fits = true;
  for (const char c : digits) {
    const int digit = DigitValue(c);
    if (digit < 0 || digit >= base) return NumberError(kFunction, text, "invalid syntax");
    const auto unsigned_base = static_cast<uint64_t>(base);
    const auto unsigned_digit = static_cast<uint64_t>(digit);
    fits = fits && number <= (most - unsigned_digit) / unsigned_base;
    number = number * unsigned_base + unsigned_digit;
  }
  if (!fits) return NumberError(kFunction, text, "value out of range");
  return number;
}

absl::StatusOr<bool> ParseGoBool(const std::string& text) {
  constexpr std::string_view kTrue[] = {"1", "t", "T", "true", "TRUE", "True"};
  constexpr std::string_view kFalse[] = {"0", "f", "F", "false", "FALSE", "False"};
  const std::string_view word = text;
  if (std::find(std::begin(kTrue), std::end(kTrue), word) != std::end(kTrue)) return true;
  if (std::find(std::begin(kFalse), std::end(kFalse), word) != std::end(kFalse)) return false;
  return NumberError("ParseBool", text, "invalid syntax");
}

absl::StatusOr<absl::Duration> ParseGoDuration(const std::string& text) {
  absl::Duration duration;
  if (absl::ParseDuration(text, &duration)) {
    // Go has no name for what never ends, and no durations beyond 292 years.
    const absl::Duration most = absl::Nanoseconds(std::numeric_limits<int64_t>::max());
    if (duration <= most && duration >= -most) return duration;
    return DurationError(text, "invalid");
  }
  const size_t number = text.find_first_not_of("+-");
  const size_t unit = text.find_first_not_of("0123456789.", number);
  const bool has_digit =
      number != std::string::npos && unit != number &&
      text.substr(number, unit - number).find_first_not_of('.') != std::string::npos;
  if (!has_digit || number > 1) return DurationError(text, "invalid");
  if (unit == std::string::npos) return DurationError(text, "missing unit in");
  const size_t unit_end = text.find_first_of("0123456789.", unit);
  return DurationError(
      text, absl::StrCat("unknown unit ", GoQuote(text.substr(unit, unit_end - unit)), " in"));
}

std::string GoErrorText(int number) {
  std::string text = std::strerror(number);
  // Go writes the same words, but for the capital.
  text[0] = absl::ascii_tolower(static_cast<unsigned char>(text[0]));
  return text;
}

}  // namespace alidade
