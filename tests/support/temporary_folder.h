// SPDX-License-Identifier: Apache-2.0
//
// A folder for what a test writes, gone with the object.
#ifndef ALIDADE_TESTS_SUPPORT_TEMPORARY_FOLDER_H_
#define ALIDADE_TESTS_SUPPORT_TEMPORARY_FOLDER_H_

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace alidade::testing {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    // Short: the path of a unix socket in it may have 107 bytes.
    path_ = (std::filesystem::temp_directory_path() / "alidade-XXXXXX").string();
    if (mkdtemp(path_.data()) == nullptr) throw std::system_error(errno, std::generic_category());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }
  // The path of what is called `name` in it.
  std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_SUPPORT_TEMPORARY_FOLDER_H_
