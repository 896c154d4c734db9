// SPDX-License-Identifier: Apache-2.0
//
// The trace programs without an agent or traffic: a test gives them packets one by one
// (BPF_PROG_TEST_RUN) and reads what they report.
#ifndef ALIDADE_TESTS_KERNEL_LOADED_TRACE_H_
#define ALIDADE_TESTS_KERNEL_LOADED_TRACE_H_

#include <memory>
#include <optional>
#include <vector>

#include "agent/capture/bpf_rings.h"
#include "agent/capture/hooks.h"
#include "bpf/connections.h"
#include "tests/support/packet_builder.h"

namespace alidade::testing {

struct TraceReport : trace_notify {
  trace_ext ext;
  ByteVector packet;  // what was captured of it
};

class LoadedTrace {
 public:
  static constexpr uint32_t kRingPages = 8;  // of each CPU

  // Of `knobs` the least timeout is found from `timeouts`. The rings are those of `cpus`, as if
  // only they were online by then; by default of all.
  LoadedTrace(const capture_config& knobs, const connection_timeouts& timeouts,
              const std::optional<std::vector<uint32_t>>& cpus = std::nullopt);

  // Gives the packet to the ingress or egress program; the reports that it caused.
  std::vector<TraceReport> Run(const ByteVector& packet, bool egress);
  // Gives it to the ingress program so many times, on the CPU that this thread runs on, and leaves
  // the reports unread.
  void Repeat(const ByteVector& packet, int times);
  BpfRings& rings() { return *rings_; }
  const SharedMaps& maps() const { return maps_; }

  // Connections that stand in each set of the table, the near ones first.
  std::vector<int> ConnectionsBySet() const;
  // Makes all connections older, as if so many ticks had gone by without a packet.
  void Age(uint32_t ticks);

 private:
  void Give(const ByteVector& packet, bool egress, int times);
  std::vector<connection_set> Sets() const;

  SharedMaps maps_;
  std::unique_ptr<BpfRings> rings_;
  std::optional<LoadedHook> hook_;
  uint64_t read_ = 0;  // reports so far
};

// As the agent has them on this kernel when nothing is set.
capture_config StandardConfig();

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_KERNEL_LOADED_TRACE_H_
