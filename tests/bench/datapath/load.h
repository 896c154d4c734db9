// SPDX-License-Identifier: Apache-2.0
//
// Traffic between the two ends of one veth pair, as fast as it goes, for a while. Every function
// returns how much got through: its unit stands beside it. Sender and client run on the first CPU,
// receiver and server on the second, if there are two.
#ifndef ALIDADE_TESTS_BENCH_DATAPATH_LOAD_H_
#define ALIDADE_TESTS_BENCH_DATAPATH_LOAD_H_

#include <chrono>

#include "tests/kernel/netns.h"

namespace alidade::testing {

// `server` has 10.99.0.1, `client` 10.99.0.2.
struct Ends {
  const NetworkNamespace& server;
  const NetworkNamespace& client;
};

// iperf3 with this many streams; bits a second at the receiver.
double TcpThroughput(const Ends& ends, int streams, std::chrono::seconds duration);
// Frames of 64 bytes (frame check sequence included) of 64 flows; received datagrams a second.
double SmallDatagrams(const Ends& ends, std::chrono::seconds duration);
// Connect, one byte each way, close; a second.
double Connections(const Ends& ends, std::chrono::seconds duration);

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_BENCH_DATAPATH_LOAD_H_
