// SPDX-License-Identifier: Apache-2.0
//
// Which connections the kernel side forgets when it has to: a table of one set is given one more
// than it holds.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <chrono>
#include <thread>
#include <vector>

#include "parser/flow_record.h"
#include "tests/kernel/loaded_trace.h"

namespace alidade::testing {
namespace {

constexpr uint32_t kLong = 3'600'000;  // milliseconds
constexpr connection_timeouts kAllLong = {kLong, kLong, kLong, kLong, kLong, kLong, kLong, kLong};

// Two steps in which ages are told (bpf/lib/connection_table.h, 1 << TOUCHED_SHIFT ticks).
std::chrono::milliseconds Older() {
  return std::chrono::milliseconds(2 * 256 * 1000 / StandardConfig().ticks_per_second);
}

// One packet of connection `number`, of which every third is one of IPv6.
ByteVector Tcp(int number, uint16_t flags) {
  const auto port = static_cast<uint16_t>(40000 + number);
  if (number % 3 == 2) {
    return Ethernet().Ipv6("fd00::1", "fd00::2").Tcp(port, 80, flags).Build();
  }
  return Ethernet().Ipv4("10.0.0.1", "10.0.0.2").Tcp(port, 80, flags).Build();
}

class OneSet {
 public:
  explicit OneSet(aggregation_level level) : trace_(Config(level), kAllLong) {}

  // Reports of the packet.
  std::vector<trace_notify> Send(int number, uint16_t flags) {
    return trace_.Run(Tcp(number, flags), false);
  }
  void Open(int number) {
    const auto reports = Send(number, kTcpSyn);
    REQUIRE(reports.size() == 1);
    REQUIRE(reports[0].reason == TRACE_REASON_NEW);
  }
  void Fill() {
    for (int number = 0; number < CONNECTIONS_OF_SET; ++number) Open(number);
  }
  // By a packet that makes an entry again for one that was forgotten: to be asked once, at the end,
  // and the forgotten one last.
  bool IsKnown(int number) {
    const auto reports = Send(number, kTcpAck);
    return reports.empty() || reports[0].reason != TRACE_REASON_UNKNOWN;
  }

 private:
  static capture_config Config(aggregation_level level) {
    capture_config config = StandardConfig();
    config.aggregation = level;
    config.report_interval = 3600 * config.ticks_per_second;
    config.connection_sets = 1;
    config.connection_seed = 4711;  // any: all stand in that set
    return config;
  }

  LoadedTrace trace_;
};

}  // namespace

TEST_CASE("a set of connections holds as many as it has slots, and then all but one", "[kernel]") {
  OneSet table(AGGREGATION_LOW);
  table.Fill();
  for (int number = 0; number < CONNECTIONS_OF_SET; ++number) CHECK(table.IsKnown(number));
  table.Open(CONNECTIONS_OF_SET);
  CHECK(table.IsKnown(CONNECTIONS_OF_SET));
}

TEST_CASE("the connection that was quiet longest is forgotten first", "[kernel]") {
  // Reported or only counted, a packet is a sign of life.
  const auto level = GENERATE(AGGREGATION_LOW, AGGREGATION_MEDIUM);
  const int quiet = GENERATE(0, 5);
  OneSet table(level);
  table.Fill();
  for (int number = 0; number < CONNECTIONS_OF_SET; ++number) table.Send(number, kTcpAck);
  std::this_thread::sleep_for(Older());  // what is tested is an age
  for (int number = 0; number < CONNECTIONS_OF_SET; ++number) {
    if (number != quiet) table.Send(number, kTcpAck);
  }
  table.Open(CONNECTIONS_OF_SET);
  for (int number = 0; number <= CONNECTIONS_OF_SET; ++number) {
    if (number != quiet) CHECK(table.IsKnown(number));
  }
  CHECK_FALSE(table.IsKnown(quiet));
}

TEST_CASE("a connection that is over is forgotten before those that are not", "[kernel]") {
  const int over = GENERATE(0, 4, 7);
  OneSet table(AGGREGATION_LOW);
  table.Fill();
  REQUIRE(table.Send(over, kTcpRst).size() == 1);
  table.Open(CONNECTIONS_OF_SET);
  for (int number = 0; number <= CONNECTIONS_OF_SET; ++number) {
    if (number != over) CHECK(table.IsKnown(number));
  }
  CHECK_FALSE(table.IsKnown(over));
}

}  // namespace alidade::testing
