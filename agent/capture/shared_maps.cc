// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/shared_maps.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/capture/system_error.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

struct Row {
  const char* name;  // in the objects; cut to 15 characters, also in the kernel
  bpf_map_type type;
  uint32_t key_bytes;
  uint32_t value_bytes;
  uint32_t entries;
  bool per_cpu;  // so many for each CPU
  uint32_t flags;
};

// In the order of SharedMap; as bpf/lib/emit.h, interface.h, limit.h, owned_socket.h, listener.h
// and owner.h declare them.
constexpr Row kRows[] = {
    {"events", BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, 1, true, 0},
    {"hook_counts", BPF_MAP_TYPE_ARRAY, 4, sizeof(hook_count), HOOK_MAX, true, BPF_F_MMAPABLE},
    {"low_interfaces", BPF_MAP_TYPE_ARRAY, 4, sizeof(interface_config), LOW_INTERFACES, false, 0},
    {"interfaces", BPF_MAP_TYPE_HASH, 4, sizeof(interface_config), HIGH_INTERFACES, false,
     BPF_F_NO_PREALLOC},
    {"cpu_limits", BPF_MAP_TYPE_ARRAY, 4, sizeof(cpu_limit), 1, true, BPF_F_MMAPABLE},
    {"source_limits", BPF_MAP_TYPE_ARRAY, 4, sizeof(source_set), SOURCE_SETS, true, BPF_F_MMAPABLE},
    {"socket_owners", BPF_MAP_TYPE_ARRAY, 4, sizeof(owned_socket), SOCKET_OWNERS, false,
     BPF_F_MMAPABLE},
    {"asked_listeners", BPF_MAP_TYPE_ARRAY, 4, sizeof(asked_listener), 1, true, BPF_F_MMAPABLE},
    {"noted_owners", BPF_MAP_TYPE_ARRAY, 4, sizeof(noted_owner), 1, true, BPF_F_MMAPABLE},
};
static_assert(std::size(kRows) == static_cast<size_t>(SharedMap::kCount));

// The maps that the first object to have them makes for all.
constexpr const char* kMadeByObjects[] = {"processes", "cgroup_paths", "listeners",
                                          "connection_sets", "connection_locks"};

// Each number is exact; a program may be between two of them.
void Add(const __u64& counted, __u64* sum) { *sum += __atomic_load_n(&counted, __ATOMIC_RELAXED); }

absl::Status ReuseMap(bpf_object* object, const char* name, int fd) {
  bpf_map* map = bpf_object__find_map_by_name(object, name);
  if (map == nullptr || fd < 0) return absl::OkStatus();
  const int error = bpf_map__reuse_fd(map, fd);
  if (error != 0) return SystemError(error, absl::StrCat("share the map ", name));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SharedMaps> SharedMaps::Create() {
  SharedMaps maps;
  const int cpus = libbpf_num_possible_cpus();
  if (cpus <= 0) return SystemError(cpus, "count the CPUs");
  for (size_t i = 0; i < std::size(kRows); ++i) {
    const Row& row = kRows[i];
    const uint32_t entries = row.entries * (row.per_cpu ? static_cast<uint32_t>(cpus) : 1);
    LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = row.flags);
    FileDescriptor pattern;  // of the maps inside
    if (row.type == BPF_MAP_TYPE_ARRAY_OF_MAPS) {
      pattern =
          FileDescriptor(bpf_map_create(BPF_MAP_TYPE_RINGBUF, row.name, 0, 0,
                                        static_cast<uint32_t>(getpagesize()), /*opts=*/nullptr));
      options.inner_map_fd = static_cast<uint32_t>(pattern.get());
    }
    maps.descriptors_[i] = FileDescriptor(
        bpf_map_create(row.type, row.name, row.key_bytes, row.value_bytes, entries, &options));
    if (!maps.descriptors_[i].valid()) {
      return SystemError(errno, absl::StrCat("create the map ", row.name, " (needs CAP_BPF)"));
    }
  }
  ASSIGN_OR_RETURN(maps.hook_counts_,
                   MappedMap::Map(maps.fd(SharedMap::kHookCounts),
                                  sizeof(hook_count) * HOOK_MAX * static_cast<size_t>(cpus)));
  ASSIGN_OR_RETURN(maps.socket_owners_, MappedMap::Map(maps.fd(SharedMap::kSocketOwners),
                                                       sizeof(owned_socket) * SOCKET_OWNERS));
  return maps;
}

bool SharedMaps::IsShared(std::string_view name) {
  return std::any_of(std::begin(kRows), std::end(kRows),
                     [name](const Row& row) { return name == row.name; }) ||
         std::any_of(std::begin(kMadeByObjects), std::end(kMadeByObjects),
                     [name](const char* made) { return name == made; });
}

absl::Status SharedMaps::GiveTo(bpf_object* object) const {
  for (size_t i = 0; i < std::size(kRows); ++i) {
    RETURN_IF_ERROR(ReuseMap(object, kRows[i].name, descriptors_[i].get()));
  }
  for (const Made& made : made_) RETURN_IF_ERROR(ReuseMap(object, made.name, made.fd.get()));
  return absl::OkStatus();
}

void SharedMaps::TakeFrom(bpf_object* object) {
  for (const char* name : kMadeByObjects) {
    const bpf_map* map = bpf_object__find_map_by_name(object, name);
    if (map == nullptr || made_fd(name) >= 0) continue;
    FileDescriptor fd(fcntl(bpf_map__fd(map), F_DUPFD_CLOEXEC, 0));
    if (fd.valid()) made_.push_back({name, std::move(fd)});
  }
}

std::optional<OwnerMaps> SharedMaps::owners() const {
  if (made_fd("processes") < 0) return std::nullopt;
  return OwnerMaps(socket_owners_->rows<owned_socket>(), made_fd("processes"),
                   made_fd("cgroup_paths"));
}

int SharedMaps::made_fd(const char* name) const {
  for (const Made& made : made_) {
    if (std::string_view(made.name) == name) return made.fd.get();
  }
  return -1;
}

hook_count SharedMaps::Count(hook_id id) const {
  const std::span<const hook_count> rows = hook_counts_->rows<hook_count>();
  hook_count sum{};
  for (size_t row = id; row < rows.size(); row += HOOK_MAX) {
    const hook_count& count = rows[row];
    Add(count.seen, &sum.seen);
    Add(count.emitted, &sum.emitted);
    Add(count.lost, &sum.lost);
    Add(count.failed, &sum.failed);
    Add(count.ignored, &sum.ignored);
    Add(count.limited, &sum.limited);
    Add(count.sampled, &sum.sampled);
    Add(count.untold, &sum.untold);
  }
  return sum;
}

uint64_t SharedMaps::LostOn(uint32_t cpu) const {
  __u64 sum = 0;
  for (const hook_count& count :
       hook_counts_->rows<hook_count>().subspan(size_t{cpu} * HOOK_MAX, HOOK_MAX)) {
    Add(count.lost, &sum);
  }
  return sum;
}

std::vector<MapMemory> SharedMaps::memory() const {
  std::vector<MapMemory> all;
  for (const FileDescriptor& descriptor : descriptors_) all.push_back(MemoryOf(descriptor.get()));
  for (const Made& made : made_) all.push_back(MemoryOf(made.fd.get()));
  return all;
}

}  // namespace alidade
