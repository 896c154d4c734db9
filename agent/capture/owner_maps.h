// SPDX-License-Identifier: Apache-2.0
//
// The maps in which our programs note who owns a socket (bpf/lib/owner.h).
#ifndef ALIDADE_AGENT_CAPTURE_OWNER_MAPS_H_
#define ALIDADE_AGENT_CAPTURE_OWNER_MAPS_H_

#include <cstdint>
#include <span>
#include <string>

#include "bpf/owners.h"
#include "parser/process.h"

namespace alidade {

// `/usr/bin/curl`. What is missing at the root's end is shown as `...`; empty when there is no
// name.
std::string PathOf(const reversed_path& path);

// Thread: any; no state but the rows of `socket_owners` and the descriptors, all borrowed.
class OwnerMaps : public SocketOwnerSource {
 public:
  OwnerMaps(std::span<const owned_socket> owners, int processes_fd, int cgroups_fd)
      : owners_(owners), processes_fd_(processes_fd), cgroups_fd_(cgroups_fd) {}

  bool FindOwner(uint64_t cookie, SocketOwner* owner) const override;
  bool FindProcess(const SocketOwner& owner, Process* process) const override;
  bool FindCgroup(uint64_t id, std::string* path) const override;

 private:
  std::span<const owned_socket> owners_;
  int processes_fd_;
  int cgroups_fd_;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_OWNER_MAPS_H_
