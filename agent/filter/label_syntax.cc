// SPDX-License-Identifier: Apache-2.0
#include "agent/filter/label_syntax.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

#include "agent/filter/concat.h"
#include "agent/filter/label_name.h"
#include "agent/filter/label_source.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

using Operator = LabelRequirement::Operator;

constexpr std::string_view kSpecial = "=!(),><";
constexpr std::string_view kSpace = " \t\r\n";
// Kubernetes' lexer takes the character for the end: of the token before it, or of the selector.
constexpr char kNul = '\0';

enum class TokenKind {
  kEnd,
  kWord,  // `in` and `notin` too; they are operators only where one is expected
  kComma,
  kOpen,
  kClose,
  kNot,
  kEquals,  // = and ==
  kNotEquals,
  kGreater,
  kLess,
};

struct Token {
  TokenKind kind;
  std::string_view text;
};

TokenKind SpecialKind(char c) {
  switch (c) {
    case '=':
      return TokenKind::kEquals;
    case '!':
      return TokenKind::kNot;
    case '(':
      return TokenKind::kOpen;
    case ')':
      return TokenKind::kClose;
    case ',':
      return TokenKind::kComma;
    case '>':
      return TokenKind::kGreater;
    default:
      return TokenKind::kLess;
  }
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : rest_(text) {}

  Token Take() {
    const Token token = Peek();
    rest_ = {
        token.text.data() + token.text.size(),
        static_cast<size_t>(rest_.data() + rest_.size() - token.text.data()) - token.text.size()};
    if (rest_.starts_with(kNul)) rest_.remove_prefix(1);
    return token;
  }

  Token Peek() const {
    const size_t start = rest_.find_first_not_of(kSpace);
    if (start == std::string_view::npos) return {TokenKind::kEnd, rest_.substr(rest_.size())};
    const std::string_view text = rest_.substr(start);
    if (text.front() == kNul) return {TokenKind::kEnd, text.substr(0, 0)};
    if (text.starts_with("==")) return {TokenKind::kEquals, text.substr(0, 2)};
    if (text.starts_with("!=")) return {TokenKind::kNotEquals, text.substr(0, 2)};
    if (kSpecial.find(text.front()) != std::string_view::npos) {
      return {SpecialKind(text.front()), text.substr(0, 1)};
    }
    const size_t end = text.find_first_of(Concat(kSpecial, kSpace, std::string_view(&kNul, 1)));
    return {TokenKind::kWord, text.substr(0, end)};
  }

 private:
  std::string_view rest_;
};

absl::Status Found(const Token& token, std::string_view expected) {
  return absl::UnknownError(Concat("found '", token.text, "', expected: ", expected));
}

class SelectorParser {
 public:
  // `text` outlives it.
  explicit SelectorParser(std::string_view text) : lexer_(text) {}

  absl::StatusOr<std::vector<LabelRequirement>> Parse() {
    std::vector<LabelRequirement> requirements;
    const Token first = lexer_.Peek();
    if (first.kind == TokenKind::kEnd) return requirements;
    if (!StartsRequirement(first)) return Found(first, "!, identifier, or 'end of string'");
    for (;;) {
      absl::StatusOr<LabelRequirement> requirement = ParseRequirement();
      if (!requirement.ok()) {
        return absl::UnknownError(
            Concat("unable to parse requirement: ", requirement.status().message()));
      }
      requirements.push_back(*std::move(requirement));
      const Token token = lexer_.Take();
      if (token.kind == TokenKind::kEnd) return requirements;
      if (token.kind != TokenKind::kComma) return Found(token, "',' or 'end of string'");
      const Token next = lexer_.Peek();
      if (!StartsRequirement(next)) return Found(next, "identifier after ','");
    }
  }

 private:
  static bool StartsRequirement(const Token& token) {
    return token.kind == TokenKind::kWord || token.kind == TokenKind::kNot;
  }

  absl::StatusOr<LabelRequirement> ParseRequirement() {
    LabelRequirement requirement;
    const bool negated = lexer_.Peek().kind == TokenKind::kNot;
    if (negated) lexer_.Take();
    RETURN_IF_ERROR(ParseKey(&requirement));
    const TokenKind next = lexer_.Peek().kind;
    if (negated || next == TokenKind::kEnd || next == TokenKind::kComma) {
      requirement.op = negated ? Operator::kAbsent : Operator::kExists;
      return requirement;
    }
    RETURN_IF_ERROR(ParseCondition(&requirement));
    return requirement;
  }

  // `source.key`.
  absl::Status ParseKey(LabelRequirement* requirement) {
    const Token token = lexer_.Take();
    if (token.kind != TokenKind::kWord) return Found(token, "identifier");
    RETURN_IF_ERROR(CheckLabelKey(token.text));
    const size_t dot = std::min(token.text.find('.'), token.text.size());
    requirement->source = token.text.substr(0, dot);
    requirement->key = token.text.substr(std::min(dot + 1, token.text.size()));
    key_ = token.text;
    return absl::OkStatus();
  }

  absl::Status ParseCondition(LabelRequirement* requirement) {
    const Token token = lexer_.Take();
    switch (token.kind) {
      case TokenKind::kWord:
        if (token.text != "in" && token.text != "notin") break;
        requirement->op = token.text == "in" ? Operator::kIn : Operator::kNotIn;
        return ParseList(requirement);
      case TokenKind::kEquals:
        requirement->op = Operator::kIn;
        return ParseValue(requirement);
      case TokenKind::kNotEquals:
        requirement->op = Operator::kNotIn;
        return ParseValue(requirement);
      case TokenKind::kGreater:
      case TokenKind::kLess:
        requirement->op = token.kind == TokenKind::kGreater ? Operator::kGreater : Operator::kLess;
        return ParseBound(requirement);
      default:
        break;
    }
    return Found(token, "in, notin, =, ==, !=, gt, lt");
  }

  // One value, which may be missing and is then empty.
  absl::StatusOr<std::string> TakeValue() {
    const TokenKind kind = lexer_.Peek().kind;
    if (kind == TokenKind::kEnd || kind == TokenKind::kComma) return std::string();
    const Token token = lexer_.Take();
    if (token.kind != TokenKind::kWord) return Found(token, "identifier");
    return std::string(token.text);
  }

  absl::Status ParseValue(LabelRequirement* requirement) {
    ASSIGN_OR_RETURN(std::string value, TakeValue());
    requirement->values.insert(std::move(value));
    return CheckValues(*requirement);
  }

  absl::Status ParseBound(LabelRequirement* requirement) {
    ASSIGN_OR_RETURN(const std::string value, TakeValue());
    const std::optional<int64_t> bound = ParseLabelInteger(value);
    if (!bound) {
      return absl::UnknownError(Concat("values[0]: Invalid value: \"", value,
                                       "\": for 'Gt', 'Lt' operators, the value must be an "
                                       "integer"));
    }
    requirement->bound = *bound;
    return CheckLabelValue(value, Concat("values[0][", key_, "]"));
  }

  // `(a,b)`; `()` and empty places stand for the empty value.
  absl::Status ParseList(LabelRequirement* requirement) {
    const Token open = lexer_.Take();
    if (open.kind != TokenKind::kOpen) {
      return absl::UnknownError(Concat("found '", open.text, "' expected: '('"));
    }
    for (bool first = true;; first = false) {
      std::string value;
      if (lexer_.Peek().kind == TokenKind::kWord) value = lexer_.Take().text;
      requirement->values.insert(value);
      const Token token = lexer_.Take();
      if (token.kind == TokenKind::kClose) return CheckValues(*requirement);
      if (token.kind != TokenKind::kComma) {
        if (!value.empty()) return Found(token, "',' or ')'");
        return Found(token, first ? "',', ')' or identifier" : "',', or identifier");
      }
    }
  }

  absl::Status CheckValues(const LabelRequirement& requirement) const {
    size_t index = 0;
    for (const std::string& value : requirement.values) {
      RETURN_IF_ERROR(
          CheckLabelValue(value, Concat("values[", std::to_string(index++), "][", key_, "]")));
    }
    return absl::OkStatus();
  }

  Lexer lexer_;
  std::string key_;  // of the requirement at hand, as errors name it
};

}  // namespace

absl::StatusOr<std::vector<LabelRequirement>> ParseLabelSelector(std::string_view text) {
  const std::string spelt = SpellLabelSources(text);
  return SelectorParser(spelt).Parse();
}

std::optional<int64_t> ParseLabelInteger(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace alidade
