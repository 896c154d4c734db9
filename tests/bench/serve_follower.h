// SPDX-License-Identifier: Apache-2.0
//
// A client of serve_bench that follows, in a process of its own. It counts in memory that the
// benchmark shares with it.
#ifndef ALIDADE_TESTS_BENCH_SERVE_FOLLOWER_H_
#define ALIDADE_TESTS_BENCH_SERVE_FOLLOWER_H_

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <string>

namespace alidade::bench {

// What a follower tells, in shared memory.
struct FollowerCounts {
  std::atomic<uint64_t> flows;
  // How long after a flow's time it was read, in microseconds; valid when the process has ended.
  int64_t late_p50_us;
  int64_t late_p99_us;
};

class Follower {
 public:
  // Starts the process. `target` is what gRPC dials.
  Follower(const std::string& target, bool filtered);
  // Ends it if Stop was not called.
  ~Follower();
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  uint64_t flows() const { return counts_->flows.load(std::memory_order_relaxed); }
  // Ends the call and the process; then the latencies are there.
  void Stop();
  int64_t late_p50_us() const { return counts_->late_p50_us; }
  int64_t late_p99_us() const { return counts_->late_p99_us; }

  // The process itself: serve_bench --follow TARGET FILTERED, its memory is descriptor 3, and it
  // ends with its standard input.
  static int Main(const std::string& target, bool filtered);

 private:
  pid_t pid_ = -1;
  int input_ = -1;
  FollowerCounts* counts_ = nullptr;
};

}  // namespace alidade::bench

#endif  // ALIDADE_TESTS_BENCH_SERVE_FOLLOWER_H_
