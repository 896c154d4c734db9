// SPDX-License-Identifier: Apache-2.0
#include "agent/filter/wire.h"

#include <catch2/catch_test_macros.hpp>

#include "agent/filter/go_text.h"

namespace alidade {
namespace {

TEST_CASE("fields are walked in the order in which they stand", "[filter]") {
  std::string message;
  AppendNumber(1, 300, &message);
  AppendBytes(2, "two", &message);
  message += std::string("\x1d\x01\x02\x03\x04", 5);                  // field 3, fixed32
  message += std::string("\x21\x01\x02\x03\x04\x05\x06\x07\x08", 9);  // field 4, fixed64
  AppendBytes(100000, "far", &message);
  WireCursor cursor(message);
  REQUIRE(cursor.Next());
  CHECK((cursor.field() == 1 && cursor.number() == 300));
  REQUIRE(cursor.Next());
  CHECK((cursor.field() == 2 && cursor.bytes() == "two" && cursor.whole().size() == 5));
  REQUIRE(cursor.Next());
  CHECK((cursor.field() == 3 && cursor.type() == WireType::kFixed32));
  REQUIRE(cursor.Next());
  CHECK((cursor.field() == 4 && cursor.type() == WireType::kFixed64));
  REQUIRE(cursor.Next());
  CHECK((cursor.field() == 100000 && cursor.bytes() == "far"));
  CHECK_FALSE(cursor.Next());
}

TEST_CASE("the last of several occurrences counts, repeated ones are all seen", "[filter]") {
  std::string message;
  AppendBytes(1, "a", &message);
  AppendBytes(1, "b", &message);
  AppendNumber(2, 5, &message);
  AppendNumber(2, 6, &message);
  CHECK(FindBytes(message, 1) == "b");
  CHECK(FindNumber(message, 2) == 6);
  CHECK_FALSE(FindBytes(message, 3));
  CHECK(FindNumber(message, 3) == 0);
  CHECK(AnyBytes(message, 1, [](std::string_view text) { return text == "a"; }));
  CHECK_FALSE(AnyBytes(message, 1, [](std::string_view text) { return text == "c"; }));
}

TEST_CASE("what is no message ends the walk", "[filter]") {
  const std::string_view bad[] = {
      std::string_view("\x0a", 1),       // no size
      std::string_view("\x0a\x05q", 3),  // size beyond the end
      std::string_view("\x0b\x0c", 2),   // a group
      std::string_view("\x00\x00", 2),   // field 0
      std::string_view("\x0d\x01", 2),   // short fixed32
      std::string_view("\x09\x01", 2),   // short fixed64
      std::string_view("\x08\xff", 2),   // varint without an end
      std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11),
      std::string_view("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 10),
  };
  for (const std::string_view message : bad) CHECK_FALSE(WireCursor(message).Next());
}

TEST_CASE("texts are quoted as Go does", "[filter]") {
  CHECK(GoQuote("a\"b\\c\n\x01\x7f") == "\"a\\\"b\\\\c\\n\\x01\\x7f\"");
  CHECK(GoQuote("\xc3\xa9\xff\xc3") == "\"\xc3\xa9\\xff\\xc3\"");
  CHECK(GoQuote("\xc2\x85") == "\"\\u0085\"");
  CHECK(GoQuote("\u2028\U000e0001") == "\"\\u2028\\U000e0001\"");
  CHECK(GoQuote("\xed\xa0\x80") == "\"\\xed\\xa0\\x80\"");  // a surrogate
  CHECK(GoQuoteFirstRune("'x") == "'\\''");
  CHECK(GoQuoteFirstRune("\xc3\xbcx") == "'\xc3\xbc'");
}

}  // namespace
}  // namespace alidade
