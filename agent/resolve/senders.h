// SPDX-License-Identifier: Apache-2.0
//
// Which local socket a packet that came in is for: the one that sends the other way. The kernel
// knows it only behind the hooks.
#ifndef ALIDADE_AGENT_RESOLVE_SENDERS_H_
#define ALIDADE_AGENT_RESOLVE_SENDERS_H_

#include <cstdint>
#include <vector>

#include "parser/flow_record.h"

namespace alidade {

// Thread: one. Remembers about 32,768 ways (addresses, ports, protocol), the newest ones; allocates
// only when it is made.
class Senders {
 public:
  Senders();

  // `record` is a packet of a TCP, UDP or SCTP socket `record.socket_cookie`, not 0.
  void Note(const FlowRecord& record);
  // The cookie of the socket that `record`, which has none of its own, is for; 0: not known.
  uint64_t ReceiverOf(const FlowRecord& record) const;
  // Likewise of the socket that sends this way.
  uint64_t SenderOf(const FlowRecord& record) const;

 private:
  // Small, since each connection meets rows that no cache has: four of them share a line.
  struct Sender {
    uint64_t way = 0;  // hash of it, by a seed of this process: stands for the whole of it
    uint64_t cookie = 0;
  };
  struct Way;

  static Way WayOf(const PacketLayers& packet);  // borrows from it
  static size_t PlaceOf(const Way& way);
  static uint64_t HashOf(const Way& way);
  uint64_t CookieOf(const Way& way) const;

  std::vector<Sender> senders_;  // a way has one place, and gives way to the next one there
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_RESOLVE_SENDERS_H_
