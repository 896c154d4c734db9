// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/hooks.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/capture/system_error.h"
#include "agent/status_macros.h"
#include "bpf/packet_drop.skel.h"
#include "bpf/sock_addr.skel.h"
#include "bpf/trace.skel.h"
#include "bpf/trace_plain.skel.h"

namespace alidade {
namespace {

constexpr HookRow kHooks[] = {
    {"trace", HOOK_TRACE, AttachPlace::kInterfaces, "packets on interfaces", trace_bpf__elf_bytes,
     trace_plain_bpf__elf_bytes,
     "this kernel has no atomic exchange (since 5.12): two CPUs may report the same packets twice"},
    {"packet_drop", HOOK_PACKET_DROP, AttachPlace::kTracepoint, "packets that the kernel drops",
     packet_drop_bpf__elf_bytes},
    {"sock_addr", HOOK_SOCK_ADDR, AttachPlace::kCgroup, "addresses of socket calls",
     sock_addr_bpf__elf_bytes},
};

absl::Status ReuseSharedMap(bpf_object* object, const char* name, int fd) {
  bpf_map* map = bpf_object__find_map_by_name(object, name);
  if (map == nullptr) return absl::OkStatus();
  const int error = bpf_map__reuse_fd(map, fd);
  if (error != 0) return SystemError(error, absl::StrCat("share the map ", name));
  return absl::OkStatus();
}

// libbpf names a custom read-only section's map after the section.
absl::Status FillSection(bpf_object* object, const ReadOnlySection& section) {
  bpf_map* map = bpf_object__find_map_by_name(object, section.section);
  if (map == nullptr) return absl::OkStatus();
  const int error = bpf_map__set_initial_value(map, section.bytes.data(), section.bytes.size());
  if (error != 0) return SystemError(error, absl::StrCat("set ", section.section));
  return absl::OkStatus();
}

}  // namespace

std::span<const HookRow> Hooks() { return kHooks; }

absl::StatusOr<SharedMaps> SharedMaps::Create() {
  SharedMaps maps;
  const int cpus = libbpf_num_possible_cpus();
  if (cpus <= 0) return SystemError(cpus, "count the CPUs");
  maps.events_ = FileDescriptor(bpf_map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, "alidade_events", 4,
                                               4, static_cast<uint32_t>(cpus), nullptr));
  if (!maps.events_.valid())
    return SystemError(errno, "create the perf event array (needs CAP_BPF)");
  maps.counts_ = FileDescriptor(bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, "alidade_counts", 4,
                                               sizeof(hook_count), HOOK_MAX, nullptr));
  if (!maps.counts_.valid()) return SystemError(errno, "create the map of counts");
  return maps;
}

hook_count SharedMaps::Count(hook_id id) const {
  std::vector<hook_count> per_cpu(static_cast<size_t>(libbpf_num_possible_cpus()));
  const auto key = static_cast<uint32_t>(id);
  hook_count sum{};
  if (bpf_map_lookup_elem(counts_.get(), &key, per_cpu.data()) != 0) return sum;
  for (const hook_count& count : per_cpu) {
    sum.seen += count.seen;
    sum.emitted += count.emitted;
    sum.lost += count.lost;
    sum.failed += count.failed;
    sum.ignored += count.ignored;
  }
  return sum;
}

void BpfObjectDeleter::operator()(bpf_object* object) const { bpf_object__close(object); }
void BpfLinkDeleter::operator()(bpf_link* link) const { bpf_link__destroy(link); }

absl::StatusOr<LoadedHook> LoadedHook::Load(const HookRow& row, const SharedMaps& maps,
                                            std::span<const ReadOnlySection> sections) {
  LoadedHook hook(row);
  size_t size = 0;
  const void* elf = row.elf(&size);
  const absl::Status loaded = hook.LoadObject(elf, size, maps, sections);
  if (loaded.ok()) return hook;
  if (row.fallback == nullptr) return loaded;
  elf = row.fallback(&size);
  hook.is_fallback_ = true;
  // When that fails too, the first refusal is the one to tell.
  if (!hook.LoadObject(elf, size, maps, sections).ok()) return loaded;
  return hook;
}

absl::Status LoadedHook::LoadObject(const void* elf, size_t size, const SharedMaps& maps,
                                    std::span<const ReadOnlySection> sections) {
  const std::string name = row_->name;
  object_.reset(bpf_object__open_mem(elf, size, nullptr));
  if (object_ == nullptr) return SystemError(errno, absl::StrCat("open object ", name));
  RETURN_IF_ERROR(ReuseSharedMap(object_.get(), "events", maps.events_fd()));
  RETURN_IF_ERROR(ReuseSharedMap(object_.get(), "hook_counts", maps.counts_fd()));
  for (const ReadOnlySection& section : sections) {
    RETURN_IF_ERROR(FillSection(object_.get(), section));
  }
  const int error = bpf_object__load(object_.get());
  if (error == -ESRCH) {  // libbpf's answer when it finds no BTF
    return absl::FailedPreconditionError(absl::StrCat(
        "load ", name, ": the kernel has no BTF; it must be built with CONFIG_DEBUG_INFO_BTF"));
  }
  if (error != 0) return SystemError(error, absl::StrCat("load ", name));
  return absl::OkStatus();
}

absl::Status LoadedHook::AttachTracepoint() {
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object_.get()) {
    bpf_link* link = bpf_program__attach(program);
    if (link == nullptr)
      return SystemError(errno, absl::StrCat("attach ", bpf_program__section_name(program)));
    links_.emplace_back(link);
  }
  return absl::OkStatus();
}

absl::Status LoadedHook::AttachCgroup(const std::string& cgroup_path) {
  ASSIGN_OR_RETURN(CgroupAttachment attachment,
                   CgroupAttachment::Attach(object_.get(), cgroup_path));
  cgroup_.emplace(std::move(attachment));
  return absl::OkStatus();
}

bpf_program* LoadedHook::program(const char* name) const {
  return bpf_object__find_program_by_name(object_.get(), name);
}

int LoadedHook::map_fd(const char* name) const {
  bpf_map* map = bpf_object__find_map_by_name(object_.get(), name);
  return map == nullptr ? -1 : bpf_map__fd(map);
}

}  // namespace alidade
