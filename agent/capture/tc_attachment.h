// SPDX-License-Identifier: Apache-2.0
//
// The two tc programs on one interface, held in place by tcx links (6.6) or by clsact filters with
// a handle and a priority of our own. Nothing of others is removed, replaced or reordered: our tcx
// links go first in the chain and pass on, our filters have a priority that nobody else uses.
#ifndef ALIDADE_AGENT_CAPTURE_TC_ATTACHMENT_H_
#define ALIDADE_AGENT_CAPTURE_TC_ATTACHMENT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/capture/file_descriptor.h"
#include "agent/capture/hooks.h"

namespace alidade {

// The programs of bpf/trace.bpf.c.
struct TcPrograms {
  bpf_program* ingress = nullptr;
  bpf_program* egress = nullptr;
};

class TcAttachment {
 public:
  // Errors: kUnimplemented when the kernel has no tcx; kNotFound when the interface is gone.
  static absl::StatusOr<TcAttachment> AttachTcx(const TcPrograms& programs, uint32_t ifindex);
  // Makes a clsact qdisc when there is none. Errors: kNotFound when the interface is gone.
  static absl::StatusOr<TcAttachment> AttachClsact(const TcPrograms& programs, uint32_t ifindex);

  TcAttachment(TcAttachment&& other) noexcept;
  TcAttachment& operator=(TcAttachment&& other) noexcept;
  ~TcAttachment();

  std::string_view mechanism() const { return ingress_link_.valid() ? "tcx" : "clsact"; }

  // The interface is gone and its filters with it: destruction has nothing to remove.
  void Forget();

 private:
  TcAttachment() = default;

  FileDescriptor ingress_link_;  // tcx
  FileDescriptor egress_link_;
  uint32_t filter_ifindex_ = 0;  // clsact; 0: no filter to remove
  bool made_qdisc_ = false;
};

// Removes clsact filters that a killed agent left on interface `ifindex`: those with our handle,
// priority and program names. Returns whether there was one.
bool RemoveLeftoverFilters(uint32_t ifindex);

// What others have attached that gets the packets of interface `ifindex` before our programs, which
// are attached by `mechanism` (tcx or clsact), and may take them away: `xdp NAME`,
// `tcx ingress NAME`, `clsact egress KIND NAME (pref NUMBER)`.
std::vector<std::string> ProgramsAhead(uint32_t ifindex, std::string_view mechanism);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_TC_ATTACHMENT_H_
