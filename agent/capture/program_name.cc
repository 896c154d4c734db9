// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/program_name.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <string.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "agent/capture/file_descriptor.h"
#include "bpf/program_name.h"
#include "bpf/program_names.skel.h"

namespace alidade {
namespace {

// The link of the iterator; negative when there is none. Never closed: it is the process's.
int names_link = -1;

std::string TextOf(const char (&name)[16]) { return {name, strnlen(name, sizeof(name))}; }

std::string ListedName(uint32_t program_id) {
  const FileDescriptor list(bpf_iter_create(names_link));
  if (!list.valid()) return {};
  std::array<program_name, 64> rows{};
  while (true) {
    // The kernel hands out whole rows.
    const ssize_t bytes = read(list.get(), rows.data(), sizeof(rows));
    if (bytes < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (bytes <= 0) return {};
    for (size_t i = 0; i < static_cast<size_t>(bytes) / sizeof(program_name); ++i) {
      if (rows[i].id == program_id) return TextOf(rows[i].name);
    }
  }
}

}  // namespace

bool PrepareProgramNames() {
  program_names_bpf* const object = program_names_bpf__open_and_load();
  if (object == nullptr) return false;
  bpf_link* const link = bpf_program__attach_iter(object->progs.alidade_names, nullptr);
  if (link != nullptr) {
    names_link = dup(bpf_link__fd(link));
    bpf_link__destroy(link);
  }
  program_names_bpf__destroy(object);
  return names_link >= 0;
}

std::string ProgramName(uint32_t program_id) {
  if (names_link >= 0) return ListedName(program_id);
  FileDescriptor program(bpf_prog_get_fd_by_id(program_id));  // needs CAP_SYS_ADMIN
  bpf_prog_info found{};
  uint32_t size = sizeof(found);
  if (!program.valid() || bpf_prog_get_info_by_fd(program.get(), &found, &size) != 0) return {};
  return TextOf(found.name);
}

uint32_t ProgramId(int fd) {
  bpf_prog_info found{};
  uint32_t size = sizeof(found);
  return bpf_prog_get_info_by_fd(fd, &found, &size) == 0 ? found.id : 0;
}

}  // namespace alidade
