// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/pinned_rings.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "agent/capture/system_error.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

int Silent(libbpf_print_level, const char*, va_list) { return 0; }

}  // namespace

absl::StatusOr<PinnedRings> PinnedRings::Open(const std::string& path, uint32_t pages) {
  libbpf_set_print(Silent);  // failures come back as statuses
  FileDescriptor map(bpf_obj_get(path.c_str()));
  if (!map.valid()) return SystemError(errno, absl::StrCat("open the pinned map ", path));
  bpf_map_info info{};
  uint32_t bytes = sizeof(info);
  const bool is_known = bpf_obj_get_info_by_fd(map.get(), &info, &bytes) == 0;
  if (!is_known || info.type != BPF_MAP_TYPE_PERF_EVENT_ARRAY) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is not a perf event array"));
  }
  ASSIGN_OR_RETURN(std::unique_ptr<PerfRings> rings,
                   PerfRings::Open(map.get(), pages, Origin::kCilium));
  return PinnedRings(std::move(map), std::move(rings));
}

}  // namespace alidade
