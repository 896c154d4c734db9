// SPDX-License-Identifier: Apache-2.0
//
// The types of the running kernel and its modules, by their BTF. Reading the kernel's takes some
// milliseconds: once for whoever asks at start.
#ifndef ALIDADE_AGENT_CAPTURE_KERNEL_TYPES_H_
#define ALIDADE_AGENT_CAPTURE_KERNEL_TYPES_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"

struct btf;

namespace alidade {

using TypesPointer = std::unique_ptr<btf, void (*)(btf*)>;

class KernelTypes {
 public:
  // Errors: kNotFound when the kernel has no BTF.
  static absl::StatusOr<KernelTypes> Read();

  const btf* kernel() const { return kernel_.get(); }
  // Of the module called `name`, on top of the kernel's; null when it is not loaded, or has none
  // (before 5.11).
  TypesPointer Module(const std::string& name) const;
  // Calls `visit` with those of each module that is loaded.
  void ForEachModule(const std::function<void(const btf*)>& visit) const;

 private:
  explicit KernelTypes(TypesPointer kernel) : kernel_(std::move(kernel)) {}

  TypesPointer kernel_;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_KERNEL_TYPES_H_
