// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/owner_maps.h"

#include <catch2/catch_test_macros.hpp>
#include <cstring>
#include <string>
#include <vector>

namespace alidade {
namespace {

reversed_path Reversed(const std::vector<std::string>& names, bool complete = true) {
  reversed_path path{};
  for (const std::string& name : names) {
    std::memcpy(path.names + path.bytes, name.c_str(), name.size() + 1);
    path.bytes = static_cast<uint16_t>(path.bytes + name.size() + 1);
  }
  path.complete = complete ? 1 : 0;
  return path;
}

}  // namespace

TEST_CASE("a path from the kernel is read from the root", "[capture]") {
  CHECK(PathOf(Reversed({"curl", "bin", "usr"})) == "/usr/bin/curl");
  CHECK(PathOf(Reversed({"init"})) == "/init");
  CHECK(PathOf(Reversed({})) == "/");
}

TEST_CASE("a path that was cut shows it", "[capture]") {
  CHECK(PathOf(Reversed({"leaf", "deep"}, false)) == ".../deep/leaf");
  CHECK(PathOf(Reversed({}, false)).empty());
}

TEST_CASE("a path with a length beyond its bytes is read as far as they go", "[capture]") {
  reversed_path path = Reversed({"a"});
  path.bytes = 0xffff;
  CHECK(PathOf(path).size() <= sizeof(path.names) + 4);
}

}  // namespace alidade
