// SPDX-License-Identifier: Apache-2.0
#include "agent/resolve/container_id.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

namespace alidade {
namespace {

const std::string kId = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const std::string kOther = std::string(63, '0') + "7";

}  // namespace

TEST_CASE("a container's id is found in the cgroup paths of every runtime", "[resolve]") {
  const std::string pod =
      "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1f2e.slice";
  CHECK(ContainerIdOf(pod + "/cri-containerd-" + kId + ".scope") == kId);
  CHECK(ContainerIdOf(pod + "/crio-" + kId + ".scope") == kId);
  CHECK(ContainerIdOf(pod + "/crio-" + kId + ".scope/container") == kId);
  CHECK(ContainerIdOf("/system.slice/docker-" + kId + ".scope") == kId);
  CHECK(ContainerIdOf("/machine.slice/libpod-" + kId + ".scope/container") == kId);
  CHECK(ContainerIdOf("/docker/" + kId) == kId);
  CHECK(ContainerIdOf("/docker/" + kId + "/init") == kId);
  CHECK(ContainerIdOf("/kubepods/burstable/pod1f2e3d4c-0000-4000-8000-000000000000/" + kId) == kId);
  CHECK(ContainerIdOf("/system.slice/containerd.service/kubepods-pod1.slice:cri-containerd:" +
                      kId) == kId);
}

TEST_CASE("of containers in containers the innermost is named", "[resolve]") {
  CHECK(ContainerIdOf("/docker/" + kOther + "/kubelet/kubepods/pod1/" + kId) == kId);
  CHECK(ContainerIdOf("/docker/" + kId + "/system.slice/containerd.service") == kId);
}

TEST_CASE("what is no container has no id", "[resolve]") {
  CHECK(ContainerIdOf("").empty());
  CHECK(ContainerIdOf("/").empty());
  CHECK(ContainerIdOf("/user.slice/user-1000.slice/session-2.scope").empty());
  CHECK(ContainerIdOf("/machine.slice/libpod-conmon-" + kId + ".scope").empty());
  CHECK(ContainerIdOf("/kubepods.slice/crio-conmon-" + kId + ".scope").empty());
  CHECK(ContainerIdOf("/docker/" + kId.substr(1)).empty());
  CHECK(ContainerIdOf("/build/x" + kId).empty());
  CHECK(ContainerIdOf("/docker/" + std::string(64, 'G')).empty());
}

}  // namespace alidade
