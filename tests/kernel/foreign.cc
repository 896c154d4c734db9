// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/foreign.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <net/if.h>

#include <catch2/catch_test_macros.hpp>

#include "tests/foreign.skel.h"

namespace alidade::testing {

ForeignPrograms::ForeignPrograms(uint16_t taken_port) : programs_(foreign_bpf__open()) {
  REQUIRE(programs_ != nullptr);
  programs_->rodata->taken_port = taken_port;
  REQUIRE(foreign_bpf__load(programs_) == 0);
}

ForeignPrograms::~ForeignPrograms() {
  for (const std::function<void()>& detach : detach_) detach();
  foreign_bpf__destroy(programs_);
}

uint64_t ForeignPrograms::seen() const { return programs_->bss->seen; }

bool ForeignPrograms::AttachTcx(const NetworkNamespace& host, const std::string& device,
                                const bpf_program* program) {
  bpf_link* link = nullptr;
  host.Inside([&] {
    LIBBPF_OPTS(bpf_tcx_opts, options);
    link = bpf_program__attach_tcx(program, static_cast<int>(if_nametoindex(device.c_str())),
                                   &options);
  });
  if (link == nullptr) return false;
  detach_.emplace_back([link] { bpf_link__destroy(link); });
  return true;
}

void ForeignPrograms::AttachClsact(const NetworkNamespace& host, const std::string& device,
                                   const bpf_program* program) {
  host.Inside([&] {
    LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = static_cast<int>(if_nametoindex(device.c_str())),
                .attach_point = BPF_TC_INGRESS);
    LIBBPF_OPTS(bpf_tc_opts, options, .prog_fd = bpf_program__fd(program), .handle = 7,
                .priority = 100);
    bpf_tc_hook_create(&hook);  // there may be one already
    REQUIRE(bpf_tc_attach(&hook, &options) == 0);
  });
  detach_.emplace_back([&host, device] {
    host.Inside([&] {
      LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = static_cast<int>(if_nametoindex(device.c_str())),
                  .attach_point = BPF_TC_INGRESS);
      LIBBPF_OPTS(bpf_tc_opts, options, .handle = 7, .priority = 100);
      bpf_tc_detach(&hook, &options);
    });
  });
}

void ForeignPrograms::PassByTcx(const NetworkNamespace& host, const std::string& device) {
  REQUIRE(AttachTcx(host, device, programs_->progs.foreign_pass));
}

void ForeignPrograms::DropByTcx(const NetworkNamespace& host, const std::string& device) {
  REQUIRE(AttachTcx(host, device, programs_->progs.foreign_drop));
}

void ForeignPrograms::PassByClsact(const NetworkNamespace& host, const std::string& device) {
  AttachClsact(host, device, programs_->progs.foreign_pass);
}

void ForeignPrograms::DropByTc(const NetworkNamespace& host, const std::string& device) {
  if (!AttachTcx(host, device, programs_->progs.foreign_drop)) {
    AttachClsact(host, device, programs_->progs.foreign_drop);
  }
}

void ForeignPrograms::DropByXdp(const NetworkNamespace& host, const std::string& device) {
  host.Inside([&] {
    const auto index = static_cast<int>(if_nametoindex(device.c_str()));
    REQUIRE(bpf_xdp_attach(index, bpf_program__fd(programs_->progs.foreign_xdp_drop),
                           XDP_FLAGS_SKB_MODE, nullptr) == 0);
  });
  detach_.emplace_back([&host, device] {
    host.Inside([&] {
      bpf_xdp_detach(static_cast<int>(if_nametoindex(device.c_str())), XDP_FLAGS_SKB_MODE, nullptr);
    });
  });
}

}  // namespace alidade::testing
