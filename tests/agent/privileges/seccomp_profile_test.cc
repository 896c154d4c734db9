// SPDX-License-Identifier: Apache-2.0
#include "agent/privileges/seccomp_profile.h"

#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <string>

#include "agent/privileges/capabilities.h"

namespace alidade {
namespace {

std::string ErrorOf(const std::string& json) {
  const absl::StatusOr<SeccompProfile> profile = ParseSeccompProfile(json);
  return profile.ok() ? "" : std::string(profile.status().message());
}

}  // namespace

TEST_CASE("a profile in the engines' form is read", "[privileges]") {
  const absl::StatusOr<SeccompProfile> profile = ParseSeccompProfile(R"({
    "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
    "architectures": ["SCMP_ARCH_X86_64"],
    "syscalls": [{"names": ["read", "write"], "action": "SCMP_ACT_ALLOW", "comment": "text"},
                 {"names": ["ptrace"], "action": "SCMP_ACT_KILL_PROCESS", "args": []}]})");
  REQUIRE(profile.ok());
  CHECK(profile->default_action == (0x00050000u | 38));
  REQUIRE(profile->rules.size() == 2);
  CHECK(profile->rules[0].names == std::vector<std::string>{"read", "write"});
  CHECK(profile->rules[0].action == 0x7fff0000u);
  CHECK(profile->rules[1].action == 0x80000000u);
}

TEST_CASE("a profile that cannot be kept to is an error that says where", "[privileges]") {
  CHECK(ErrorOf("") == "seccomp profile: is no JSON object");
  CHECK(ErrorOf("[]") == "seccomp profile: is no JSON object");
  CHECK(ErrorOf("{}") == "seccomp profile: needs the text defaultAction");
  CHECK(ErrorOf(R"({"defaultAction": "SCMP_ACT_NONE"})") ==
        "seccomp profile: unknown action SCMP_ACT_NONE");
  CHECK(ErrorOf(R"({"defaultAction": "SCMP_ACT_ALLOW"})") ==
        "seccomp profile: needs the list syscalls");
  CHECK(ErrorOf(R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [1]})") ==
        "seccomp profile: an entry of syscalls is no object");
  CHECK(ErrorOf(R"({"defaultAction": "SCMP_ACT_ALLOW",
                    "syscalls": [{"names": ["read"], "action": "SCMP_ACT_LOG",
                                  "args": [{"index": 0}]}]})") ==
        "seccomp profile: conditions (args) are not supported");
}

TEST_CASE("what a profile does not list is refused", "[privileges]") {
  char path[] = "/tmp/alidade-profile-XXXXXX";
  const int file = mkstemp(path);
  REQUIRE(file >= 0);
  const std::string json = R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
    {"names": ["uname", "no_such_call"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95}]})";
  REQUIRE(write(file, json.data(), json.size()) == static_cast<ssize_t>(json.size()));
  close(file);

  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    utsname name{};
    const bool applied = ForbidNewPrivileges().ok() && ApplySeccompProfile(path).ok();
    _exit(applied && uname(&name) == -1 && errno == EOPNOTSUPP ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  std::remove(path);
}

TEST_CASE("a profile that is not there is an error", "[privileges]") {
  CHECK(ApplySeccompProfile("/no/such/file").message() == "cannot read /no/such/file");
}

}  // namespace alidade
