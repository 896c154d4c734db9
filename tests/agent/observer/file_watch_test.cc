// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/file_watch.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <string>
#include <vector>

namespace alidade {
namespace {

// Gone with the object.
class Folder {
 public:
  Folder() {
    char name[] = "/tmp/alidade-watch-XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file() const { return path_ + "/file"; }

 private:
  std::string path_;
};

std::string TextOf(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("what was read before the file was written anew is not used", "[observer]") {
  const Folder folder;
  std::ofstream(folder.file()) << "old";
  std::vector<std::string> used;
  std::promise<void> done;
  int calls = 0;
  auto watch = FileWatch::Start(folder.file(), [&](const auto& is_settled) {
    const std::string text = TextOf(folder.file());
    // Emptied, filled and closed meanwhile: nothing shows that it was ever half written.
    if (++calls == 1) std::ofstream(folder.file()) << "newer";
    if (!is_settled()) return;
    used.push_back(text);
    if (text == "newer" && std::count(used.begin(), used.end(), text) == 1) done.set_value();
  });
  REQUIRE(watch.ok());
  std::ofstream(folder.file()) << "new";
  done.get_future().wait();
  watch->reset();
  CHECK(std::count(used.begin(), used.end(), "new") == 0);
}

}  // namespace alidade
