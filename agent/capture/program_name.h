// SPDX-License-Identifier: Apache-2.0
//
// Whose BPF program this is: ours are told from others' by their names.
#ifndef ALIDADE_AGENT_CAPTURE_PROGRAM_NAME_H_
#define ALIDADE_AGENT_CAPTURE_PROGRAM_NAME_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace alidade {

// Makes ProgramName work for a process without CAP_SYS_ADMIN: loads what lists the names, which
// stays for the life of the process. Needs CAP_BPF and CAP_PERFMON. To be called once, before
// ProgramName is. False when the kernel has no such thing (before 5.9).
bool PrepareProgramNames();

// The name of a loaded program; empty when it is gone, or may not be known. Thread: any.
std::string ProgramName(uint32_t program_id);

// The number by which the kernel knows the program behind `fd`; 0 when it does not.
uint32_t ProgramId(int fd);

// Also true of another agent's on the same node.
inline bool IsOurs(std::string_view program_name) { return program_name.starts_with("alidade_"); }

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_PROGRAM_NAME_H_
