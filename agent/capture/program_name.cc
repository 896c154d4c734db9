// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/program_name.h"

#include <bpf/bpf.h>

#include "agent/capture/file_descriptor.h"

namespace alidade {

std::string ProgramName(uint32_t program_id) {
  FileDescriptor program(bpf_prog_get_fd_by_id(program_id));
  bpf_prog_info found{};
  uint32_t size = sizeof(found);
  if (!program.valid() || bpf_prog_get_info_by_fd(program.get(), &found, &size) != 0) return {};
  return found.name;
}

uint32_t ProgramId(int fd) {
  bpf_prog_info found{};
  uint32_t size = sizeof(found);
  return bpf_prog_get_info_by_fd(fd, &found, &size) == 0 ? found.id : 0;
}

}  // namespace alidade
