// SPDX-License-Identifier: Apache-2.0
//
// A server under test of serve_bench, in a process of its own: ours, or Cilium's
// (tests/clients/hubble-server). Both take the same orders, one a line on standard input, and
// answer each with a line:
//   fill N            store N flows                       done 0
//   feed RATE TOTAL   store TOTAL flows, RATE a second    done SECONDS of CPU that storing took
#ifndef ALIDADE_TESTS_BENCH_SERVE_SERVER_H_
#define ALIDADE_TESTS_BENCH_SERVE_SERVER_H_

#include <sys/types.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace alidade::bench {

class ServerProcess {
 public:
  // Starts `command` and waits until it says `ready`.
  ServerProcess(const std::vector<std::string>& command, std::string socket);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // What gRPC dials.
  std::string target() const { return "unix://" + socket_; }

  void Fill(uint64_t flows);
  // Returns the CPU time of storing, in seconds.
  double Feed(int64_t rate, int64_t total);
  // CPU time of the whole process so far, in seconds.
  double CpuSeconds() const;

 private:
  double Order(const std::string& line);

  const std::string socket_;
  pid_t pid_ = -1;
  FILE* orders_ = nullptr;
  FILE* answers_ = nullptr;
};

// Our server's process: serve_bench --serve SOCKET FLOWS. Ends with its standard input.
int ServeMain(const std::string& socket, const std::string& flows);

}  // namespace alidade::bench

#endif  // ALIDADE_TESTS_BENCH_SERVE_SERVER_H_
