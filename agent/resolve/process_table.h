// SPDX-License-Identifier: Apache-2.0
//
// Which process a flow's socket belongs to: the one that sent the packet, else, where that is not
// on this node, the one that it is for. A socket is asked for once, not once for each event; what
// is known is asked again from time to time, since sockets are handed on.
#ifndef ALIDADE_AGENT_RESOLVE_PROCESS_TABLE_H_
#define ALIDADE_AGENT_RESOLVE_PROCESS_TABLE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "agent/resolve/senders.h"
#include "parser/flow_record.h"
#include "parser/process.h"

namespace alidade {

// Thread: one. Memory is bounded: 65,536 sockets, 8,192 processes. Allocates when it meets a new
// process, not for an event or a socket.
class ProcessTable {
 public:
  // `source` must outlive the table.
  explicit ProcessTable(const SocketOwnerSource& source);

  // Writes what is known of the owner of `record->socket_cookie`, or of the socket that speaks the
  // other way, into the record's extension. The views live until the next call. `now_ns` is any
  // clock that goes forwards.
  void Attribute(FlowRecord* record, int64_t now_ns);

 private:
  struct Socket {
    static constexpr int kMsBits = 44;  // enough for 557 years

    uint64_t cookie = 0;  // 0: free
    uint64_t ask_again_ms : kMsBits = 0;
    uint64_t misses : 4 = 0;
    uint64_t process : 16 = 0;  // its number in `processes_`, counted from 1; 0: not known
  };
  // A socket has its place in one set. One cache line, since each new connection meets sets that no
  // cache has.
  struct alignas(64) Set {
    std::array<Socket, 4> sockets;
  };
  static_assert(sizeof(Set) == 64);
  struct OwnerHash {
    size_t operator()(const SocketOwner& owner) const {
      return absl::Hash<std::tuple<uint32_t, uint32_t, uint64_t, uint64_t>>()(
          {owner.pid, owner.exec_id, owner.start_time, owner.cgroup_id});
    }
  };

  uint64_t SocketOf(const FlowRecord& record);
  Socket& Find(uint64_t cookie);
  void Ask(Socket* socket, uint64_t now_ms);
  static void AskAgain(Socket* socket, uint64_t at_ms);
  // The number of it; 0: not known.
  uint16_t NumberOf(const SocketOwner& owner);
  const EncodedProcess* ProcessOf(const Socket& socket) const;
  void Forget();

  const SocketOwnerSource& source_;
  Senders senders_;
  std::vector<Set> sets_;
  uint32_t next_way_ = 0;  // which of a full set gives way
  std::vector<std::unique_ptr<const EncodedProcess>> processes_;
  absl::flat_hash_map<SocketOwner, uint16_t, OwnerHash> numbers_;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_RESOLVE_PROCESS_TABLE_H_
