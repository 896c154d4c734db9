// SPDX-License-Identifier: Apache-2.0
//
// The rows of a BPF array that was made to be mapped (BPF_F_MMAPABLE), read where the programs
// write them: no system call for each look.
#ifndef ALIDADE_AGENT_CAPTURE_MAPPED_MAP_H_
#define ALIDADE_AGENT_CAPTURE_MAPPED_MAP_H_

#include <cstddef>
#include <span>

#include "absl/status/statusor.h"

namespace alidade {

class MappedMap {
 public:
  // Maps the first `bytes` of the map. `map_fd` may be closed afterwards.
  static absl::StatusOr<MappedMap> Map(int map_fd, size_t bytes);
  MappedMap(MappedMap&& other) noexcept;
  MappedMap& operator=(MappedMap&& other) noexcept;
  ~MappedMap();

  // As rows of the map's value, which takes a multiple of eight bytes.
  template <typename Row>
  std::span<const Row> rows() const {
    static_assert(sizeof(Row) % 8 == 0);
    return {reinterpret_cast<const Row*>(bytes_.data()), bytes_.size() / sizeof(Row)};
  }

 private:
  MappedMap() = default;

  std::span<const std::byte> bytes_;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_MAPPED_MAP_H_
