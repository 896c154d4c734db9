// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/kernel_types.h"

#include <bpf/btf.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>

#include "agent/capture/system_error.h"

namespace alidade {
namespace {

// One file for the kernel, one for each module (since 5.11).
constexpr const char* kBtfFolder = "/sys/kernel/btf";

}  // namespace

absl::StatusOr<KernelTypes> KernelTypes::Read() {
  TypesPointer kernel(btf__load_vmlinux_btf(), btf__free);
  if (kernel == nullptr) {
    return SystemError(errno, "read the kernel's BTF (the kernel must have CONFIG_DEBUG_INFO_BTF)");
  }
  return KernelTypes(std::move(kernel));
}

TypesPointer KernelTypes::Module(const std::string& name) const {
  return {btf__load_module_btf(name.c_str(), kernel_.get()), btf__free};
}

void KernelTypes::ForEachModule(const std::function<void(const btf*)>& visit) const {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(kBtfFolder, ignored)) {
    const std::string name = entry.path().filename();
    if (name == "vmlinux") continue;
    const TypesPointer module = Module(name);
    if (module != nullptr) visit(module.get());
  }
}

}  // namespace alidade
