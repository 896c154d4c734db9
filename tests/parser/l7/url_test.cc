// SPDX-License-Identifier: Apache-2.0
#include "parser/l7/url.h"

#include <catch2/catch_test_macros.hpp>
#include <utility>

namespace alidade {
namespace {

std::string Shown(std::string_view url) { return RedactedUrl(url, true, false); }

TEST_CASE("a URL without secrets stays as it is", "[parser]") {
  for (const char* url :
       {"http://host/p", "http://host:80/a/b?x=1&y=2#frag", "/a%20b/c?q=%2F", "/p;q", "*",
        "http://user@host/", "http://[fd00::1]:80/", "mailto:a@b", "http://host", "/p?", "/p#f"}) {
    CHECK(Shown(url) == url);
  }
}

TEST_CASE("the password of a URL is hidden, its user is not", "[parser]") {
  CHECK(Shown("http://u:secret@host/p") == "http://u:HUBBLE_REDACTED@host/p");
  CHECK(Shown("http://u:@host/") == "http://u:HUBBLE_REDACTED@host/");
  CHECK(Shown("//:p@host") == "//:HUBBLE_REDACTED@host");
  CHECK(Shown("http://a:b@c:d@host/") == "http://a:HUBBLE_REDACTED@host/");
  CHECK(RedactedUrl("http://u:secret@host/p", false, false) == "http://u:secret@host/p");
}

TEST_CASE("the query goes together with the fragment", "[parser]") {
  CHECK(RedactedUrl("/p?x=1#f", true, true) == "/p");
  CHECK(RedactedUrl("http://h?x", true, true) == "http://h");
  CHECK(RedactedUrl("/p#f", true, true) == "/p");
  CHECK(RedactedUrl("/p?", true, true) == "/p?");
}

TEST_CASE("a URL is shown in its normal form", "[parser]") {
  CHECK(Shown("HTTP://host/") == "http://host/");
  CHECK(Shown("/a b") == "/a%20b");
  CHECK(Shown("/\xc3\xa9") == "/%C3%A9");
  CHECK(Shown("/p#a b") == "/p#a%20b");
  CHECK(Shown("/p#a\x7f\n") == "/p#a%7F%0A");
  CHECK(Shown("#f") == "#f");
  CHECK(Shown("http://") == "http:");
}

TEST_CASE("what is no URL may hide a password anywhere and is not shown", "[parser]") {
  for (const char* text :
       {"", "http://u:p@ho st/", "http://u:p@host:x/", "http://[fd00::1/", "/p%zz", "/p%2",
        "://host", "a:b@c/\n", "http://u<:p@host/", "1a:b/c", "http://host/#%zz"}) {
    INFO(text);
    CHECK(Shown(text).empty());
  }
}

}  // namespace
}  // namespace alidade
