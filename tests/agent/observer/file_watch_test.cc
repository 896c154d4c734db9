// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/file_watch.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <future>
#include <iterator>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace alidade {
namespace {

std::string TextOf(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("what was read before the file was written anew is not used", "[observer]") {
  const testing::TemporaryFolder folder;
  const std::string path = folder / "file";
  std::ofstream(path) << "old";
  std::vector<std::string> used;
  std::promise<void> done;
  int calls = 0;
  auto watch = FileWatch::Start(path, [&](const auto& is_settled) {
    const std::string text = TextOf(path);
    // Emptied, filled and closed meanwhile: nothing shows that it was ever half written.
    if (++calls == 1) std::ofstream(path) << "newer";
    if (!is_settled()) return;
    used.push_back(text);
    if (text == "newer" && std::count(used.begin(), used.end(), text) == 1) done.set_value();
  });
  REQUIRE(watch.ok());
  std::ofstream(path) << "new";
  done.get_future().wait();
  watch->reset();
  CHECK(std::count(used.begin(), used.end(), "new") == 0);
}

}  // namespace alidade
