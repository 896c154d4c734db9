// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/interface_table.h"

#include <bpf/bpf.h>

#include <cerrno>

#include "agent/capture/system_error.h"

namespace alidade {

InterfaceTable::InterfaceTable(const SharedMaps& maps)
    : low_fd_(maps.fd(SharedMap::kLowInterfaces)), others_fd_(maps.fd(SharedMap::kInterfaces)) {}

int InterfaceTable::FdOf(uint32_t ifindex) const {
  return ifindex < LOW_INTERFACES ? low_fd_ : others_fd_;
}

absl::Status InterfaceTable::Set(uint32_t ifindex, interface_config config) {
  config.flags |= INTERFACE_KNOWN;
  absl::MutexLock lock(&mutex_);
  gone_.erase(ifindex);
  if (bpf_map_update_elem(FdOf(ifindex), &ifindex, &config, BPF_ANY) == 0) return absl::OkStatus();
  return SystemError(errno, "tell the program about the interface");
}

void InterfaceTable::RemoveRow(uint32_t ifindex) {
  // A row of an array cannot be deleted: zero is none.
  constexpr interface_config kNone{};
  if (ifindex < LOW_INTERFACES) {
    bpf_map_update_elem(low_fd_, &ifindex, &kNone, BPF_ANY);
  } else {
    bpf_map_delete_elem(others_fd_, &ifindex);
  }
}

void InterfaceTable::Remove(uint32_t ifindex) {
  absl::MutexLock lock(&mutex_);
  gone_.erase(ifindex);
  RemoveRow(ifindex);
}

void InterfaceTable::SayGone(uint32_t ifindex) {
  absl::MutexLock lock(&mutex_);
  interface_config config{};
  if (bpf_map_lookup_elem(FdOf(ifindex), &ifindex, &config) != 0) return;
  config.flags |= INTERFACE_IS_GONE;
  if (keeps_gone_ && bpf_map_update_elem(FdOf(ifindex), &ifindex, &config, BPF_EXIST) == 0) {
    gone_.insert(ifindex);
  } else {
    RemoveRow(ifindex);
  }
}

void InterfaceTable::KeepGone() {
  absl::MutexLock lock(&mutex_);
  keeps_gone_ = true;
}

std::set<uint32_t> InterfaceTable::Gone() const {
  absl::MutexLock lock(&mutex_);
  return gone_;
}

void InterfaceTable::RemoveGone(const std::set<uint32_t>& told) {
  absl::MutexLock lock(&mutex_);
  for (const uint32_t ifindex : told) {
    if (gone_.erase(ifindex) != 0) RemoveRow(ifindex);
  }
}

}  // namespace alidade
