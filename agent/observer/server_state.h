// SPDX-License-Identifier: Apache-2.0
//
// What the methods of the server answer from.
#ifndef ALIDADE_AGENT_OBSERVER_SERVER_STATE_H_
#define ALIDADE_AGENT_OBSERVER_SERVER_STATE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "agent/filter/node_identity.h"
#include "agent/metrics/ledger.h"
#include "agent/observer/frame.h"
#include "agent/observer/peer_book.h"
#include "agent/observer/stream_registry.h"
#include "alidade/agent.pb.h"
#include "ringbuffer/event_ring.h"

namespace alidade {

// Constant while the server runs, but for the last three members. Thread: any.
struct ServerState {
  const EventRing& ring;
  const Ledger& ledger;
  const NodeIdentity node;
  const NodeFrame node_frame;
  const std::string version;
  const int64_t start_ns;  // since the Unix epoch
  const int64_t loss_interval_ns;
  const std::function<void(GetStatusResponse*)> fill_status;  // may be empty
  StreamRegistry streams;
  PeerBook peers;
  std::atomic<bool> serving = false;  // as health tells it
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_SERVER_STATE_H_
