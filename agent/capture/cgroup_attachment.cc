// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/cgroup_attachment.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/capture/cgroup_programs.h"
#include "agent/capture/program_name.h"
#include "agent/capture/system_error.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

// BPF_F_PREORDER of include/uapi/linux/bpf.h, which older headers do not have: run before the
// programs of the cgroups below, not behind them.
constexpr uint32_t kPreorder = 1u << 6;

}  // namespace

absl::StatusOr<CgroupAttachment> CgroupAttachment::Attach(
    bpf_object* object, const std::string& path, std::span<const bpf_attach_type> on_demand) {
  CgroupAttachment attachment;
  attachment.cgroup_ = FileDescriptor(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!attachment.cgroup_.valid()) return SystemError(errno, absl::StrCat("open cgroup ", path));
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object) {
    const std::string_view name = bpf_program__name(program);
    const bpf_attach_type type = bpf_program__expected_attach_type(program);
    Attached attached{
        .program = program,
        .place = name.starts_with("alidade_last_") ? Place::kLast : Place::kFirst,
        .is_on_demand = std::find(on_demand.begin(), on_demand.end(), type) != on_demand.end(),
        .link = {}};
    if (!attached.is_on_demand) {
      RETURN_IF_ERROR(attachment.Relink(&attached));
    }
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

absl::Status CgroupAttachment::Relink(Attached* attached) {
  ASSIGN_OR_RETURN(attached->link, Link(attached->program, attached->place));
  return absl::OkStatus();
}

bool CgroupAttachment::IsInPlace(const Attached& attached) const {
  if (attached.place == Place::kFirst && !is_ordered_) return true;  // as far as it can be
  const std::vector<uint32_t> ids = ProgramsOn(
      cgroup_.get(), bpf_program__expected_attach_type(attached.program), ProgramScope::kEffective);
  if (ids.empty()) return true;
  const uint32_t found = attached.place == Place::kFirst ? ids.front() : ids.back();
  // Another agent's is as good.
  return found == ProgramId(bpf_program__fd(attached.program)) || IsOurs(ProgramName(found));
}

absl::Status CgroupAttachment::KeepPlaces() {
  absl::Status first_error;
  for (Attached& attached : attached_) {
    if (!attached.link.valid() || IsInPlace(attached)) continue;
    first_error.Update(Relink(&attached));
  }
  return first_error;
}

absl::Status CgroupAttachment::Demand(bool wanted) {
  absl::Status first_error;
  const auto follow = [&](Attached& attached) {
    if (!attached.is_on_demand || attached.link.valid() == wanted) return;
    if (!wanted) {
      attached.link = FileDescriptor();
      return;
    }
    first_error.Update(Relink(&attached));
  };
  // What a first program notes, the last one takes away: it comes before it, where it can, and
  // goes after it.
  if (wanted && is_ordered_) {
    std::for_each(attached_.rbegin(), attached_.rend(), follow);
  } else {
    std::for_each(attached_.begin(), attached_.end(), follow);
  }
  return first_error;
}

std::set<uint32_t> CgroupAttachment::OnDemand() const {
  std::set<uint32_t> ids;
  for (const Attached& attached : attached_) {
    if (attached.is_on_demand) ids.insert(ProgramId(bpf_program__fd(attached.program)));
  }
  return ids;
}

}  // namespace alidade
