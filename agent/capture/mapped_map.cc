// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/mapped_map.h"

#include <sys/mman.h>

#include <cerrno>
#include <utility>

#include "agent/capture/system_error.h"

namespace alidade {

absl::StatusOr<MappedMap> MappedMap::Map(int map_fd, size_t bytes) {
  void* const memory = mmap(nullptr, bytes, PROT_READ, MAP_SHARED, map_fd, 0);
  if (memory == MAP_FAILED) return SystemError(errno, "map a BPF map into memory");
  MappedMap map;
  map.bytes_ = {static_cast<const std::byte*>(memory), bytes};
  return map;
}

MappedMap::MappedMap(MappedMap&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

MappedMap& MappedMap::operator=(MappedMap&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}

MappedMap::~MappedMap() {
  if (!bytes_.empty()) munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

}  // namespace alidade
