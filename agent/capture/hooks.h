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
#include "agent/capture/owner_maps.h"
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
};

struct HookRow {
  const char* name;
  hook_id id;
  AttachPlace place;
  const char* unseen;  // what a node without this hook does not see
  const void* (*elf)(size_t* size);
  // For a kernel that refuses `elf`; null: there is none. And what it cannot do.
  const void* (*fallback)(size_t* size) = nullptr;
  const char* fallback_lacks = "";
};

// All hooks that there are.
std::span<const HookRow> Hooks();

// The maps that hooks share: the perf event array and the per-CPU counts, of all; and those of
// bpf/lib/owner.h and listener.h, which the first object that has them makes.
class SharedMaps {
 public:
  static absl::StatusOr<SharedMaps> Create();
  int events_fd() const { return events_.get(); }
  int counts_fd() const { return counts_.get(); }

  // The counts of one hook, summed over CPUs.
  hook_count Count(hook_id id) const;
  // Empty when no object that was loaded has these maps.
  std::optional<OwnerMaps> owners() const;

  // Before an object is loaded: gives it the maps that exist.
  absl::Status GiveTo(bpf_object* object) const;
  // After it was loaded: keeps those that it made for the next one.
  void TakeFrom(bpf_object* object);

 private:
  struct Made {
    const char* name;
    FileDescriptor fd;
  };
  int made_fd(const char* name) const;

  FileDescriptor events_;
  FileDescriptor counts_;
  std::vector<Made> made_;
};

// A part of an object's read-only data, by the name of its section; written before loading.
struct ReadOnlySection {
  const char* section;
  std::span<const std::byte> bytes;
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
  // sections that the object does not have are passed over. Errors say what the kernel refused.
  static absl::StatusOr<LoadedHook> Load(const HookRow& row, SharedMaps& maps,
                                         std::span<const ReadOnlySection> sections);

  // Attaches every program of a kTracepoint hook.
  absl::Status AttachTracepoint();
  // Attaches every program of a kCgroup hook at the cgroup v2 folder `cgroup_path`.
  absl::Status AttachCgroup(const std::string& cgroup_path);
  // Runs every program of a kRunOnce hook to its end.
  absl::Status RunIterators();
  // Null unless AttachCgroup succeeded.
  CgroupAttachment* cgroup() { return cgroup_ ? &*cgroup_ : nullptr; }

  bpf_program* program(const char* name) const;
  // -1 when the object has no such map.
  int map_fd(const char* name) const;
  const HookRow& row() const { return *row_; }
  bool is_fallback() const { return is_fallback_; }

 private:
  explicit LoadedHook(const HookRow& row) : row_(&row) {}
  absl::Status LoadObject(const void* elf, size_t size, SharedMaps& maps,
                          std::span<const ReadOnlySection> sections);

  const HookRow* row_;
  bool is_fallback_ = false;
  std::unique_ptr<bpf_object, BpfObjectDeleter> object_;
  std::vector<BpfLink> links_;  // after object_: detached before it is closed
  std::optional<CgroupAttachment> cgroup_;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_HOOKS_H_
