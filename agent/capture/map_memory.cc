// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/map_memory.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"

namespace alidade {

MapMemory MemoryOf(int map_fd) {
  MapMemory memory;
  bpf_map_info info{};
  uint32_t size = sizeof(info);
  if (bpf_map_get_info_by_fd(map_fd, &info, &size) == 0) {
    memory.name = info.name;
    memory.entries = info.max_entries;
  }
  // A map's fdinfo has a line "memlock:" with the bytes (kernel/bpf/syscall.c).
  std::ifstream file(absl::StrCat("/proc/self/fdinfo/", map_fd));
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string key;
    if (words >> key && key == "memlock:") words >> memory.bytes;
  }
  return memory;
}

}  // namespace alidade
