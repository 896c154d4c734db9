// SPDX-License-Identifier: Apache-2.0
//
// What the programs know of each interface: the two maps of bpf/lib/interface.h.
#ifndef ALIDADE_AGENT_CAPTURE_INTERFACE_TABLE_H_
#define ALIDADE_AGENT_CAPTURE_INTERFACE_TABLE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "agent/capture/shared_maps.h"
#include "bpf/config.h"

namespace alidade {

class InterfaceTable {
 public:
  // `maps` must outlive the table.
  explicit InterfaceTable(const SharedMaps& maps);

  absl::Status Set(uint32_t ifindex, interface_config config);
  void Remove(uint32_t ifindex);

 private:
  int low_fd_;  // of the interfaces below LOW_INTERFACES
  int others_fd_;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_INTERFACE_TABLE_H_
