// SPDX-License-Identifier: Apache-2.0
//
// The errors are those of `hubble observe --http-path` (1.19.1, built with Go 1.26).
#include "agent/filter/regex_text.h"

#include <string>

#include "agent/filter/concat.h"
#include "catch2/catch_test_macros.hpp"

namespace alidade {
namespace {

bool Finds(const char* pattern, std::string_view text) {
  INFO(pattern);
  auto regex = CompileRegex(pattern);
  REQUIRE(regex.ok());
  RegexList list;
  list.Add(*std::move(regex));
  return list.FoundIn(text);
}

std::string Error(const std::string& pattern) {
  return std::string(AsView(CompileRegex(pattern).status().message()));
}

TEST_CASE("classes of Unicode go by any of their names, however they are written", "[filter]") {
  for (const char* pattern :
       {R"(^\pL$)", R"(^\pl$)", R"(^\p{L}$)", R"(^\p{Letter}$)", R"(^\p{lower case-LETTER}$)",
        R"(^[\p{LC}]$)", R"(^\p{LC}$)", R"(^\p{G reek}$)", R"(^[^\p{ASCII}]$)", R"(^\P{ASCII}$)",
        R"(^[\P{ascii}]$)", R"(^\P{Cn}$)", R"(^\p{assigned}$)", R"(^\p{Any}$)", R"(^\p{^Latin}$)",
        R"(^\P{^greek}$)"}) {
    CHECK(Finds(pattern, "\u03b1"));
    CHECK(!Finds(pattern, "\u03b1\u03b1"));
  }
  CHECK(Finds(R"(^\p{old italic}$)", "\U00010300"));
  CHECK(!Finds(R"(\p{Titlecase_Letter})", "\u03b1"));
  CHECK(Error(R"(\p{Lowercase})") ==
        R"(error parsing regexp: invalid character class range: `\p{Lowercase}`)");
}

TEST_CASE("what is quoted or a member is no syntax", "[filter]") {
  CHECK(Finds(R"(^\Q\pl(?<x>[\E$)", R"(\pl(?<x>[)"));
  CHECK(Finds(R"(^\Q\C)", R"(\C)"));
  CHECK(Finds(R"(^[](?<[:alpha:]]+$)", "](?<a"));
  CHECK(Finds(R"(^[^]a]$)", "b"));
}

TEST_CASE("a capture has a name in either form", "[filter]") {
  CHECK(Finds("^(?<name>a)(?P<other>b)$", "ab"));
  CHECK(Error("(?P<\u00e9>x)") == "error parsing regexp: invalid named capture: `(?P<\u00e9>`");
  CHECK(!CompileRegex("(?<=a)").ok());
  CHECK(!CompileRegex("(?<!a)").ok());
}

TEST_CASE("captures may stand in each other to some depth", "[filter]") {
  const auto nested = [](size_t depth, const std::string& open) {
    std::string pattern;
    for (size_t i = 0; i < depth; ++i) pattern += open;
    return pattern + "a" + std::string(depth, ')');
  };
  CHECK(CompileRegex(nested(999, "(")).ok());
  CHECK(CompileRegex(nested(1500, "(?:")).ok());
  CHECK(Error(nested(1000, "(")) ==
        "error parsing regexp: expression nests too deeply: `" + nested(1000, "(") + "`");
}

TEST_CASE("a pattern of megabytes is read once", "[filter]") {
  for (const char* piece : {"(?P<", "[[:", R"(\p{)", R"(\Q)", "(?<a>"}) {
    std::string pattern;
    while (pattern.size() < 4'000'000) pattern += piece;
    for (const char* end : {"", ">", ":]", "}"}) CHECK(!CompileRegex(pattern + end).ok());
  }
}

TEST_CASE("one byte is no character", "[filter]") {
  CHECK(Error(R"(a\C)") == R"(error parsing regexp: invalid escape sequence: `\C`)");
  CHECK(Error(R"([\C])") == R"(error parsing regexp: invalid escape sequence: `\C`)");
}

}  // namespace
}  // namespace alidade
