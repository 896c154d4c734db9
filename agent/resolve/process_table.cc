// SPDX-License-Identifier: Apache-2.0
#include "agent/resolve/process_table.h"

#include <string>

#include "agent/resolve/container_id.h"

namespace alidade {
namespace {

constexpr size_t kSets = 16'384;
constexpr size_t kMostProcesses = 8'192;

// An owner is asked again after this long: the socket may have been handed to another process.
constexpr uint64_t kKnownForMs = 10'000;
// A socket without an owner is asked again soon, then less and less often: an accepted socket has
// packets before it has an owner, one of the kernel's own never gets any.
constexpr uint64_t kFirstPatienceMs = 1;
constexpr uint64_t kMostDoublings = 13;  // about 8 s

constexpr int64_t kNsOfMs = 1'000'000;

// Cookies are counted upwards: as they are they share the sets evenly, and sockets that were made
// one after the other stand side by side, where the processor fetches them ahead.
size_t SetOf(uint64_t cookie) { return static_cast<size_t>(cookie) % kSets; }

}  // namespace

ProcessTable::ProcessTable(const SocketOwnerSource& source) : source_(source), sets_(kSets) {
  processes_.reserve(kMostProcesses);
  numbers_.reserve(kMostProcesses);
}

void ProcessTable::Attribute(FlowRecord* record, int64_t now_ns) {
  const uint64_t cookie = SocketOf(*record);
  if (cookie == 0) return;
  FlowExtension& extension = record->extension;
  Socket& socket = Find(cookie);
  const auto now_ms = static_cast<uint64_t>(now_ns / kNsOfMs);
  const EncodedProcess* process = ProcessOf(socket);
  // A sock event names its process itself.
  const bool is_another = process != nullptr && extension.pid != 0 && extension.pid != process->pid;
  if (is_another || now_ms >= socket.ask_again_ms) {
    Ask(&socket, now_ms);
    process = ProcessOf(socket);
  }
  if (process == nullptr || (extension.pid != 0 && extension.pid != process->pid)) return;
  extension.pid = process->pid;
  extension.process = process;
}

uint64_t ProcessTable::SocketOf(const FlowRecord& record) {
  if (record.type != flow::L3_L4) return record.socket_cookie;
  if (record.socket_cookie == 0) {
    // Counts without a packet come without a socket, even where they are of one's own packets.
    const uint64_t sender = record.extension.counts_only ? senders_.SenderOf(record) : 0;
    return sender != 0 ? sender : senders_.ReceiverOf(record);
  }
  senders_.Note(record);
  return record.socket_cookie;
}

ProcessTable::Socket& ProcessTable::Find(uint64_t cookie) {
  Set& set = sets_[SetOf(cookie)];
  Socket* free = nullptr;
  for (Socket& socket : set.sockets) {
    if (socket.cookie == cookie) return socket;
    if (socket.cookie == 0) free = &socket;
  }
  Socket& found = free != nullptr ? *free : set.sockets[next_way_++ % set.sockets.size()];
  found = Socket{.cookie = cookie};
  return found;
}

void ProcessTable::AskAgain(Socket* socket, uint64_t at_ms) {
  socket->ask_again_ms = at_ms & ((1ull << Socket::kMsBits) - 1);
}

void ProcessTable::Ask(Socket* socket, uint64_t now_ms) {
  // First, since it may empty the table.
  if (processes_.size() >= kMostProcesses) Forget();
  SocketOwner owner;
  // Newer sockets may have taken its row: what was known of it stays.
  if (source_.FindOwner(socket->cookie, &owner)) socket->process = NumberOf(owner);
  if (socket->process != 0) {
    socket->misses = 0;
    AskAgain(socket, now_ms + kKnownForMs);
    return;
  }
  AskAgain(socket, now_ms + (kFirstPatienceMs << socket->misses));
  if (socket->misses < kMostDoublings) ++socket->misses;
}

uint16_t ProcessTable::NumberOf(const SocketOwner& owner) {
  const auto found = numbers_.find(owner);
  if (found != numbers_.end()) return found->second;
  Process process;
  process.pid = owner.pid;
  if (!source_.FindProcess(owner, &process)) return 0;
  source_.FindCgroup(owner.cgroup_id, &process.cgroup);
  process.container_id = std::string(ContainerIdOf(process.cgroup));
  processes_.push_back(std::make_unique<const EncodedProcess>(EncodeProcess(process)));
  const auto number = static_cast<uint16_t>(processes_.size());
  numbers_.emplace(owner, number);
  return number;
}

const EncodedProcess* ProcessTable::ProcessOf(const Socket& socket) const {
  return socket.process == 0 ? nullptr : processes_[socket.process - 1].get();
}

void ProcessTable::Forget() {
  for (Set& set : sets_) {
    for (Socket& socket : set.sockets) {
      socket.process = 0;
      socket.ask_again_ms = 0;
    }
  }
  processes_.clear();
  numbers_.clear();
}

}  // namespace alidade
