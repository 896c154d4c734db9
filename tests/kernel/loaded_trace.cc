// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/loaded_trace.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cstring>
#include <iterator>
#include <utility>

#include "agent/capture/feature_probe.h"
#include "agent/capture/online_cpus.h"

namespace alidade::testing {
namespace {

// What BPF_PROG_TEST_RUN says that a packet came in on: the loopback of the test's namespace.
constexpr uint32_t kInterface = 1;

class TraceSink : public EventSink {
 public:
  void OnEvent(const RawEvent& event) override {
    TraceReport report{};
    REQUIRE(event.bytes.size() >= sizeof(trace_notify) + sizeof(trace_ext));
    std::memcpy(static_cast<trace_notify*>(&report), event.bytes.data(), sizeof(trace_notify));
    std::memcpy(&report.ext, event.bytes.data() + sizeof(trace_notify), sizeof(trace_ext));
    const auto packet = event.bytes.subspan(sizeof(trace_notify) + sizeof(trace_ext));
    report.packet.assign(packet.begin(), packet.end());
    traces.push_back(report);
  }
  void OnLost(uint32_t, uint64_t, int64_t) override { FAIL("a lost event"); }
  void OnDecoded(const observer::ExportEvent&, int64_t) override {}
  void OnBadLine() override {}

  std::vector<TraceReport> traces;
};

template <typename T>
T Must(absl::StatusOr<T> value) {
  INFO(value.status());
  REQUIRE(value.ok());
  return *std::move(value);
}

template <typename T>
ReadOnlySection Section(const char* name, const T& value) {
  return {name, std::as_bytes(std::span<const T, 1>(&value, 1))};
}

// As the agent tells the programs, which do not look for shorter ones.
capture_config WithLeastTimeout(capture_config config, const connection_timeouts& timeouts) {
  const uint32_t least = std::min({timeouts.tcp_syn, timeouts.tcp_established, timeouts.tcp_closing,
                                   timeouts.tcp_reset, timeouts.udp, timeouts.udp_answered,
                                   timeouts.icmp, timeouts.other});
  config.least_timeout = static_cast<uint32_t>(uint64_t{least} * config.ticks_per_second / 1000);
  return config;
}

const HookRow& TraceRow() {
  for (const HookRow& row : Hooks()) {
    if (row.id == HOOK_TRACE) return row;
  }
  throw std::logic_error("no trace hook");
}

}  // namespace

capture_config StandardConfig() {
  capture_config config{};
  config.capture_length = 128;
  config.aggregation = AGGREGATION_MEDIUM;
  config.ticks_per_second = TicksPerSecond();
  config.report_interval = 5 * config.ticks_per_second;
  config.report_flags = 0x07;
  config.has_atomics = HasAtomicExchange() ? 1 : 0;
  config.sampling = 1;
  config.connection_sets = CONNECTION_SETS - NEAR_SETS;
  config.has_near_sets = 1;
  return config;
}

LoadedTrace::LoadedTrace(const capture_config& knobs, const connection_timeouts& timeouts,
                         const std::optional<std::vector<uint32_t>>& cpus)
    : maps_(Must(SharedMaps::Create())) {
  const capture_config config = WithLeastTimeout(knobs, timeouts);
  rings_ = Must(BpfRings::Open(maps_, kRingPages, cpus ? *cpus : Must(OnlineCpus())));
  const ReadOnlySection sections[] = {Section(".rodata.config", config),
                                      Section(".rodata.timeouts", timeouts)};
  hook_.emplace(Must(LoadedHook::Load(TraceRow(), maps_, {sections, {}})));
  const interface_config row = {TRACE_TO_STACK, TRACE_TO_ENDPOINT, 0, INTERFACE_KNOWN};
  REQUIRE(bpf_map_update_elem(maps_.fd(SharedMap::kLowInterfaces), &kInterface, &row, BPF_ANY) ==
          0);
}

void LoadedTrace::Give(const ByteVector& packet, bool egress, int times) {
  const bpf_program* program = hook_->program(egress ? "alidade_egress" : "alidade_ingress");
  LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = packet.data(),
              .data_size_in = static_cast<uint32_t>(packet.size()), .repeat = times);
  REQUIRE(bpf_prog_test_run_opts(bpf_program__fd(program), &run) == 0);
}

void LoadedTrace::Repeat(const ByteVector& packet, int times) { Give(packet, false, times); }

std::vector<TraceReport> LoadedTrace::Run(const ByteVector& packet, bool egress) {
  Give(packet, egress, 1);
  // A record is left alone until it is old enough to have no older sibling: as long as one is
  // counted that has not been read, there is one.
  TraceSink sink;
  const uint64_t emitted = maps_.Count(HOOK_TRACE).emitted;
  while (read_ + sink.traces.size() < emitted) rings_->Read(sink);
  read_ = emitted;
  return sink.traces;
}

std::vector<connection_set> LoadedTrace::Sets() const {
  const int map = hook_->map_fd("connection_sets");
  bpf_map_info info{};
  uint32_t info_bytes = sizeof(info);
  REQUIRE(bpf_map_get_info_by_fd(map, &info, &info_bytes) == 0);
  REQUIRE(info.value_size == sizeof(connection_set));
  std::vector<connection_set> sets(info.max_entries);
  for (uint32_t index = 0; index < sets.size(); ++index) {
    REQUIRE(bpf_map_lookup_elem(map, &index, &sets[index]) == 0);
  }
  return sets;
}

std::vector<int> LoadedTrace::ConnectionsBySet() const {
  std::vector<int> numbers;
  for (const connection_set& set : Sets()) {
    numbers.push_back(static_cast<int>(CONNECTIONS_OF_SET -
                                       std::count(std::begin(set.tags), std::end(set.tags), 0)));
  }
  return numbers;
}

void LoadedTrace::Age(uint32_t ticks) {
  std::vector<connection_set> sets = Sets();
  for (uint32_t index = 0; index < sets.size(); ++index) {
    connection_set& set = sets[index];
    for (uint16_t& touched : set.touched) {
      touched = static_cast<uint16_t>(touched - (ticks >> TOUCHED_SHIFT));
    }
    for (auto& ways : set.way) {
      for (connection_way& way : ways) way.last_seen -= ticks;
    }
    REQUIRE(bpf_map_update_elem(hook_->map_fd("connection_sets"), &index, &set, BPF_ANY) == 0);
  }
}

}  // namespace alidade::testing
