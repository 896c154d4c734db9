// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/tc_attachment.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <array>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/capture/program_name.h"
#include "agent/capture/system_error.h"
#include "agent/capture/tc_filters.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

// Ours among the filters of an interface: "al" and "id" in hexadecimal spelling where it fits.
constexpr uint32_t kFilterHandle = 0xa11dade;
constexpr uint32_t kFilterPriority = 0xa11d;

// As many as the kernel lets stand on one hook (BPF_MPROG_MAX).
constexpr uint32_t kMostPrograms = 64;

// The link is made by number, not by libbpf's program, so that the same program serves tcx and
// clsact. Closing its descriptor detaches.
absl::StatusOr<FileDescriptor> AttachLink(const bpf_program* program, uint32_t ifindex,
                                          bpf_attach_type type) {
  LIBBPF_OPTS(bpf_link_create_opts, options, .flags = BPF_F_BEFORE);
  FileDescriptor link(
      bpf_link_create(bpf_program__fd(program), static_cast<int>(ifindex), type, &options));
  if (!link.valid()) {
    // A kernel before 6.6 does not know the attach type.
    return SystemError(errno == EINVAL ? EOPNOTSUPP : errno, "attach tcx link");
  }
  return link;
}

bpf_tc_hook HookOf(uint32_t ifindex, bpf_tc_attach_point point) {
  bpf_tc_hook hook{};
  hook.sz = sizeof(hook);
  hook.ifindex = static_cast<int>(ifindex);
  hook.attach_point = point;
  return hook;
}

// Both hooks together stand for the qdisc itself.
bpf_tc_hook ClsactQdisc(uint32_t ifindex) {
  return HookOf(ifindex, static_cast<bpf_tc_attach_point>(BPF_TC_INGRESS | BPF_TC_EGRESS));
}

bpf_tc_opts OurFilter() {
  bpf_tc_opts options{};
  options.sz = sizeof(options);
  options.handle = kFilterHandle;
  options.priority = kFilterPriority;
  return options;
}

bool RemoveOurFilter(uint32_t ifindex, bpf_tc_attach_point point) {
  bpf_tc_hook hook = HookOf(ifindex, point);
  bpf_tc_opts options = OurFilter();
  if (bpf_tc_query(&hook, &options) != 0 || !IsOurs(ProgramName(options.prog_id))) return false;
  // What the query filled in must not be said when detaching.
  options = OurFilter();
  return bpf_tc_detach(&hook, &options) == 0;
}

absl::Status AttachFilter(const bpf_program* program, uint32_t ifindex, bpf_tc_attach_point point) {
  bpf_tc_hook hook = HookOf(ifindex, point);
  bpf_tc_opts options = OurFilter();
  options.prog_fd = bpf_program__fd(program);
  options.flags = BPF_TC_F_REPLACE;
  const int error = bpf_tc_attach(&hook, &options);
  if (error != 0) return SystemError(error, "attach clsact filter");
  return absl::OkStatus();
}

void AddTcxAhead(uint32_t ifindex, bpf_attach_type type, const char* what,
                 std::vector<std::string>* ahead) {
  std::array<uint32_t, kMostPrograms> ids{};
  LIBBPF_OPTS(bpf_prog_query_opts, query, .prog_ids = ids.data(), .prog_cnt = kMostPrograms);
  if (bpf_prog_query_opts(static_cast<int>(ifindex), type, &query) != 0) return;
  // Without ours among them it is a clsact filter, which comes after all of tcx.
  for (uint32_t i = 0; i < query.prog_cnt && i < kMostPrograms; ++i) {
    const std::string name = ProgramName(ids[i]);
    if (IsOurs(name)) return;
    ahead->push_back(absl::StrCat(what, " ", name));
  }
}

void AddFiltersAhead(uint32_t ifindex, TcDirection direction, const char* what,
                     std::vector<std::string>* ahead) {
  const auto filters = ClsactFilters(ifindex, direction);
  if (!filters.ok()) return;
  for (const TcFilter& filter : *filters) {
    if (filter.chain != 0 || filter.priority >= kFilterPriority) continue;
    ahead->push_back(absl::StrCat(what, " ", filter.kind, filter.name.empty() ? "" : " ",
                                  filter.name, " (pref ", filter.priority, ")"));
  }
}

// True when in doubt.
bool HasClsactFilters(uint32_t ifindex) {
  for (const TcDirection direction : {TcDirection::kIngress, TcDirection::kEgress}) {
    const auto filters = ClsactFilters(ifindex, direction);
    if (!filters.ok() || !filters->empty()) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<TcAttachment> TcAttachment::AttachTcx(const TcPrograms& programs, uint32_t ifindex) {
  TcAttachment attachment;
  ASSIGN_OR_RETURN(attachment.ingress_link_,
                   AttachLink(programs.ingress, ifindex, BPF_TCX_INGRESS));
  ASSIGN_OR_RETURN(attachment.egress_link_, AttachLink(programs.egress, ifindex, BPF_TCX_EGRESS));
  return attachment;
}

absl::StatusOr<TcAttachment> TcAttachment::AttachClsact(const TcPrograms& programs,
                                                        uint32_t ifindex) {
  TcAttachment attachment;
  bpf_tc_hook qdisc = ClsactQdisc(ifindex);
  const int error = bpf_tc_hook_create(&qdisc);
  if (error != 0 && error != -EEXIST) return SystemError(error, "create clsact qdisc");
  attachment.made_qdisc_ = error == 0;
  attachment.filter_ifindex_ = ifindex;
  RETURN_IF_ERROR(AttachFilter(programs.ingress, ifindex, BPF_TC_INGRESS));
  RETURN_IF_ERROR(AttachFilter(programs.egress, ifindex, BPF_TC_EGRESS));
  return attachment;
}

TcAttachment::TcAttachment(TcAttachment&& other) noexcept { *this = std::move(other); }

TcAttachment& TcAttachment::operator=(TcAttachment&& other) noexcept {
  ingress_link_ = std::move(other.ingress_link_);
  egress_link_ = std::move(other.egress_link_);
  std::swap(filter_ifindex_, other.filter_ifindex_);
  std::swap(made_qdisc_, other.made_qdisc_);
  return *this;
}

TcAttachment::~TcAttachment() {
  if (filter_ifindex_ == 0) return;
  RemoveLeftoverFilters(filter_ifindex_);
  // Somebody may have come to use the qdisc that we made; then it stays.
  if (!made_qdisc_ || HasClsactFilters(filter_ifindex_)) return;
  bpf_tc_hook qdisc = ClsactQdisc(filter_ifindex_);
  bpf_tc_hook_destroy(&qdisc);
}

void TcAttachment::Forget() { filter_ifindex_ = 0; }

std::vector<std::string> ProgramsAhead(uint32_t ifindex, std::string_view mechanism) {
  std::vector<std::string> ahead;
  uint32_t xdp = 0;
  if (bpf_xdp_query_id(static_cast<int>(ifindex), 0, &xdp) == 0 && xdp != 0) {
    ahead.push_back(absl::StrCat("xdp ", ProgramName(xdp)));
  }
  AddTcxAhead(ifindex, BPF_TCX_INGRESS, "tcx ingress", &ahead);
  AddTcxAhead(ifindex, BPF_TCX_EGRESS, "tcx egress", &ahead);
  if (mechanism == "clsact") {
    AddFiltersAhead(ifindex, TcDirection::kIngress, "clsact ingress", &ahead);
    AddFiltersAhead(ifindex, TcDirection::kEgress, "clsact egress", &ahead);
  }
  return ahead;
}

bool RemoveLeftoverFilters(uint32_t ifindex) {
  const bool ingress = RemoveOurFilter(ifindex, BPF_TC_INGRESS);
  const bool egress = RemoveOurFilter(ifindex, BPF_TC_EGRESS);
  return ingress || egress;
}

}  // namespace alidade
