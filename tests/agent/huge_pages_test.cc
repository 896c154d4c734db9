// SPDX-License-Identifier: Apache-2.0
#include "agent/huge_pages.h"

#include <catch2/catch_test_macros.hpp>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace alidade {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;

// Whether the kernel was asked for huge pages behind `memory` ("hg" of proc_pid_smaps(5)).
bool IsAdvised(const void* memory) {
  const auto address = reinterpret_cast<uintptr_t>(memory);
  std::ifstream file("/proc/self/smaps");
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    uintptr_t begin = 0, end = 0;
    char dash = 0;
    std::istringstream range(line);
    if (range >> std::hex >> begin >> dash >> end && dash == '-') {
      inside = begin <= address && address < end;
    } else if (inside && line.starts_with("VmFlags:")) {
      return line.find(" hg") != std::string::npos;
    }
  }
  return false;
}

}  // namespace

TEST_CASE("large memory is asked for in huge pages") {
  if (!std::filesystem::exists("/sys/kernel/mm/transparent_hugepage")) SKIP("this kernel has none");
  HugePages pages;
  const size_t bytes = 2 * kHugePage + 4096;
  void* const memory = pages.allocate(bytes, 64);
  CHECK(reinterpret_cast<uintptr_t>(memory) % kHugePage == 0);
  CHECK(IsAdvised(memory));
  static_cast<char*>(memory)[bytes - 1] = 'x';
  pages.deallocate(memory, bytes, 64);
}

TEST_CASE("small memory is not") {
  HugePages pages;
  void* const memory = pages.allocate(100, 64);
  CHECK(reinterpret_cast<uintptr_t>(memory) % 64 == 0);
  CHECK_FALSE(IsAdvised(memory));
  pages.deallocate(memory, 100, 64);
}

}  // namespace alidade
