// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/owner_maps.h"

#include <bpf/bpf.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <string_view>

namespace alidade {

std::string PathOf(const reversed_path& path) {
  const std::string_view names(path.names, std::min<size_t>(path.bytes, sizeof(path.names)));
  if (names.empty()) return path.complete != 0 ? "/" : "";
  std::string text = path.complete != 0 ? "" : "...";
  size_t end = names.size();
  while (end > 0) {
    const size_t last = end - 1;  // a NUL
    const size_t before = last == 0 ? std::string_view::npos : names.rfind('\0', last - 1);
    const size_t begin = before == std::string_view::npos ? 0 : before + 1;
    text += '/';
    text += names.substr(begin, last - begin);
    end = begin;
  }
  return text;
}

bool OwnerMaps::FindOwner(uint64_t cookie, SocketOwner* owner) const {
  const owned_socket& row = owners_[cookie % owners_.size()];
  if (__atomic_load_n(&row.cookie, __ATOMIC_ACQUIRE) != cookie) return false;
  *owner = {.pid = __atomic_load_n(&row.owner.pid, __ATOMIC_RELAXED),
            .exec_id = __atomic_load_n(&row.owner.exec_id, __ATOMIC_RELAXED),
            .start_time = __atomic_load_n(&row.owner.start_time, __ATOMIC_RELAXED),
            .cgroup_id = __atomic_load_n(&row.owner.cgroup_id, __ATOMIC_RELAXED)};
  // Unless a program has written it meanwhile.
  std::atomic_thread_fence(std::memory_order_acquire);
  return __atomic_load_n(&row.cookie, __ATOMIC_RELAXED) == cookie;
}

bool OwnerMaps::FindProcess(const SocketOwner& owner, Process* process) const {
  process_facts row{};
  if (bpf_map_lookup_elem(processes_fd_, &owner.pid, &row) != 0) return false;
  // The pid may belong to somebody else by now, or to the same process with another program.
  if (row.start_time != owner.start_time || row.exec_id != owner.exec_id) return false;
  process->command.assign(row.comm, strnlen(row.comm, sizeof(row.comm)));
  process->executable = PathOf(row.executable);
  return true;
}

bool OwnerMaps::FindCgroup(uint64_t id, std::string* path) const {
  cgroup_path row{};
  if (bpf_map_lookup_elem(cgroups_fd_, &id, &row) != 0 || row.id != id) return false;
  *path = PathOf(row.path);
  return true;
}

}  // namespace alidade
