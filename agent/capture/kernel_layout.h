// SPDX-License-Identifier: Apache-2.0
//
// Where fields of the running kernel's structures stand, by its BTF: for programs that must also
// load where there is none, and so cannot be relocated.
#ifndef ALIDADE_AGENT_CAPTURE_KERNEL_LAYOUT_H_
#define ALIDADE_AGENT_CAPTURE_KERNEL_LAYOUT_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "bpf/config.h"

struct btf;

namespace alidade {

// Bytes from the beginning of `structure` to its field, which may stand in anonymous parts of it.
// Nothing when there is no such structure or field, or the field is a bit field.
std::optional<uint32_t> FieldOffset(const btf* types, std::string_view structure,
                                    std::string_view field);

// Zero for what the kernel does not have.
kernel_layout KernelLayout(const btf* kernel);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_KERNEL_LAYOUT_H_
