// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/mapped_map.h"

#include <sys/mman.h>

#include <cerrno>
#include <utility>

#include "agent/capture/system_error.h"

namespace alidade {

absl::StatusOr<MappedMap> MappedMap::Map(int map_fd, size_t bytes, size_t offset) {
  return Map(map_fd, bytes, offset, PROT_READ);
}

absl::StatusOr<MappedMap> MappedMap::MapWritable(int map_fd, size_t bytes) {
  return Map(map_fd, bytes, 0, PROT_READ | PROT_WRITE);
}

absl::StatusOr<MappedMap> MappedMap::Map(int map_fd, size_t bytes, size_t offset, int protection) {
  void* const memory =
      mmap(nullptr, bytes, protection, MAP_SHARED, map_fd, static_cast<off_t>(offset));
  if (memory == MAP_FAILED) return SystemError(errno, "map a BPF map into memory");
  MappedMap map;
  map.bytes_ = {static_cast<std::byte*>(memory), bytes};
  return map;
}

MappedMap::MappedMap(MappedMap&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

MappedMap& MappedMap::operator=(MappedMap&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}

MappedMap::~MappedMap() {
  if (!bytes_.empty()) munmap(bytes_.data(), bytes_.size());
}

}  // namespace alidade
