// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/feature_probe.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <linux/bpf.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <span>
#include <sstream>
#include <vector>

#include "absl/strings/str_split.h"
#include "agent/capture/file_descriptor.h"
#include "agent/capture/system_error.h"

namespace alidade {
namespace {

bpf_insn Instruction(int code, int dst, int src, int16_t offset, int32_t imm) {
  bpf_insn instruction{};
  instruction.code = static_cast<uint8_t>(code);
  instruction.dst_reg = static_cast<uint8_t>(dst & 0xf);
  instruction.src_reg = static_cast<uint8_t>(src & 0xf);
  instruction.off = offset;
  instruction.imm = imm;
  return instruction;
}

// BPF_XCHG of include/uapi/linux/bpf.h, which older headers do not have.
constexpr int32_t kAtomicExchange = 0xe0 | 0x01;

// Of include/uapi/linux/bpf.h, since 5.13: the source register of such a call.
constexpr int kCallOfKernelFunction = 2;

// Whether the verifier takes `program`, which does nothing.
bool IsAccepted(std::span<const bpf_insn> program) {
  const FileDescriptor loaded(bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "alidade_probe", "GPL",
                                            program.data(), program.size(), nullptr));
  return loaded.valid();
}

}  // namespace

bool HasAtomicExchange() {
  // r2 = 1; *(u64 *)(r10 - 8) = r2; exchange the two; return 0.
  const bpf_insn program[] = {
      Instruction(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_2, 0, 0, 1),
      Instruction(BPF_STX | BPF_MEM | BPF_DW, BPF_REG_10, BPF_REG_2, -8, 0),
      Instruction(BPF_STX | 0xc0 | BPF_DW, BPF_REG_10, BPF_REG_2, -8, kAtomicExchange),
      Instruction(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0),
      Instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
  };
  return IsAccepted(program);
}

bool HasPacketDynptr(const KernelTypes& types) {
  const int function = btf__find_by_name_kind(types.kernel(), "bpf_dynptr_from_skb", BTF_KIND_FUNC);
  const int tracepoint =
      btf__find_by_name_kind(types.kernel(), "btf_trace_kfree_skb", BTF_KIND_TYPEDEF);
  if (function <= 0 || tracepoint <= 0) return false;
  // bpf_dynptr_from_skb(argument 0, 0, r10 - 16); return 0.
  const bpf_insn program[] = {
      Instruction(BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_1, BPF_REG_1, 0, 0),
      Instruction(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_2, 0, 0, 0),
      Instruction(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_3, BPF_REG_10, 0, 0),
      Instruction(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_3, 0, 0, -16),
      Instruction(BPF_JMP | BPF_CALL, 0, kCallOfKernelFunction, 0, function),
      Instruction(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0),
      Instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
  };
  LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_RAW_TP,
              .attach_btf_id = static_cast<uint32_t>(tracepoint));
  const FileDescriptor loaded(bpf_prog_load(BPF_PROG_TYPE_TRACING, "alidade_probe", "GPL", program,
                                            std::size(program), &options));
  return loaded.valid();
}

uint32_t TicksPerSecond() {
  timespec resolution{};
  // Cannot fail: the clock is there since 2.6.32. Its resolution is a tick.
  clock_getres(CLOCK_MONOTONIC_COARSE, &resolution);
  return 1'000'000'000u / static_cast<uint32_t>(std::max<int64_t>(resolution.tv_nsec, 1));
}

ConntrackLookup FindConntrackLookup(const KernelTypes& types) {
  constexpr char kName[] = "bpf_skb_ct_lookup";
  if (btf__find_by_name_kind(types.kernel(), kName, BTF_KIND_FUNC) > 0)
    return ConntrackLookup::kThere;
  const TypesPointer module = types.Module("nf_conntrack");
  if (module == nullptr) return ConntrackLookup::kNotLoaded;
  if (btf__find_by_name_kind(module.get(), kName, BTF_KIND_FUNC) <= 0)
    return ConntrackLookup::kMissing;
  // The file can be read by all, but a program names a module by a descriptor of its BTF object.
  uint32_t id = 0;
  return bpf_btf_get_next_id(0, &id) == 0 ? ConntrackLookup::kThere : ConntrackLookup::kForbidden;
}

bool IsConntrackModuleLoaded() { return access("/sys/kernel/btf/nf_conntrack", F_OK) == 0; }

absl::StatusOr<std::string> FindCgroupV2Root() {
  std::ifstream file("/proc/self/mountinfo");
  std::ostringstream text;
  text << file.rdbuf();
  return FindCgroupV2RootIn(text.str());
}

absl::StatusOr<std::string> FindCgroupV2RootIn(std::string_view mountinfo) {
  for (absl::string_view line : absl::StrSplit(
           absl::string_view(mountinfo.data(), mountinfo.size()), '\n', absl::SkipEmpty())) {
    const std::vector<absl::string_view> halves = absl::StrSplit(line, absl::MaxSplits(" - ", 1));
    if (halves.size() != 2) continue;
    const std::vector<absl::string_view> mount = absl::StrSplit(halves[0], ' ');
    const std::vector<absl::string_view> filesystem = absl::StrSplit(halves[1], ' ');
    // Fields: id, parent, device, root within the filesystem, mount point, ...
    if (mount.size() >= 5 && filesystem[0] == "cgroup2" && mount[3] == "/")
      return std::string(mount[4]);
  }
  return absl::NotFoundError("no cgroup v2 file system is mounted");
}

absl::StatusOr<uint32_t> OwnNetworkNamespace() {
  struct stat found {};
  if (stat("/proc/self/ns/net", &found) != 0)
    return SystemError(errno, "find the own network namespace");
  return static_cast<uint32_t>(found.st_ino);
}

}  // namespace alidade
