// SPDX-License-Identifier: Apache-2.0
//
// Whose programs stand on cgroups (version 2).
#ifndef ALIDADE_AGENT_CAPTURE_CGROUP_PROGRAMS_H_
#define ALIDADE_AGENT_CAPTURE_CGROUP_PROGRAMS_H_

#include <bpf/bpf.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace alidade {

// kAttached: those on the cgroup itself. kEffective: all that run for a process there, in their
// order; those of the cgroups above, too.
enum class ProgramScope : uint8_t { kAttached, kEffective };

// The numbers of the programs for `type`; empty also when the cgroup cannot be asked, because it is
// gone or none. Needs CAP_NET_ADMIN.
std::vector<uint32_t> ProgramsOn(int cgroup_fd, bpf_attach_type type, ProgramScope scope);

// Looks for programs that belong neither to this agent nor to another one. Thread: one at a time.
class OtherPrograms {
 public:
  // On `types`, in the cgroup `root` and all below it; `own` are the numbers of this agent's.
  OtherPrograms(std::string root, std::vector<bpf_attach_type> types, std::set<uint32_t> own)
      : root_(std::move(root)), types_(std::move(types)), own_(std::move(own)) {}

  // Whether there are some that run for every process below the root.
  bool AtRoot() const;
  // Whether there are some anywhere; nearest to the root first, as far as the first one. A tree of
  // more cgroups than can be looked at is taken to have some. Cgroups may come and go meanwhile.
  bool Anywhere() const;

 private:
  bool AreOn(const std::string& folder, ProgramScope scope) const;

  std::string root_;
  std::vector<bpf_attach_type> types_;
  std::set<uint32_t> own_;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_CGROUP_PROGRAMS_H_
