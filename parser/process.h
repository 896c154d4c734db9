// SPDX-License-Identifier: Apache-2.0
//
// Whose a socket is: what a flow says of a process, and where that is asked. The text of a process
// is encoded once, when it becomes known, and copied into every flow of its sockets.
#ifndef ALIDADE_PARSER_PROCESS_H_
#define ALIDADE_PARSER_PROCESS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace alidade {

// Immutable once made. Empty text: not known.
struct Process {
  uint32_t pid = 0;          // in the initial pid namespace
  std::string command;       // up to 15 bytes, as the process calls itself
  std::string executable;    // path as the process sees it, from its own root
  std::string cgroup;        // path from the root of cgroup v2
  std::string container_id;  // 64 hexadecimal digits
};

// A process as flows show it. Immutable once made.
struct EncodedProcess {
  uint32_t pid = 0;
  // The entries `cgroup`, `command`, `container_id` and `executable` of Flow.extensions, those that
  // are known: a google.protobuf.Struct, serialized with its keys in order.
  std::string wire;
  // Where entries begin in `wire`.
  size_t command = 0;
  size_t container_id = 0;
  size_t executable = 0;

  std::string_view Entries(size_t begin, size_t end) const {
    return std::string_view(wire).substr(begin, end - begin);
  }
};

EncodedProcess EncodeProcess(const Process& process);

// One process, or one of those that had its pid one after the other.
struct SocketOwner {
  uint32_t pid = 0;
  uint32_t exec_id = 0;     // counts what the process has executed
  uint64_t start_time = 0;  // nanoseconds since boot
  uint64_t cgroup_id = 0;

  friend bool operator==(const SocketOwner&, const SocketOwner&) = default;
};

// Answers about sockets of this node; FindOwner is quick, the others cost a system call. False: not
// known (yet).
class SocketOwnerSource {
 public:
  virtual ~SocketOwnerSource() = default;
  virtual bool FindOwner(uint64_t cookie, SocketOwner* owner) const = 0;
  // Fills command and executable.
  virtual bool FindProcess(const SocketOwner& owner, Process* process) const = 0;
  // The path from the root of cgroup v2.
  virtual bool FindCgroup(uint64_t id, std::string* path) const = 0;
};

}  // namespace alidade

#endif  // ALIDADE_PARSER_PROCESS_H_
