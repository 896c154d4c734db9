// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/translator.h"

#include <bpf/libbpf.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <cstring>

#include "tests/translator.skel.h"

namespace alidade::testing {

Translator::Translator(const std::string& folder, const Peer& service, const Peer& backend)
    : programs_(translator_bpf__open()) {
  REQUIRE(programs_ != nullptr);
  auto* const data = programs_->rodata;
  if (service.family == AF_INET) {
    const auto* from = reinterpret_cast<const sockaddr_in*>(&service.storage);
    const auto* to = reinterpret_cast<const sockaddr_in*>(&backend.storage);
    data->service4 = from->sin_addr.s_addr;
    data->backend4 = to->sin_addr.s_addr;
    data->service_port = from->sin_port;
    data->backend_port = to->sin_port;
  } else {
    const auto* from = reinterpret_cast<const sockaddr_in6*>(&service.storage);
    const auto* to = reinterpret_cast<const sockaddr_in6*>(&backend.storage);
    std::memcpy(data->service6, &from->sin6_addr, sizeof(data->service6));
    std::memcpy(data->backend6, &to->sin6_addr, sizeof(data->backend6));
    data->service_port = from->sin6_port;
    data->backend_port = to->sin6_port;
  }
  REQUIRE(translator_bpf__load(programs_) == 0);
  const int cgroup = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  REQUIRE(cgroup >= 0);
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, programs_->obj) {
    bpf_link* link = bpf_program__attach_cgroup(program, cgroup);
    REQUIRE(link != nullptr);
    links_.push_back(link);
  }
  close(cgroup);
}

Translator::~Translator() {
  for (bpf_link* link : links_) bpf_link__destroy(link);
  translator_bpf__destroy(programs_);
}

}  // namespace alidade::testing
