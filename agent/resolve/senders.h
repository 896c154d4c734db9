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

 private:
  struct Way {
    IpAddress source;
    IpAddress destination;
    uint16_t source_port = 0;
    uint16_t destination_port = 0;
    L4Protocol protocol = L4Protocol::kNone;

    friend bool operator==(const Way&, const Way&) = default;
  };
  struct Sender {
    Way way;
    uint64_t cookie = 0;
  };

  static size_t PlaceOf(const Way& way);

  std::vector<Sender> senders_;  // a way has one place, and gives way to the next one there
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_RESOLVE_SENDERS_H_
