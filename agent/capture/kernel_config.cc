// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/kernel_config.h"

#include <algorithm>
#include <random>

#include "absl/time/time.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

// What bpf/lib/clock.h can tell apart.
constexpr absl::Duration kLongestInterval = absl::Hours(24 * 24);

// Rounded up: the shortest interval is a tick.
uint32_t InTicks(absl::Duration time, uint32_t ticks_per_second) {
  const absl::Duration tick = absl::Seconds(1) / ticks_per_second;
  return static_cast<uint32_t>(absl::Ceil(time, tick) / tick);
}

// In the parts of a tick that limits count in; 0: no limit.
uint64_t TimePerEvent(uint32_t events_per_second, uint32_t ticks_per_second) {
  if (events_per_second == 0) return 0;
  const uint64_t second = uint64_t{ticks_per_second} << TICK_PART_BITS;
  return std::max<uint64_t>(second / events_per_second, 1);
}

}  // namespace

ConnectionTable ConnectionTableOf(const CaptureOptions& options) {
  const uint32_t sets = (options.connections_max + CONNECTIONS_OF_SET - 1) / CONNECTIONS_OF_SET;
  // A small table has no need of them.
  if (sets < 4 * NEAR_SETS) return {.sets = sets, .near_sets = 0};
  const uint32_t others = sets - NEAR_SETS;
  return {.sets = (others + NEAR_SETS - 1) / NEAR_SETS * NEAR_SETS, .near_sets = NEAR_SETS};
}

absl::StatusOr<capture_config> KernelConfig(const CaptureOptions& options,
                                            ConntrackLookup conntrack) {
  capture_config config{};
  config.capture_length = options.capture_length;
  config.aggregation = options.aggregation;
  config.ticks_per_second = TicksPerSecond();
  config.report_interval =
      InTicks(std::min(options.report_interval, kLongestInterval), config.ticks_per_second);
  config.least_timeout = InTicks(absl::Milliseconds(LEAST_TIMEOUT_MS), config.ticks_per_second);
  config.report_flags = options.report_flags;
  config.debug_events = options.debug_events ? 1 : 0;
  config.has_atomics = HasAtomicExchange() ? 1 : 0;
  config.has_conntrack = conntrack == ConntrackLookup::kThere ? 1 : 0;
  config.sampling = options.sampling;
  const ConnectionTable table = ConnectionTableOf(options);
  config.connection_sets = table.sets;
  config.has_near_sets = table.near_sets > 0 ? 1 : 0;
  config.connection_seed = std::random_device()();
  config.cpu_event_time = TimePerEvent(options.events_rate_limit, config.ticks_per_second);
  config.source_event_time =
      TimePerEvent(options.events_source_rate_limit, config.ticks_per_second);
  ASSIGN_OR_RETURN(config.netns, OwnNetworkNamespace());
  return config;
}

}  // namespace alidade
