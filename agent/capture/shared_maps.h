// SPDX-License-Identifier: Apache-2.0
//
// The maps that hooks share. Those that user space reads or writes are made once and handed to
// every object by descriptor; those of bpf/lib/owner.h, listener.h and connection_table.h the first
// object that has them makes.
#ifndef ALIDADE_AGENT_CAPTURE_SHARED_MAPS_H_
#define ALIDADE_AGENT_CAPTURE_SHARED_MAPS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/capture/file_descriptor.h"
#include "agent/capture/map_memory.h"
#include "agent/capture/mapped_map.h"
#include "agent/capture/owner_maps.h"
#include "bpf/config.h"

struct bpf_object;

namespace alidade {

enum class SharedMap : uint8_t {
  kEvents,          // the event ring of each CPU (agent/capture/bpf_rings.h)
  kHookCounts,      // struct hook_count of each CPU and hook
  kLowInterfaces,   // struct interface_config by ifindex, below LOW_INTERFACES
  kInterfaces,      // likewise, others
  kCpuLimits,       // token bucket of each CPU (bpf/lib/limit.h)
  kSourceLimits,    // token bucket of each source and CPU
  kSocketOwners,    // struct owned_socket by cookie (bpf/owners.h)
  kAskedListeners,  // the listener that each CPU was asked for last
  kNotedOwners,     // the owner whose names each CPU has noted last
  kCount,
};

class SharedMaps {
 public:
  // Errors name the map, and what is missing to make it.
  static absl::StatusOr<SharedMaps> Create();

  int fd(SharedMap map) const { return descriptors_[static_cast<size_t>(map)].get(); }

  // Whether an object's map of this name is one of these.
  static bool IsShared(std::string_view name);
  // Before an object is loaded: gives it the maps that exist.
  absl::Status GiveTo(bpf_object* object) const;
  // After it was loaded: keeps those that it made for the next one.
  void TakeFrom(bpf_object* object);

  // Empty when no object that was loaded has these maps.
  std::optional<OwnerMaps> owners() const;

  // The counts of one hook, summed over CPUs.
  hook_count Count(hook_id id) const;
  // Records of all hooks that the ring of `cpu` had no room for.
  uint64_t LostOn(uint32_t cpu) const;
  std::vector<MapMemory> memory() const;

 private:
  struct Made {
    const char* name;
    FileDescriptor fd;
  };
  int made_fd(const char* name) const;

  std::array<FileDescriptor, static_cast<size_t>(SharedMap::kCount)> descriptors_;
  std::vector<Made> made_;
  std::optional<MappedMap> hook_counts_;  // both always there, once made
  std::optional<MappedMap> socket_owners_;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_SHARED_MAPS_H_
