// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/test_cgroup.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace alidade::testing {
namespace {

void Join(const std::string& folder) {
  std::ofstream members(folder + "/cgroup.procs");
  members << getpid() << std::flush;
  REQUIRE(members.good());
}

}  // namespace

std::string CgroupRoot() {
  std::ifstream mounts("/proc/self/mounts");
  std::string device, folder, type, rest;
  while (mounts >> device >> folder >> type && std::getline(mounts, rest)) {
    if (type == "cgroup2") return folder;
  }
  FAIL("no cgroup v2 is mounted");
  return {};
}

TestCgroup::TestCgroup(const std::string& name) : name_(name), folder_(CgroupRoot() + "/" + name) {
  std::filesystem::create_directories(folder_);
}

TestCgroup::~TestCgroup() {
  // A cgroup's files go with it: only the folders are removed, leaf first.
  for (std::string folder = folder_; folder != CgroupRoot();
       folder = std::filesystem::path(folder).parent_path()) {
    rmdir(folder.c_str());
  }
}

uint64_t TestCgroup::id() const {
  struct stat found {};
  REQUIRE(stat(folder_.c_str(), &found) == 0);
  return found.st_ino;
}

CgroupMembership::CgroupMembership(const TestCgroup& cgroup) {
  std::ifstream own("/proc/self/cgroup");
  std::string line;
  while (std::getline(own, line)) {
    if (line.starts_with("0::")) before_ = CgroupRoot() + line.substr(3);
  }
  REQUIRE_FALSE(before_.empty());
  Join(cgroup.folder());
}

CgroupMembership::~CgroupMembership() {
  std::ofstream members(before_ + "/cgroup.procs");
  members << getpid() << std::flush;
}

}  // namespace alidade::testing
