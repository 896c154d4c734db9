// SPDX-License-Identifier: Apache-2.0
#include "agent/filter/regex_spelling.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "agent/filter/unicode_class.h"

namespace alidade {
namespace {

bool IsWordCharacter(char c) {
  return c == '_' || absl::ascii_isalnum(static_cast<unsigned char>(c));
}

// Finds the places of a text, asked for from front to back, in time that grows with the whole only.
class Places {
 public:
  Places(std::string_view whole, std::string_view text) : whole_(whole), text_(text) {}

  // The first at or behind `from`; npos: there is none.
  size_t From(size_t from) {
    if (!is_known_ || next_ < from) next_ = whole_.find(text_, from);
    is_known_ = true;
    return next_;
  }

 private:
  const std::string_view whole_;
  const std::string_view text_;
  bool is_known_ = false;
  size_t next_ = 0;
};

// Goes through a pattern once. Each Take... stands at what it is named after, and takes it.
class Speller {
 public:
  explicit Speller(std::string_view pattern) : pattern_(pattern) {}

  RegexSpelling Spell() {
    while (at_ < pattern_.size()) {
      if (Rest().starts_with("\\Q")) {
        Copy(pattern_.find("\\E", at_) - at_);  // to the end when there is none
      } else if (Rest().front() == '\\') {
        TakeEscape(/*in_brackets=*/false);
      } else if (Rest().front() == '[') {
        TakeBrackets();
      } else if (Rest().front() == '(') {
        TakeOpening();
      } else {
        if (Rest().front() == ')' && !is_capture_.empty()) TakeClosing();
        Copy(1);
      }
    }
    return result_;
  }

 private:
  // How many captures Go lets stand one in another.
  static constexpr int kMostCaptures = 999;

  std::string_view Rest() const { return pattern_.substr(at_); }

  void Copy(size_t count) {
    const std::string_view copied = pattern_.substr(at_, count);
    result_.pattern.append(copied);
    at_ += copied.size();
  }

  // The first counts.
  void Refuse(std::string_view reason, std::string_view fragment) {
    if (!result_.reason.empty()) return;
    result_.reason = reason;
    result_.fragment = fragment;
  }

  void TakeEscape(bool in_brackets) {
    const std::string_view rest = Rest();
    if (rest.starts_with("\\C")) Refuse("invalid escape sequence", rest.substr(0, 2));
    const bool is_class = rest.size() > 2 && (rest[1] == 'p' || rest[1] == 'P');
    const bool is_long = is_class && rest[2] == '{';
    const size_t end = is_long ? closing_braces_.From(at_) : at_ + 2;
    if (!is_class || end == std::string_view::npos) {
      Copy(2);
      return;
    }
    const size_t start = at_ + (is_long ? 3 : 2);
    const std::string_view name = pattern_.substr(start, is_long ? end - start : 1);
    result_.pattern += SpellUnicodeClass(name, rest[1] == 'P', in_brackets);
    at_ = end + 1;
  }

  void TakeBrackets() {
    Copy(Rest().starts_with("[^") ? 2 : 1);
    if (Rest().starts_with(']')) Copy(1);  // the first one is a member
    while (at_ < pattern_.size() && Rest().front() != ']') {
      if (Rest().front() == '\\') {
        TakeEscape(/*in_brackets=*/true);
        continue;
      }
      const bool is_class = Rest().starts_with("[:");
      const size_t end = is_class ? class_ends_.From(at_) : at_;
      if (end == std::string_view::npos) {
        result_.pattern += "\\[";  // a member, for which RE2 would look through all the rest
        ++at_;
      } else {
        Copy(is_class ? end + 2 - at_ : 1);
      }
    }
    Copy(1);
  }

  // A group: a capture with or without a name, or one of Perl's.
  void TakeOpening() {
    const bool is_named = Rest().starts_with("(?P<") || IsShortName();
    const bool is_capture = is_named || !Rest().starts_with("(?");
    is_capture_.push_back(is_capture);
    if (is_capture && ++captures_ > kMostCaptures) {
      Refuse("expression nests too deeply", pattern_);
    }
    if (!is_named) {
      Copy(1);
      return;
    }
    const size_t start = at_ + Rest().find('<') + 1;
    const size_t end = name_ends_.From(start);
    if (end != std::string_view::npos) {
      const std::string_view name = pattern_.substr(start, end - start);
      if (!std::all_of(name.begin(), name.end(), IsWordCharacter)) {
        Refuse("invalid named capture", pattern_.substr(at_, end + 1 - at_));
      }
    }
    result_.pattern += "(?P<";
    at_ = start;
  }

  // `(?<name>`, which Go knows since 1.22; `(?<=` and `(?<!` are Perl's looks behind.
  bool IsShortName() const {
    return Rest().starts_with("(?<") && !Rest().starts_with("(?<=") && !Rest().starts_with("(?<!");
  }

  void TakeClosing() {
    if (is_capture_.back()) --captures_;
    is_capture_.pop_back();
  }

  const std::string_view pattern_;
  Places closing_braces_{pattern_, "}"};
  Places class_ends_{pattern_, ":]"};
  Places name_ends_{pattern_, ">"};
  size_t at_ = 0;
  RegexSpelling result_;
  std::vector<bool> is_capture_;  // of the groups that are open
  int captures_ = 0;              // among them
};

}  // namespace

RegexSpelling SpellRegex(std::string_view pattern) { return Speller(pattern).Spell(); }

}  // namespace alidade
