// SPDX-License-Identifier: Apache-2.0
//
// A program that runs beside a test, killed at its end.
#ifndef ALIDADE_TESTS_CLIENTS_BACKGROUND_PROCESS_H_
#define ALIDADE_TESTS_CLIENTS_BACKGROUND_PROCESS_H_

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "tests/kernel/netns.h"

namespace alidade::testing {

class BackgroundProcess {
 public:
  // In the test host `host` (null: where the test is); what it says is added to the file `output`.
  BackgroundProcess(const NetworkNamespace* host, const std::vector<std::string>& command,
                    const std::string& output) {
    std::vector<char*> argv;
    for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    pid_ = fork();
    REQUIRE(pid_ >= 0);
    if (pid_ != 0) return;
    const int log = open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    if (host == nullptr || host->Enter()) execv(argv[0], argv.data());
    _exit(127);
  }
  ~BackgroundProcess() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  BackgroundProcess(const BackgroundProcess&) = delete;
  BackgroundProcess& operator=(const BackgroundProcess&) = delete;

  bool runs() const { return waitpid(pid_, nullptr, WNOHANG) == 0; }

 private:
  pid_t pid_ = -1;
};

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_CLIENTS_BACKGROUND_PROCESS_H_
