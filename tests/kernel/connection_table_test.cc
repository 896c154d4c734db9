// SPDX-License-Identifier: Apache-2.0
//
// Which connections the kernel side forgets when it has to: a table of one set is given one more
// than it holds. And what goes through the near sets of a larger one.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <numeric>
#include <vector>

#include "parser/flow_record.h"
#include "tests/kernel/loaded_trace.h"

namespace alidade::testing {
namespace {

constexpr uint32_t kLong = 3'600'000;  // milliseconds
constexpr connection_timeouts kAllLong = {kLong, kLong, kLong, kLong, kLong, kLong, kLong, kLong};

// Two of the steps in which ages are told.
constexpr uint32_t kOlder = 2 << TOUCHED_SHIFT;

// One packet of connection `number`, of which every third is one of IPv6.
ByteVector Tcp(int number, uint16_t flags) {
  const auto port = static_cast<uint16_t>(40000 + number);
  if (number % 3 == 2) {
    return Ethernet().Ipv6("fd00::1", "fd00::2").Tcp(port, 80, flags).Build();
  }
  return Ethernet().Ipv4("10.0.0.1", "10.0.0.2").Tcp(port, 80, flags).Build();
}

class Table {
 public:
  Table(aggregation_level level, uint32_t sets, bool has_near_sets)
      : trace_(Config(level, sets, has_near_sets), kAllLong) {}

  // Reports of the packet.
  std::vector<TraceReport> Run(const ByteVector& packet) { return trace_.Run(packet, false); }
  std::vector<TraceReport> Send(int number, uint16_t flags) { return Run(Tcp(number, flags)); }
  void Open(int number) {
    const auto reports = Send(number, kTcpSyn);
    REQUIRE(reports.size() == 1);
    REQUIRE(reports[0].reason == TRACE_REASON_NEW);
  }
  // By a packet that makes an entry again for one that was forgotten: to be asked once, at the end,
  // and the forgotten one last.
  bool IsKnown(int number) {
    const auto reports = Send(number, kTcpAck);
    return reports.empty() || reports[0].reason != TRACE_REASON_UNKNOWN;
  }
  void Age(uint32_t ticks) { trace_.Age(ticks); }
  const LoadedTrace& trace() const { return trace_; }

 private:
  static capture_config Config(aggregation_level level, uint32_t sets, bool has_near_sets) {
    capture_config config = StandardConfig();
    config.aggregation = level;
    config.report_interval = 3600 * config.ticks_per_second;
    config.connection_sets = sets;
    config.has_near_sets = has_near_sets ? 1 : 0;
    config.connection_seed = 4711;  // any, but the same each time
    return config;
  }

  LoadedTrace trace_;
};

class OneSet : public Table {
 public:
  explicit OneSet(aggregation_level level) : Table(level, 1, false) {}

  void Fill() {
    for (int number = 0; number < CONNECTIONS_OF_SET; ++number) Open(number);
  }
};

class NearTable : public Table {
 public:
  NearTable() : Table(AGGREGATION_MEDIUM, kSets, true) {}

  int Near() const { return Sum(0, NEAR_SETS); }
  int Elsewhere() const { return Sum(NEAR_SETS, NEAR_SETS + kSets); }

 private:
  // Enough that chance does not fill one.
  static constexpr int kSets = 16 * NEAR_SETS;

  int Sum(int from, int to) const {
    const std::vector<int> numbers = trace().ConnectionsBySet();
    return std::accumulate(numbers.begin() + from, numbers.begin() + to, 0);
  }
};

constexpr int kNearConnections = NEAR_SETS * CONNECTIONS_OF_SET;

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
  table.Age(kOlder);
  for (int number = 0; number < CONNECTIONS_OF_SET; ++number) {
    if (number != quiet) table.Send(number, kTcpAck);
  }
  table.Open(CONNECTIONS_OF_SET);
  for (int number = 0; number <= CONNECTIONS_OF_SET; ++number) {
    if (number != quiet) CHECK(table.IsKnown(number));
  }
  CHECK_FALSE(table.IsKnown(quiet));
}

TEST_CASE("what a forgotten connection had not told is counted", "[kernel][vm]") {
  OneSet table(AGGREGATION_MEDIUM);
  table.Fill();
  REQUIRE(table.Send(3, kTcpAck).empty());
  REQUIRE(table.Send(3, kTcpAck).empty());
  table.Age(kOlder);
  for (int number = 0; number < CONNECTIONS_OF_SET; ++number) {
    if (number != 3) REQUIRE(table.Send(number, kTcpAck).empty());
  }
  CHECK(table.trace().maps().Count(HOOK_TRACE).untold == 0);
  table.Open(CONNECTIONS_OF_SET);
  CHECK(table.trace().maps().Count(HOOK_TRACE).untold == 2);
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

TEST_CASE("new connections stand near as long as others are over", "[kernel]") {
  NearTable table;
  constexpr int kKept = 64;
  for (int number = 0; number < kKept; ++number) table.Open(number);
  for (int number = kKept; number < 3 * kNearConnections; ++number) {
    table.Open(number);
    REQUIRE(table.Send(number, kTcpRst).size() == 1);
  }
  CHECK(table.Elsewhere() == 0);
  for (int number = 0; number < kKept; ++number) CHECK(table.IsKnown(number));
}

TEST_CASE("connections that find no room near are remembered all the same", "[kernel]") {
  NearTable table;
  constexpr int kMany = 2 * kNearConnections;
  for (int number = 0; number < kMany; ++number) table.Open(number);
  CHECK(table.Near() + table.Elsewhere() == kMany);
  CHECK(table.Elsewhere() > kNearConnections);
  for (int number = 0; number < kMany; ++number) CHECK(table.IsKnown(number));
  // Wherever it stands, there is one of it.
  for (int number = 0; number < kMany; ++number) table.Send(number, kTcpSyn);
  CHECK(table.Near() + table.Elsewhere() == kMany);
}

TEST_CASE("a quiet connection makes room near, and takes its counts and its state along",
          "[kernel]") {
  NearTable table;
  for (int number = 0; number < kNearConnections; ++number) {
    table.Open(number);
    table.Send(number, kTcpFin | kTcpAck);
    CHECK(table.Send(number, kTcpAck).empty());
    CHECK(table.Send(number, kTcpAck).empty());
  }
  const int elsewhere = table.Elsewhere();
  table.Age(kOlder);
  for (int number = kNearConnections; number < kNearConnections + 1000; ++number) {
    table.Open(number);
  }
  // Each of them came where another had been quiet, or was free.
  CHECK(table.Near() >= kNearConnections - elsewhere);
  CHECK(table.Elsewhere() > elsewhere);
  CHECK(table.Near() + table.Elsewhere() == kNearConnections + 1000);
  for (int number = 0; number < kNearConnections; ++number) {
    const auto reports = table.Send(number, kTcpRst | kTcpAck);
    REQUIRE(reports.size() == 1);
    CHECK(reports[0].reason == TRACE_REASON_ESTABLISHED);
    CHECK(reports[0].ext.packets == 3);
    CHECK(reports[0].ext.reverse_packets == 0);
  }
}

TEST_CASE("what has no end that can be seen does not stand near", "[kernel]") {
  NearTable table;
  const ByteVector datagram = Ethernet().Ipv4("10.0.0.1", "10.0.0.2").Udp(1, 2).Build();
  CHECK(table.Run(datagram).size() == 1);
  CHECK(table.Run(datagram).empty());
  CHECK(table.Near() == 0);
  CHECK(table.Elsewhere() == 1);
}

TEST_CASE("a connection that is first seen in its middle does not stand near", "[kernel]") {
  NearTable table;
  CHECK(table.Send(1, kTcpAck).size() == 1);
  CHECK(table.Near() == 0);
  CHECK(table.Elsewhere() == 1);
  CHECK(table.Send(1, kTcpAck).empty());
}

}  // namespace alidade::testing
