// SPDX-License-Identifier: Apache-2.0
//
// A BPF map that can be mapped (an array made with BPF_F_MMAPABLE, a ring buffer), read where the
// programs write it: no system call for each look.
#ifndef ALIDADE_AGENT_CAPTURE_MAPPED_MAP_H_
#define ALIDADE_AGENT_CAPTURE_MAPPED_MAP_H_

#include <cstddef>
#include <span>

#include "absl/status/statusor.h"

namespace alidade {

class MappedMap {
 public:
  // Maps `bytes` of the map, from `offset` on, a multiple of the page size. `map_fd` may be closed
  // afterwards.
  static absl::StatusOr<MappedMap> Map(int map_fd, size_t bytes, size_t offset = 0);
  // Likewise its beginning, to be written too.
  static absl::StatusOr<MappedMap> MapWritable(int map_fd, size_t bytes);
  MappedMap() = default;
  MappedMap(MappedMap&& other) noexcept;
  MappedMap& operator=(MappedMap&& other) noexcept;
  ~MappedMap();

  std::byte* data() const { return bytes_.data(); }  // written only when MapWritable made it
  // As rows of the map's value, which takes a multiple of eight bytes.
  template <typename Row>
  std::span<const Row> rows() const {
    static_assert(sizeof(Row) % 8 == 0);
    return {reinterpret_cast<const Row*>(bytes_.data()), bytes_.size() / sizeof(Row)};
  }

 private:
  static absl::StatusOr<MappedMap> Map(int map_fd, size_t bytes, size_t offset, int protection);

  std::span<std::byte> bytes_;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_MAPPED_MAP_H_
