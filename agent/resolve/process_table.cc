// SPDX-License-Identifier: Apache-2.0
#include "agent/resolve/process_table.h"

#include <algorithm>
#include <string>
#include <utility>

#include "agent/resolve/container_id.h"

namespace alidade {
namespace {

constexpr size_t kWays = 4;
constexpr size_t kSets = 16'384;
constexpr size_t kMostProcesses = 8'192;

// An owner is asked again after this long: the socket may have been handed to another process.
constexpr int64_t kKnownForNs = 10'000'000'000;
// A socket without an owner is asked again soon, then less and less often: an accepted socket has
// packets before it has an owner, one of the kernel's own never gets any.
constexpr int64_t kFirstPatienceNs = 1'000'000;
constexpr uint32_t kMostDoublings = 13;  // about 8 s

// Cookies are counted upwards: as they are they share the sets evenly, and sockets that were made
// one after the other stand side by side, where the processor fetches them ahead.
size_t SetOf(uint64_t cookie) { return static_cast<size_t>(cookie) % kSets; }

}  // namespace

ProcessTable::ProcessTable(const SocketOwnerSource& source)
    : source_(source), sockets_(kSets * kWays) {
  processes_.reserve(kMostProcesses);
}

void ProcessTable::Attribute(FlowRecord* record, int64_t now_ns) {
  const uint64_t cookie = SocketOf(*record);
  if (cookie == 0) return;
  FlowExtension& extension = record->extension;
  Socket& socket = Find(cookie);
  const auto is_stale = [&] {
    // A sock event names its process itself.
    const bool is_another =
        socket.process != nullptr && extension.pid != 0 && extension.pid != socket.process->pid;
    return is_another || now_ns >= socket.ask_again_ns;
  };
  if (is_stale()) Ask(&socket, now_ns);
  const Process* process = socket.process;
  if (process == nullptr || (extension.pid != 0 && extension.pid != process->pid)) return;
  extension.pid = process->pid;
  if (extension.comm.empty()) extension.comm = process->command;
  extension.executable = process->executable;
  extension.cgroup = process->cgroup;
  extension.container_id = process->container_id;
}

uint64_t ProcessTable::SocketOf(const FlowRecord& record) {
  if (record.type != flow::L3_L4) return record.socket_cookie;
  if (record.socket_cookie == 0) return senders_.ReceiverOf(record);
  senders_.Note(record);
  return record.socket_cookie;
}

ProcessTable::Socket& ProcessTable::Find(uint64_t cookie) {
  Socket* const set = &sockets_[SetOf(cookie) * kWays];
  Socket* free = nullptr;
  for (Socket* socket = set; socket != set + kWays; ++socket) {
    if (socket->cookie == cookie) return *socket;
    if (socket->cookie == 0) free = socket;
  }
  Socket& found = free != nullptr ? *free : set[next_way_++ % kWays];
  found = Socket{.cookie = cookie};
  return found;
}

void ProcessTable::Ask(Socket* socket, int64_t now_ns) {
  // First, since it may empty the table.
  if (processes_.size() >= kMostProcesses) Forget();
  SocketOwner owner;
  // Newer sockets may have taken its row: what was known of it stays.
  if (source_.FindOwner(socket->cookie, &owner)) socket->process = ProcessOf(owner);
  if (socket->process != nullptr) {
    socket->misses = 0;
    socket->ask_again_ns = now_ns + kKnownForNs;
    return;
  }
  socket->ask_again_ns = now_ns + (kFirstPatienceNs << std::min(socket->misses, kMostDoublings));
  ++socket->misses;
}

const Process* ProcessTable::ProcessOf(const SocketOwner& owner) {
  const auto found = processes_.find(owner);
  if (found != processes_.end()) return found->second.get();
  auto process = std::make_unique<Process>();
  process->pid = owner.pid;
  if (!source_.FindProcess(owner, process.get())) return nullptr;
  source_.FindCgroup(owner.cgroup_id, &process->cgroup);
  process->container_id = std::string(ContainerIdOf(process->cgroup));
  return processes_.emplace(owner, std::move(process)).first->second.get();
}

void ProcessTable::Forget() {
  for (Socket& socket : sockets_) {
    socket.process = nullptr;
    socket.ask_again_ns = 0;
  }
  processes_.clear();
}

}  // namespace alidade
