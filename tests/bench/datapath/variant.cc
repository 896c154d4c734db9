// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/datapath/variant.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <net/if.h>

#include <stdexcept>

#include "tests/bench/empty.skel.h"
#include "tests/kernel/bpf_inventory.h"

namespace alidade::testing {
namespace {

void Attach(bpf_program* program, bpf_link** link, unsigned ifindex) {
  LIBBPF_OPTS(bpf_tcx_opts, options);
  *link = bpf_program__attach_tcx(program, static_cast<int>(ifindex), &options);
  if (*link == nullptr) throw std::runtime_error("cannot attach the empty program by tcx");
}

uint32_t IdOf(const bpf_program* program) {
  bpf_prog_info info{};
  uint32_t size = sizeof(info);
  bpf_prog_get_info_by_fd(bpf_program__fd(program), &info, &size);
  return info.id;
}

std::vector<std::string> Level(const std::string& level) {
  return {"--monitor-aggregation", level, "--interface-include", "to-client"};
}

}  // namespace

std::vector<Variant> Variants() {
  std::vector<std::string> everything = Level("none");
  for (const char* flag : {"--events-rate-limit", "--events-source-rate-limit"}) {
    everything.insert(everything.end(), {flag, "0"});
  }
  return {{"nothing", false, {}},
          {"empty", true, {}},
          {"maximum", false, Level("maximum")},
          {"medium", false, Level("medium")},
          {"low", false, Level("low")},
          {"none", false, Level("none")},
          {"every-packet", false, everything}};
}

InPlace::InPlace(const Variant& variant, const NetworkNamespace& host, const std::string& device) {
  if (variant.has_empty) {
    empty_ = empty_bpf__open_and_load();
    if (empty_ == nullptr) throw std::runtime_error("cannot load the empty program");
    host.Inside([&] {
      const unsigned ifindex = if_nametoindex(device.c_str());
      Attach(empty_->progs.bench_empty_in, &empty_->links.bench_empty_in, ifindex);
      Attach(empty_->progs.bench_empty_out, &empty_->links.bench_empty_out, ifindex);
    });
  }
  if (!variant.agent_flags.empty()) {
    agent_ = std::make_unique<AgentProcess>(&host, variant.agent_flags);
    agent_->WaitForAttached(device);
  }
}

InPlace::~InPlace() { empty_bpf__destroy(empty_); }

std::set<uint32_t> InPlace::programs() const {
  if (agent_ != nullptr) return BpfInventory::OfProcess(agent_->pid()).programs;
  if (empty_ == nullptr) return {};
  return {IdOf(empty_->progs.bench_empty_in), IdOf(empty_->progs.bench_empty_out)};
}

}  // namespace alidade::testing
