// SPDX-License-Identifier: Apache-2.0
//
// The container that a cgroup belongs to, told from the cgroup's path.
#ifndef ALIDADE_AGENT_RESOLVE_CONTAINER_ID_H_
#define ALIDADE_AGENT_RESOLVE_CONTAINER_ID_H_

#include <string_view>

namespace alidade {

// The 64 hexadecimal digits of the innermost container in `cgroup_path`; empty when there is none.
// Knows what containerd, CRI-O, Docker and Podman make with either cgroup driver:
//   .../cri-containerd-<id>.scope  .../crio-<id>.scope  .../docker-<id>.scope .../libpod-<id>.scope
//   .../<id>, also with cgroups of the container's own below it
// but not what watches a container (crio-conmon-<id>.scope, libpod-conmon-<id>.scope).
std::string_view ContainerIdOf(std::string_view cgroup_path);

}  // namespace alidade

#endif  // ALIDADE_AGENT_RESOLVE_CONTAINER_ID_H_
