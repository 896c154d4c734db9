// SPDX-License-Identifier: Apache-2.0
//
// Names of kernel code by address, that of modules which come while the agent runs too.
#ifndef ALIDADE_AGENT_CAPTURE_FUNCTION_NAMES_H_
#define ALIDADE_AGENT_CAPTURE_FUNCTION_NAMES_H_

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "agent/capture/file_descriptor.h"
#include "agent/capture/kernel_symbols.h"

namespace alidade {

// The files are those of proc(5), or for a test others of their form. Whether the kernel shows
// addresses it decides when a file is opened: the symbols stay open, so that privileges may go.
class FunctionNames {
 public:
  explicit FunctionNames(const std::string& symbols_file = "/proc/kallsyms",
                         std::string modules_file = "/proc/modules");

  // The function that `address` lies in, by its name in the source; empty when unknown. One thread.
  // The first new address after modules came or went costs a new reading of all symbols (tens of
  // milliseconds). What was found stays, also when another module takes the place. Views live as
  // long as this object.
  std::string_view NameOf(uint64_t address);

  // As they were last read; for the same thread.
  const KernelSymbols& symbols() const { return symbols_; }

 private:
  // Addresses remembered; there are as many as the kernel has places that drop packets.
  static constexpr size_t kMaxFound = 4096;

  std::set<std::string> LoadedModules() const;

  const std::string modules_file_;
  FileDescriptor file_;
  std::set<std::string> modules_;
  KernelSymbols symbols_;
  std::unordered_map<uint64_t, std::string> found_;  // names do not move when it grows
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_FUNCTION_NAMES_H_
