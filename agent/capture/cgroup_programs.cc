// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/cgroup_programs.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <deque>
#include <memory>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "agent/capture/file_descriptor.h"
#include "agent/capture/program_name.h"

namespace alidade {
namespace {

// As many as the kernel lets stand on one hook of a cgroup (BPF_CGROUP_MAX_PROGS).
constexpr uint32_t kMostPrograms = 64;

// Some twenty times what a node with 250 pods has.
constexpr size_t kMostCgroups = 16384;

// The kernel's own file systems tell what an entry is; a cgroup that is gone has none.
void AppendFolders(const std::string& folder, std::deque<std::string>* folders) {
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(opendir(folder.c_str()), closedir);
  if (entries == nullptr) return;
  while (const dirent* entry = readdir(entries.get())) {
    const std::string_view name = entry->d_name;
    if (entry->d_type != DT_DIR || name == "." || name == "..") continue;
    folders->push_back(absl::StrCat(folder, "/", entry->d_name));
  }
}

}  // namespace

std::vector<uint32_t> ProgramsOn(int cgroup_fd, bpf_attach_type type, ProgramScope scope) {
  std::array<uint32_t, kMostPrograms> ids{};
  LIBBPF_OPTS(bpf_prog_query_opts, query,
              .query_flags = scope == ProgramScope::kEffective ? BPF_F_QUERY_EFFECTIVE : 0u,
              .prog_ids = ids.data(), .prog_cnt = kMostPrograms);
  if (bpf_prog_query_opts(cgroup_fd, type, &query) != 0) return {};
  return {ids.begin(), ids.begin() + std::min(query.prog_cnt, kMostPrograms)};
}

bool OtherPrograms::AreOn(const std::string& folder, ProgramScope scope) const {
  const FileDescriptor cgroup(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!cgroup.valid()) return false;
  for (const bpf_attach_type type : types_) {
    for (const uint32_t id : ProgramsOn(cgroup.get(), type, scope)) {
      if (!own_.contains(id) && !IsOurs(ProgramName(id))) return true;
    }
  }
  return false;
}

bool OtherPrograms::AtRoot() const { return AreOn(root_, ProgramScope::kEffective); }

bool OtherPrograms::Anywhere() const {
  if (AtRoot()) return true;
  std::deque<std::string> folders;
  AppendFolders(root_, &folders);
  for (size_t looked_at = 0; !folders.empty(); ++looked_at) {
    if (looked_at == kMostCgroups) return true;
    const std::string folder = std::move(folders.front());
    folders.pop_front();
    if (AreOn(folder, ProgramScope::kAttached)) return true;
    AppendFolders(folder, &folders);
  }
  return false;
}

}  // namespace alidade
