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
#include "bpf/trace_silent.skel.h"

namespace alidade {
namespace {

constexpr HookRow kHooks[] = {
    {.name = "trace",
     .id = HOOK_TRACE,
     .unseen = "packets on interfaces",
     .object = {trace_bpf__elf_bytes, AttachPlace::kInterfaces},
     .fallback = {trace_plain_bpf__elf_bytes, AttachPlace::kInterfaces,
                  "this kernel has no atomic exchange (since 5.12): two CPUs may report the same "
                  "packets twice; what its conntrack translates is not told"}},
    {.name = "trace_silent",
     .id = HOOK_TRACE_SILENT,
     .unseen = "packets that a connection did not tell of before it fell silent",
     .object = {trace_silent_bpf__elf_bytes, AttachPlace::kRepeated}},
    {.name = "packet_drop",
     .id = HOOK_PACKET_DROP,
     .unseen = "packets that the kernel drops",
     .object = {packet_drop_bpf__elf_bytes, AttachPlace::kTracepoint}},
    {.name = "sock_addr",
     .id = HOOK_SOCK_ADDR,
     .unseen = "addresses of socket calls",
     .object = {sock_addr_bpf__elf_bytes, AttachPlace::kCgroup}},
    {.name = "sock_owner",
     .id = HOOK_SOCK_OWNER,
     .unseen = "owners of sockets",
     .object = {sock_owner_bpf__elf_bytes, AttachPlace::kCgroup}},
    {.name = "sock_scan",
     .id = HOOK_SOCK_SCAN,
     .unseen = "owners of sockets older than the agent",
     .object = {sock_scan_bpf__elf_bytes, AttachPlace::kRunOnce}},
};

// libbpf names a custom read-only section's map after the section.
absl::Status FillSection(bpf_object* object, const ReadOnlySection& section) {
  bpf_map* map = bpf_object__find_map_by_name(object, section.section);
  if (map == nullptr) return absl::OkStatus();
  const int error = bpf_map__set_initial_value(map, section.bytes.data(), section.bytes.size());
  if (error != 0) return SystemError(error, absl::StrCat("set ", section.section));
  return absl::OkStatus();
}

absl::Status SizeMap(bpf_object* object, const MapSize& size) {
  bpf_map* map = bpf_object__find_map_by_name(object, size.map);
  // A shared one has been made by now, in its size.
  if (map == nullptr || bpf_map__max_entries(map) == size.entries) return absl::OkStatus();
  const int error = bpf_map__set_max_entries(map, size.entries);
  if (error != 0) return SystemError(error, absl::StrCat("size the map ", size.map));
  return absl::OkStatus();
}

}  // namespace

std::span<const HookRow> Hooks() { return kHooks; }

void BpfObjectDeleter::operator()(bpf_object* object) const { bpf_object__close(object); }
void BpfLinkDeleter::operator()(bpf_link* link) const { bpf_link__destroy(link); }

absl::StatusOr<LoadedHook> LoadedHook::Load(const HookRow& row, SharedMaps& maps,
                                            const LoadSettings& settings) {
  LoadedHook hook(row);
  const absl::Status loaded = hook.LoadObject(maps, settings);
  if (loaded.ok()) return hook;
  if (row.fallback.elf == nullptr) return loaded;
  hook.is_fallback_ = true;
  // When that fails too, the first refusal is the one to tell.
  if (!hook.LoadObject(maps, settings).ok()) return loaded;
  return hook;
}

absl::Status LoadedHook::LoadObject(SharedMaps& maps, const LoadSettings& settings) {
  const std::string name = row_->name;
  size_t size = 0;
  const void* const elf = object().elf(&size);
  object_.reset(bpf_object__open_mem(elf, size, nullptr));
  if (object_ == nullptr) return SystemError(errno, absl::StrCat("open object ", name));
  RETURN_IF_ERROR(maps.GiveTo(object_.get()));
  for (const ReadOnlySection& section : settings.sections) {
    RETURN_IF_ERROR(FillSection(object_.get(), section));
  }
  for (const MapSize& map : settings.sizes) RETURN_IF_ERROR(SizeMap(object_.get(), map));
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

absl::Status LoadedHook::AttachCgroup(const std::string& cgroup_path,
                                      std::span<const bpf_attach_type> on_demand) {
  ASSIGN_OR_RETURN(CgroupAttachment attachment,
                   CgroupAttachment::Attach(object_.get(), cgroup_path, on_demand));
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

uint64_t LoadedHook::missed_runs() const {
  uint64_t missed = 0;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object_.get()) {
    bpf_prog_info info{};
    uint32_t size = sizeof(info);
    if (bpf_prog_get_info_by_fd(bpf_program__fd(program), &info, &size) == 0) {
      missed += info.recursion_misses;
    }
  }
  return missed;
}

std::vector<MapMemory> LoadedHook::memory() const {
  std::vector<MapMemory> all;
  const bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object_.get()) {
    if (SharedMaps::IsShared(bpf_map__name(map))) continue;
    MapMemory memory = MemoryOf(bpf_map__fd(map));
    memory.name = absl::StrCat(row_->name, " ", bpf_map__name(map));
    all.push_back(std::move(memory));
  }
  return all;
}

}  // namespace alidade
