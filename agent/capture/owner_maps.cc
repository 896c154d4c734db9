// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/owner_maps.h"

#include <bpf/bpf.h>

#include <algorithm>
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
  socket_owner row{};
  if (bpf_map_lookup_elem(owners_fd_, &cookie, &row) != 0) return false;
  *owner = {.pid = row.pid,
            .exec_id = row.exec_id,
            .start_time = row.start_time,
            .cgroup_id = row.cgroup_id};
  return true;
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
