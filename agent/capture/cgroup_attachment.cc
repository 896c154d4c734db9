// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/cgroup_attachment.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/capture/program_name.h"
#include "agent/capture/system_error.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

// BPF_F_PREORDER of include/uapi/linux/bpf.h, which older headers do not have: run before the
// programs of the cgroups below, not behind them.
constexpr uint32_t kPreorder = 1u << 6;

// As many as the kernel lets stand on one hook of a cgroup (BPF_CGROUP_MAX_PROGS).
constexpr uint32_t kMostPrograms = 64;

}  // namespace

absl::StatusOr<CgroupAttachment> CgroupAttachment::Attach(bpf_object* object,
                                                          const std::string& path) {
  CgroupAttachment attachment;
  attachment.cgroup_ = FileDescriptor(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!attachment.cgroup_.valid()) return SystemError(errno, absl::StrCat("open cgroup ", path));
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object) {
    const std::string_view name = bpf_program__name(program);
    Attached attached{.program = program,
                      .place = name.starts_with("alidade_last_") ? Place::kLast : Place::kFirst,
                      .link = {}};
    ASSIGN_OR_RETURN(attached.link, attachment.Link(attached.program, attached.place));
    attachment.attached_.push_back(std::move(attached));
  }
  return attachment;
}

absl::StatusOr<FileDescriptor> CgroupAttachment::Link(const bpf_program* program, Place place) {
  const int program_fd = bpf_program__fd(program);
  const bpf_attach_type type = bpf_program__expected_attach_type(program);
  if (is_ordered_) {
    LIBBPF_OPTS(bpf_link_create_opts, options,
                .flags = place == Place::kFirst ? BPF_F_BEFORE | kPreorder : BPF_F_AFTER);
    FileDescriptor link(bpf_link_create(program_fd, cgroup_.get(), type, &options));
    if (link.valid()) return link;
    if (errno != EINVAL) {
      return SystemError(errno, absl::StrCat("attach ", bpf_program__section_name(program)));
    }
    is_ordered_ = false;
  }
  FileDescriptor link(bpf_link_create(program_fd, cgroup_.get(), type, nullptr));
  if (!link.valid()) {
    return SystemError(errno, absl::StrCat("attach ", bpf_program__section_name(program)));
  }
  return link;
}

bool CgroupAttachment::IsInPlace(const Attached& attached) const {
  if (attached.place == Place::kFirst && !is_ordered_) return true;  // as far as it can be
  std::array<uint32_t, kMostPrograms> ids{};
  LIBBPF_OPTS(bpf_prog_query_opts, query, .query_flags = BPF_F_QUERY_EFFECTIVE,
              .prog_ids = ids.data(), .prog_cnt = kMostPrograms);
  const bpf_attach_type type = bpf_program__expected_attach_type(attached.program);
  if (bpf_prog_query_opts(cgroup_.get(), type, &query) != 0 || query.prog_cnt == 0) return true;
  const uint32_t count = std::min(query.prog_cnt, kMostPrograms);
  const uint32_t found = attached.place == Place::kFirst ? ids[0] : ids[count - 1];
  // Another agent's is as good.
  return found == ProgramId(bpf_program__fd(attached.program)) || IsOurs(ProgramName(found));
}

absl::Status CgroupAttachment::KeepPlaces() {
  absl::Status first_error;
  for (Attached& attached : attached_) {
    if (IsInPlace(attached)) continue;
    // The new link stands before the old one goes: no call is missed.
    absl::StatusOr<FileDescriptor> link = Link(attached.program, attached.place);
    if (link.ok()) {
      attached.link = *std::move(link);
    } else if (first_error.ok()) {
      first_error = link.status();
    }
  }
  return first_error;
}

}  // namespace alidade
