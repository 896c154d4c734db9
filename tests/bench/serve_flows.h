// SPDX-License-Identifier: Apache-2.0
//
// The flows that serve_bench has both servers serve: kTemplates flows of a usual size, again and
// again in this order, each with the time at which it was stored.
#ifndef ALIDADE_TESTS_BENCH_SERVE_FLOWS_H_
#define ALIDADE_TESTS_BENCH_SERVE_FLOWS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "observer/observer.pb.h"
#include "parser/flow_header.h"
#include "ringbuffer/event_ring.h"

namespace alidade::bench {

inline constexpr uint32_t kCapacity = 65535;
inline constexpr int kTemplates = 64;

// Writes the flows, but for their time, as lines of `-o json`.
void WriteTemplates(const std::string& path);

// Five filters, of which the first lets a quarter of the flows pass and the others change nothing.
observer::GetFlowsRequest FilteredRequest();
inline constexpr int kFilteredShare = 4;

// Stores the flows of a file that WriteTemplates wrote.
class Writer {
 public:
  Writer(EventRing* ring, const std::string& path);

  void Append();

 private:
  struct Template {
    FlowHeader header;
    std::string rest;  // the encoded flow without its time
  };

  EventRing& ring_;
  std::vector<Template> templates_;
  std::string body_;
  size_t next_ = 0;
};

}  // namespace alidade::bench

#endif  // ALIDADE_TESTS_BENCH_SERVE_FLOWS_H_
