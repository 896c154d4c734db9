// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/datapath/bench_program.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <net/if.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "agent/capture/perf_rings.h"
#include "tests/bench/empty.skel.h"
#include "tests/bench/perf_output.skel.h"

namespace alidade::testing {
namespace {

// Both programs by tcx; the links stand in their skeleton.
void Attach(const NetworkNamespace& host, const std::string& device, bpf_program* in,
            bpf_link** in_link, bpf_program* out, bpf_link** out_link) {
  host.Inside([&] {
    const auto ifindex = static_cast<int>(if_nametoindex(device.c_str()));
    LIBBPF_OPTS(bpf_tcx_opts, options);
    *in_link = bpf_program__attach_tcx(in, ifindex, &options);
    *out_link = bpf_program__attach_tcx(out, ifindex, &options);
  });
  if (*in_link == nullptr || *out_link == nullptr) {
    throw std::runtime_error("cannot attach a program by tcx");
  }
}

uint32_t IdOf(const bpf_program* program) {
  bpf_prog_info info{};
  uint32_t size = sizeof(info);
  bpf_prog_get_info_by_fd(bpf_program__fd(program), &info, &size);
  return info.id;
}

class Empty : public BenchPrograms {
 public:
  Empty(const NetworkNamespace& host, const std::string& device)
      : skeleton_(empty_bpf__open_and_load()) {
    if (skeleton_ == nullptr) throw std::runtime_error("cannot load the empty program");
    Attach(host, device, skeleton_->progs.bench_empty_in, &skeleton_->links.bench_empty_in,
           skeleton_->progs.bench_empty_out, &skeleton_->links.bench_empty_out);
  }
  ~Empty() override { empty_bpf__destroy(skeleton_); }

  std::set<uint32_t> programs() const override {
    return {IdOf(skeleton_->progs.bench_empty_in), IdOf(skeleton_->progs.bench_empty_out)};
  }

 private:
  empty_bpf* skeleton_;
};

class LossCounter : public EventSink {
 public:
  void OnEvent(const RawEvent&) override {}
  void OnLost(uint32_t, uint64_t count, int64_t) override { lost_ += count; }
  void OnDecoded(const observer::ExportEvent&, int64_t) override {}
  void OnBadLine() override {}
  uint64_t lost() const { return lost_; }

 private:
  std::atomic<uint64_t> lost_{0};
};

class PerfOutput : public BenchPrograms {
 public:
  PerfOutput(const NetworkNamespace& host, const std::string& device)
      : skeleton_(perf_output_bpf__open_and_load()) {
    if (skeleton_ == nullptr) throw std::runtime_error("cannot load the perf output program");
    auto rings = PerfRings::Open(bpf_map__fd(skeleton_->maps.bench_records), kPages, Origin::kEbpf);
    if (!rings.ok()) throw std::runtime_error(std::string(rings.status().message()));
    rings_ = *std::move(rings);
    Attach(host, device, skeleton_->progs.bench_perf_in, &skeleton_->links.bench_perf_in,
           skeleton_->progs.bench_perf_out, &skeleton_->links.bench_perf_out);
    reader_ = std::thread([this] {
      while (!stop_) {
        rings_->Wait(absl::Milliseconds(10));
        rings_->Read(sink_);
      }
    });
  }
  ~PerfOutput() override {
    stop_ = true;
    rings_->Wake();
    reader_.join();
    rings_.reset();
    perf_output_bpf__destroy(skeleton_);
  }

  std::set<uint32_t> programs() const override {
    return {IdOf(skeleton_->progs.bench_perf_in), IdOf(skeleton_->progs.bench_perf_out)};
  }
  uint64_t lost() const override { return sink_.lost(); }

 private:
  static constexpr uint32_t kPages = 128;  // as many as the agent's rings have

  perf_output_bpf* skeleton_;
  std::unique_ptr<PerfRings> rings_;
  LossCounter sink_;
  std::atomic<bool> stop_{false};
  std::thread reader_;
};

}  // namespace

std::unique_ptr<BenchPrograms> EmptyPrograms(const NetworkNamespace& host,
                                             const std::string& device) {
  return std::make_unique<Empty>(host, device);
}

std::unique_ptr<BenchPrograms> PerfOutputPrograms(const NetworkNamespace& host,
                                                  const std::string& device) {
  return std::make_unique<PerfOutput>(host, device);
}

}  // namespace alidade::testing
