// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/interface_table.h"

#include <bpf/bpf.h>

#include <cerrno>

#include "agent/capture/system_error.h"

namespace alidade {

InterfaceTable::InterfaceTable(const SharedMaps& maps)
    : low_fd_(maps.fd(SharedMap::kLowInterfaces)), others_fd_(maps.fd(SharedMap::kInterfaces)) {}

absl::Status InterfaceTable::Set(uint32_t ifindex, interface_config config) {
  config.flags |= INTERFACE_KNOWN;
  const int fd = ifindex < LOW_INTERFACES ? low_fd_ : others_fd_;
  if (bpf_map_update_elem(fd, &ifindex, &config, BPF_ANY) == 0) return absl::OkStatus();
  return SystemError(errno, "tell the program about the interface");
}

void InterfaceTable::Remove(uint32_t ifindex) {
  // A row of an array cannot be deleted: zero is none.
  constexpr interface_config kNone{};
  if (ifindex < LOW_INTERFACES) {
    bpf_map_update_elem(low_fd_, &ifindex, &kNone, BPF_ANY);
  } else {
    bpf_map_delete_elem(others_fd_, &ifindex);
  }
}

}  // namespace alidade
