// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/kernel_layout.h"

#include <bpf/btf.h>

#include <string>

namespace alidade {
namespace {

// Bits from the beginning of the structure or union `id`.
std::optional<uint32_t> FindBits(const btf* types, uint32_t id, std::string_view field) {
  const btf_type* type = btf__type_by_id(types, id);
  if (type == nullptr || !btf_is_composite(type)) return std::nullopt;
  for (uint32_t i = 0; i < btf_vlen(type); ++i) {
    const btf_member& member = btf_members(type)[i];
    const std::string_view name = btf__name_by_offset(types, member.name_off);
    const uint32_t offset = btf_member_bit_offset(type, i);
    if (name == field) {
      if (btf_member_bitfield_size(type, i) != 0) return std::nullopt;
      return offset;
    }
    if (!name.empty()) continue;
    const std::optional<uint32_t> inside = FindBits(types, member.type, field);
    if (inside) return offset + *inside;
  }
  return std::nullopt;
}

}  // namespace

std::optional<uint32_t> FieldOffset(const btf* types, std::string_view structure,
                                    std::string_view field) {
  const int id = btf__find_by_name_kind(types, std::string(structure).c_str(), BTF_KIND_STRUCT);
  if (id < 0) return std::nullopt;
  const std::optional<uint32_t> bits = FindBits(types, static_cast<uint32_t>(id), field);
  return bits ? std::optional(*bits / 8) : std::nullopt;
}

kernel_layout KernelLayout(const btf* kernel) {
  const auto offset = [&](std::string_view structure, std::string_view field) {
    return FieldOffset(kernel, structure, field).value_or(0);
  };
  return {.skb_head = offset("sk_buff", "head"),
          .skb_data = offset("sk_buff", "data"),
          .skb_network_header = offset("sk_buff", "network_header"),
          .skb_nfct = offset("sk_buff", "_nfct"),
          .skc_listener = offset("sock_common", "skc_listener"),
          .skc_cookie = offset("sock_common", "skc_cookie"),
          .tcp_fastopen_rsk = offset("tcp_sock", "fastopen_rsk")};
}

}  // namespace alidade
