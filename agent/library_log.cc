// SPDX-License-Identifier: Apache-2.0
#include "agent/library_log.h"

#include <atomic>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "agent/log.h"
#include "google/protobuf/stubs/logging.h"
#include "grpc/support/log.h"

namespace alidade {
namespace {

constexpr int64_t kQuietNs = int64_t{30} * 1'000'000'000;

std::atomic<int64_t> quiet_until_ns{0};
std::atomic<uint64_t> unsaid{0};

void OnGrpcLog(gpr_log_func_args* line) {
  if (line->severity < GPR_LOG_SEVERITY_ERROR) return;
  const int64_t now_ns = absl::GetCurrentTimeNanos();
  int64_t until_ns = quiet_until_ns.load(std::memory_order_relaxed);
  if (now_ns < until_ns || !quiet_until_ns.compare_exchange_strong(until_ns, now_ns + kQuietNs)) {
    unsaid.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  LogWarn(absl::StrCat("grpc: ", line->message, " unsaid=", unsaid.exchange(0)));
}

}  // namespace

void RouteLibraryLogs() {
  gpr_set_log_function(OnGrpcLog);
  google::protobuf::SetLogHandler(nullptr);
}

}  // namespace alidade
