// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/datapath/awake_cpus.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace alidade::testing {
namespace {

// Documentation/power/pm_qos_interface.rst: microseconds that waking up may take.
constexpr char kFile[] = "/dev/cpu_dma_latency";
constexpr int32_t kNoLatency = 0;

}  // namespace

AwakeCpus::AwakeCpus() : request_(open(kFile, O_WRONLY | O_CLOEXEC)) {
  if (!request_.valid() ||
      write(request_.get(), &kNoLatency, sizeof(kNoLatency)) != sizeof(kNoLatency))
    throw std::system_error(errno, std::generic_category(), kFile);
}

}  // namespace alidade::testing
