// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/opened_source.h"

#include <utility>

#include "agent/status_macros.h"

namespace alidade {

absl::StatusOr<std::unique_ptr<OpenedSource>> OpenedSource::Open(const CaptureOptions& options,
                                                                 CaptureEvents events) {
  auto opened = std::unique_ptr<OpenedSource>(new OpenedSource());
  switch (options.source.kind) {
    case SourceKind::kEbpf: {
      ASSIGN_OR_RETURN(opened->ebpf_, EbpfCapture::Start(options, std::move(events)));
      opened->source_ = &opened->ebpf_->events();
      break;
    }
    case SourceKind::kCilium: {
      ASSIGN_OR_RETURN(const NetlinkMonitor netlink, NetlinkMonitor::Open());
      events.on_network(netlink.network());
      absl::StatusOr<PinnedRings> pinned =
          PinnedRings::Open(options.cilium_events, options.kernel_ring_pages);
      if (!pinned.ok()) return pinned.status();
      opened->pinned_.emplace(*std::move(pinned));
      opened->source_ = &opened->pinned_->events();
      events.on_warning("Cilium's own monitor and Hubble see no events until its agent restarts");
      break;
    }
    case SourceKind::kReplay: {
      ASSIGN_OR_RETURN(opened->replay_, ReplaySource::Open(options.source.file, options.replay_pace,
                                                           options.replay_loop));
      opened->source_ = opened->replay_.get();
      break;
    }
  }
  return opened;
}

}  // namespace alidade
