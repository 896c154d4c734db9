// SPDX-License-Identifier: Apache-2.0
//
// What a BPF map costs the kernel.
#ifndef ALIDADE_AGENT_CAPTURE_MAP_MEMORY_H_
#define ALIDADE_AGENT_CAPTURE_MAP_MEMORY_H_

#include <cstdint>
#include <string>

namespace alidade {

// The memory of one kind of map, or of the BPF rings.
struct MapMemory {
  std::string name;
  uint64_t bytes = 0;
  uint32_t entries = 0;  // most that it can hold
};

// Asks the kernel about the map behind the descriptor `map_fd`. Since 6.4 it tells what the map
// really takes; before, what it would take with every entry used; 0 when it does not tell.
MapMemory MemoryOf(int map_fd);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_MAP_MEMORY_H_
