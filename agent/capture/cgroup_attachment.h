// SPDX-License-Identifier: Apache-2.0
//
// The programs of one object on a cgroup of version 2, each at its place among those of others.
#ifndef ALIDADE_AGENT_CAPTURE_CGROUP_ATTACHMENT_H_
#define ALIDADE_AGENT_CAPTURE_CGROUP_ATTACHMENT_H_

#include <bpf/bpf.h>

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/capture/file_descriptor.h"

struct bpf_object;
struct bpf_program;

namespace alidade {

// Thread: one at a time. Destruction detaches.
class CgroupAttachment {
 public:
  // Attaches every program of `object`, which must outlive this, at the folder `path`: those whose
  // name begins with `alidade_last_` behind all others of that cgroup and below it, the rest before
  // them. A kernel before 6.17 runs them in the order of attaching. Those for the types `on_demand`
  // wait for Demand.
  static absl::StatusOr<CgroupAttachment> Attach(bpf_object* object, const std::string& path,
                                                 std::span<const bpf_attach_type> on_demand);

  // Whether the kernel lets a program go first.
  bool is_ordered() const { return is_ordered_; }

  // Gives the programs their places back when others have attached since. Others come without
  // telling: to be called from time to time. Errors: of the first program that could not be moved;
  // it stays where it is.
  absl::Status KeepPlaces();

  // Attaches the programs that stand on demand, or detaches them; none again that is where it shall
  // be. Errors: of a program that could not be attached; the others are.
  absl::Status Demand(bool wanted);
  // Their numbers in the kernel.
  std::set<uint32_t> OnDemand() const;

 private:
  enum class Place : uint8_t { kFirst, kLast };
  struct Attached {
    const bpf_program* program = nullptr;
    Place place = Place::kFirst;
    bool is_on_demand = false;
    FileDescriptor link;  // closing it detaches; none while nobody demands the program
  };

  absl::StatusOr<FileDescriptor> Link(const bpf_program* program, Place place);
  // Puts the program in its place. A link that it has goes when the new one stands: no call is
  // missed.
  absl::Status Relink(Attached* attached);
  bool IsInPlace(const Attached& attached) const;

  FileDescriptor cgroup_;
  std::vector<Attached> attached_;
  bool is_ordered_ = true;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_CGROUP_ATTACHMENT_H_
