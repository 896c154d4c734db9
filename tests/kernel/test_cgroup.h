// SPDX-License-Identifier: Apache-2.0
//
// A cgroup (version 2) of the test's own, below the root.
#ifndef ALIDADE_TESTS_KERNEL_TEST_CGROUP_H_
#define ALIDADE_TESTS_KERNEL_TEST_CGROUP_H_

#include <cstdint>
#include <string>

namespace alidade::testing {

// The folder where cgroup v2 is mounted whole; fails the test when there is none.
std::string CgroupRoot();

class TestCgroup {
 public:
  // `name` is a path below the root, one or more folders, all of them made here.
  explicit TestCgroup(const std::string& name);
  // Empty of processes by then.
  ~TestCgroup();
  TestCgroup(const TestCgroup&) = delete;
  TestCgroup& operator=(const TestCgroup&) = delete;

  const std::string& folder() const { return folder_; }
  // As the kernel names it in events.
  uint64_t id() const;
  // As `/proc/<pid>/cgroup` names it: from the root, with a slash.
  std::string path() const { return "/" + name_; }

 private:
  std::string name_;
  std::string folder_;
};

// This process is a member of the cgroup as long as the object lives; then of the one it was in.
class CgroupMembership {
 public:
  explicit CgroupMembership(const TestCgroup& cgroup);
  ~CgroupMembership();
  CgroupMembership(const CgroupMembership&) = delete;
  CgroupMembership& operator=(const CgroupMembership&) = delete;

 private:
  std::string before_;  // folder
};

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_KERNEL_TEST_CGROUP_H_
