// SPDX-License-Identifier: Apache-2.0
//
// One reader of the store: where it starts, which events it delivers, what it missed (contract
// 2.3 to 2.7). Knows nothing of gRPC or of threads that wait.
#ifndef ALIDADE_AGENT_OBSERVER_FLOW_STREAM_H_
#define ALIDADE_AGENT_OBSERVER_FLOW_STREAM_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "agent/filter/filter.h"
#include "agent/metrics/ledger.h"
#include "parser/flow_header.h"
#include "ringbuffer/event_ring.h"

namespace alidade {

// What a client asked for, the filters apart. Times are nanoseconds since the Unix epoch.
struct StreamRequest {
  EventKind kind = EventKind::kFlow;  // not kLostEvent; only flow streams deliver lost events
  uint64_t number = 0;                // 0: no limit
  bool first = false;                 // count from the oldest
  bool follow = false;
  std::optional<int64_t> since_ns;  // inclusive
  std::optional<int64_t> until_ns;  // inclusive
};

// Events that the writer overwrote before this reader came to them.
struct RingLoss {
  uint64_t count = 0;
  int64_t first_ns = 0;  // when the first and the last of them were noticed
  int64_t last_ns = 0;
};

// What to send next.
struct StreamItem {
  bool is_ring_loss = false;
  RingLoss loss;      // is_ring_loss
  FlowHeader header;  // otherwise: the event, of the wanted kind or kLostEvent
  std::string body;
};

enum class StreamStep {
  kItem,
  kCaughtUp,  // follow: ask again when the store grows, or at due_ns()
  kYield,     // there may be more: ask again when others have had their turn
  kEnd,
};

// What became of the events that a stream came to. Their sum is the number of events in the store
// between where the stream started and where it is.
struct StreamCounters {
  Counter delivered;
  Counter filtered;  // other kinds and times included
  Counter lost;
};

class FlowStream {
 public:
  using Clock = std::function<int64_t()>;  // nanoseconds since the Unix epoch

  // `ring` holds FlowHeaders. `loss_interval_ns`: losses are told together, this long after the
  // first of them, or at the end of the stream. `ring` and `counters` must outlive the stream.
  // Thread: one at a time.
  FlowStream(const EventRing& ring, const StreamRequest& request, FilterSet filters,
             int64_t loss_interval_ns, Clock clock, StreamCounters* counters);

  // Finds the next item; its string is reused. Looks at no more than kTurn events.
  StreamStep Next(StreamItem* item);

  // When a loss has to be told even if nothing else happens; only while caught up.
  std::optional<int64_t> due_ns() const;

  static constexpr int kTurn = 512;

 private:
  class Body;
  enum class Phase { kRewinding, kForward, kEnded };
  enum class Verdict { kDeliver, kSkip, kEnd, kGone };

  void ChooseStart();
  // Steps back from the newest event; true when the start is found.
  bool Rewind(int* turn);
  bool MattersForStart(uint64_t sequence, const FlowHeader& header);
  // Looks at the next event; nullopt when it is not to be sent.
  std::optional<StreamStep> Forward(StreamItem* item);
  Verdict Judge(const FlowHeader& header, Body* body);

  bool LossIsDue() const;
  void TellLoss(StreamItem* item);
  void CountLoss(uint64_t oldest);
  StreamStep AtEnd(StreamItem* item);

  const EventRing& ring_;
  const StreamRequest request_;
  FilterSet filters_;
  const int64_t loss_interval_ns_;
  const Clock clock_;
  StreamCounters& counters_;

  Phase phase_ = Phase::kForward;
  uint64_t position_ = 0;  // next sequence to read; while rewinding: the one after the next
  uint64_t counted_ = 0;   // events of the wanted kind: passed while rewinding, then delivered
  RingLoss loss_;          // not yet told
  std::string scratch_;    // bytes of an event that the rewind looks at
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_FLOW_STREAM_H_
