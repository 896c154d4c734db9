// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/datapath/cost.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace alidade::testing {

uint64_t BusyNanoseconds() {
  std::ifstream file("/proc/stat");
  std::string cpu;
  uint64_t user = 0, nice = 0, system = 0, idle = 0, iowait = 0;
  file >> cpu >> user >> nice >> system >> idle >> iowait;
  const std::chrono::nanoseconds now = std::chrono::steady_clock::now().time_since_epoch();
  const auto ticks = static_cast<uint64_t>(sysconf(_SC_CLK_TCK));
  const auto cpus = static_cast<uint64_t>(sysconf(_SC_NPROCESSORS_ONLN));
  return static_cast<uint64_t>(now.count()) * cpus - (idle + iowait) * (1'000'000'000u / ticks);
}

uint64_t PacketsOf(const NetworkNamespace& space, const std::string& device) {
  const auto link = nlohmann::json::parse(space.Ip("-s -j link show dev " + device))[0];
  return link["stats64"]["tx"]["packets"].get<uint64_t>() +
         link["stats64"]["rx"]["packets"].get<uint64_t>();
}

RunTimeStatistics::RunTimeStatistics() : fd_(bpf_enable_stats(BPF_STATS_RUN_TIME)) {
  if (fd_ < 0) throw std::runtime_error("the kernel does not measure run times (5.8 and later)");
}

RunTimeStatistics::~RunTimeStatistics() { close(fd_); }

std::map<std::string, RunTime> RunTimesOf(const std::set<uint32_t>& programs) {
  std::map<std::string, RunTime> times;
  for (const uint32_t id : programs) {
    const int fd = bpf_prog_get_fd_by_id(id);
    bpf_prog_info info{};
    uint32_t size = sizeof(info);
    if (fd >= 0 && bpf_prog_get_info_by_fd(fd, &info, &size) == 0) {
      times[info.name] = {info.run_cnt, info.run_time_ns};
    }
    if (fd >= 0) close(fd);
  }
  return times;
}

}  // namespace alidade::testing
