// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/hooks.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/capture/system_error.h"
#include "agent/status_macros.h"
#include "bpf/packet_drop.skel.h"
#include "bpf/sock_addr.skel.h"
#include "bpf/sock_owner.skel.h"
#include "bpf/sock_scan.skel.h"
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
    {"sock_owner", HOOK_SOCK_OWNER, AttachPlace::kCgroup, "owners of sockets",
     sock_owner_bpf__elf_bytes},
    {"sock_scan", HOOK_SOCK_SCAN, AttachPlace::kRunOnce, "owners of sockets older than the agent",
     sock_scan_bpf__elf_bytes},
};

// The maps that the first object to have them makes for all.
constexpr const char* kMadeByObjects[] = {"socket_owners", "processes", "cgroup_paths",
                                          "listeners"};

absl::Status ReuseMap(bpf_object* object, const char* name, int fd) {
  bpf_map* map = bpf_object__find_map_by_name(object, name);
  if (map == nullptr || fd < 0) return absl::OkStatus();
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

std::optional<OwnerMaps> SharedMaps::owners() const {
  if (made_fd("socket_owners") < 0) return std::nullopt;
  return OwnerMaps(made_fd("socket_owners"), made_fd("processes"), made_fd("cgroup_paths"));
}

absl::Status SharedMaps::GiveTo(bpf_object* object) const {
  RETURN_IF_ERROR(ReuseMap(object, "events", events_.get()));
  RETURN_IF_ERROR(ReuseMap(object, "hook_counts", counts_.get()));
  for (const Made& made : made_) {
    RETURN_IF_ERROR(ReuseMap(object, made.name, made.fd.get()));
  }
  return absl::OkStatus();
}

void SharedMaps::TakeFrom(bpf_object* object) {
  for (const char* name : kMadeByObjects) {
    const bpf_map* map = bpf_object__find_map_by_name(object, name);
    if (map == nullptr || made_fd(name) >= 0) continue;
    FileDescriptor fd(fcntl(bpf_map__fd(map), F_DUPFD_CLOEXEC, 0));
    if (fd.valid()) made_.push_back({name, std::move(fd)});
  }
}

int SharedMaps::made_fd(const char* name) const {
  for (const Made& made : made_) {
    if (std::string_view(made.name) == name) return made.fd.get();
  }
  return -1;
}

void BpfObjectDeleter::operator()(bpf_object* object) const { bpf_object__close(object); }
void BpfLinkDeleter::operator()(bpf_link* link) const { bpf_link__destroy(link); }

absl::StatusOr<LoadedHook> LoadedHook::Load(const HookRow& row, SharedMaps& maps,
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

absl::Status LoadedHook::LoadObject(const void* elf, size_t size, SharedMaps& maps,
                                    std::span<const ReadOnlySection> sections) {
  const std::string name = row_->name;
  object_.reset(bpf_object__open_mem(elf, size, nullptr));
  if (object_ == nullptr) return SystemError(errno, absl::StrCat("open object ", name));
  RETURN_IF_ERROR(maps.GiveTo(object_.get()));
  for (const ReadOnlySection& section : sections) {
    RETURN_IF_ERROR(FillSection(object_.get(), section));
  }
  const int error = bpf_object__load(object_.get());
  if (error == -ESRCH) {  // libbpf's answer when it finds no BTF
    return absl::FailedPreconditionError(absl::StrCat(
        "load ", name, ": the kernel has no BTF; it must be built with CONFIG_DEBUG_INFO_BTF"));
  }
  if (error != 0) return SystemError(error, absl::StrCat("load ", name));
  maps.TakeFrom(object_.get());
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

absl::Status LoadedHook::RunIterators() {
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object_.get()) {
    const char* section = bpf_program__section_name(program);
    const BpfLink link(bpf_program__attach_iter(program, nullptr));
    if (link == nullptr) return SystemError(errno, absl::StrCat("attach ", section));
    const FileDescriptor iterator(bpf_iter_create(bpf_link__fd(link.get())));
    if (!iterator.valid()) return SystemError(errno, absl::StrCat("start ", section));
    // The program prints nothing; reading is what makes it run.
    std::array<char, 64> none{};
    ssize_t bytes = 0;
    do {
      bytes = read(iterator.get(), none.data(), none.size());
    } while (bytes > 0 || (bytes < 0 && (errno == EINTR || errno == EAGAIN)));
    if (bytes < 0) return SystemError(errno, absl::StrCat("run ", section));
  }
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
