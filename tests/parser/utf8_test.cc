// SPDX-License-Identifier: Apache-2.0
#include "parser/utf8.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

namespace alidade::testing {
namespace {

std::string Cleaned(std::string text) {
  ReplaceInvalidUtf8(text.data(), text.size());
  return text;
}

TEST_CASE("well-formed UTF-8 is left alone", "[parser]") {
  for (const std::string text : {"", "curl", "na\xc3\xafve", "\xe2\x82\xac", "\xf0\x9f\x90\xbf",
                                 "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"}) {
    CHECK(Cleaned(text) == text);
  }
}

TEST_CASE("each byte outside a well-formed sequence becomes a question mark", "[parser]") {
  CHECK(Cleaned("a\xff"
                "b") == "a?b");
  CHECK(Cleaned("\x80\x80") == "??");
  CHECK(Cleaned("abc\xc3") == "abc?");  // cut off by a fixed-size field
  CHECK(Cleaned("\xe2\x82") == "??");
  CHECK(Cleaned("\xf0\x9f\x90") == "???");
  CHECK(Cleaned("\xc0\xaf") == "??");            // overlong
  CHECK(Cleaned("\xe0\x80\x80") == "???");       // overlong
  CHECK(Cleaned("\xed\xa0\x80") == "???");       // surrogate
  CHECK(Cleaned("\xf4\x90\x80\x80") == "????");  // above U+10FFFF
  CHECK(Cleaned("\xe2\x82z") == "??z");
}

}  // namespace
}  // namespace alidade::testing
