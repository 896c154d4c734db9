// SPDX-License-Identifier: Apache-2.0
//
// The hooks: one row, one BPF object, one place in the kernel. A kernel that lacks one loses that
// hook and nothing else.
#ifndef ALIDADE_AGENT_CAPTURE_HOOKS_H_
#define ALIDADE_AGENT_CAPTURE_HOOKS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/capture/cgroup_attachment.h"
#include "agent/capture/file_descriptor.h"
#include "agent/capture/map_memory.h"
#include "agent/capture/shared_maps.h"
#include "bpf/config.h"

struct bpf_object;
struct bpf_link;
struct bpf_map;
struct bpf_program;

namespace alidade {

// Where a hook's programs are attached.
enum class AttachPlace : uint8_t {
  kInterfaces,  // by the interface attacher, as interfaces come
  kTracepoint,  // once, by the program's own section name
  kCgroup,      // once, at the root of cgroup v2
  kRunOnce,     // nowhere: an iterator, run at start
  kRepeated,    // nowhere: run by SilentConnections
};

struct HookObject {
  const void* (*elf)(size_t* size);  // null: there is none
  AttachPlace place;
  const char* lacks = "";  // what it cannot do that another can
};

struct HookRow {
  const char* name;
  hook_id id;
  const char* unseen;  // what a node without this hook does not see
  HookObject object;
  HookObject fallback = {};  // for a kernel that refuses `object`
};

// All hooks that there are.
std::span<const HookRow> Hooks();

// A part of an object's read-only data, by the name of its section; written before loading.
struct ReadOnlySection {
  const char* section;
  std::span<const std::byte> bytes;
};

// How many entries a map of an object may have.
struct MapSize {
  const char* map;
  uint32_t entries;
};

// What is set in an object before it is loaded.
struct LoadSettings {
  std::span<const ReadOnlySection> sections;
  std::span<const MapSize> sizes;
};

struct BpfObjectDeleter {
  void operator()(bpf_object* object) const;
};
struct BpfLinkDeleter {
  void operator()(bpf_link* link) const;
};
using BpfLink = std::unique_ptr<bpf_link, BpfLinkDeleter>;

// A loaded object with the links that hold it in place. Destruction detaches it.
class LoadedHook {
 public:
  // Loads the object of `row`, or its fallback when the kernel refuses it, over the shared maps;
  // what `settings` say of sections and maps that the object does not have is passed over. Errors
  // say what the kernel refused.
  static absl::StatusOr<LoadedHook> Load(const HookRow& row, SharedMaps& maps,
                                         const LoadSettings& settings);

  // Attaches every program of a kTracepoint hook.
  absl::Status AttachTracepoint();
  // Attaches the programs of a kCgroup hook at the cgroup v2 folder `cgroup_path`, but for those
  // for the types `on_demand`.
  absl::Status AttachCgroup(const std::string& cgroup_path,
                            std::span<const bpf_attach_type> on_demand);
  // Runs every program of a kRunOnce hook to its end.
  absl::Status RunIterators();
  // Null unless AttachCgroup succeeded.
  CgroupAttachment* cgroup() { return cgroup_ ? &*cgroup_ : nullptr; }

  bpf_program* program(const char* name) const;
  // -1 when the object has no such map.
  int map_fd(const char* name) const;
  // Runs that the kernel left out because the CPU was in that program already
  // (bpf_prog_info.recursion_misses, since 5.12).
  uint64_t missed_runs() const;
  // What its own maps take, without the shared ones.
  std::vector<MapMemory> memory() const;
  const HookRow& row() const { return *row_; }
  const HookObject& object() const { return is_fallback_ ? row_->fallback : row_->object; }

 private:
  explicit LoadedHook(const HookRow& row) : row_(&row) {}
  absl::Status LoadObject(SharedMaps& maps, const LoadSettings& settings);

  const HookRow* row_;
  bool is_fallback_ = false;
  std::unique_ptr<bpf_object, BpfObjectDeleter> object_;
  std::vector<BpfLink> links_;  // after object_: detached before it is closed
  std::optional<CgroupAttachment> cgroup_;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_HOOKS_H_
