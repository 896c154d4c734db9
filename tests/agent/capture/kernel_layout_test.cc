// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/kernel_layout.h"

#include <bpf/btf.h>

#include <catch2/catch_test_macros.hpp>
#include <memory>

#include "agent/capture/kernel_types.h"

namespace alidade {

TEST_CASE("a field's offset is found in anonymous parts too", "[capture]") {
  const std::unique_ptr<btf, void (*)(btf*)> types(btf__new_empty(), btf__free);
  const int word = btf__add_int(types.get(), "u32", 4, 0);
  const int inner = btf__add_struct(types.get(), "", 8);
  btf__add_field(types.get(), "first", word, 0, 0);
  btf__add_field(types.get(), "second", word, 32, 0);
  REQUIRE(btf__add_struct(types.get(), "packet", 20) > 0);
  btf__add_field(types.get(), "len", word, 0, 0);
  btf__add_field(types.get(), "flag", word, 32, 1);
  btf__add_field(types.get(), "", inner, 64, 0);
  btf__add_field(types.get(), "named", inner, 128, 0);

  CHECK(FieldOffset(types.get(), "packet", "len") == 0u);
  CHECK(FieldOffset(types.get(), "packet", "second") == 12u);
  CHECK(FieldOffset(types.get(), "packet", "named") == 16u);
  CHECK_FALSE(FieldOffset(types.get(), "packet", "flag").has_value());
  CHECK_FALSE(FieldOffset(types.get(), "packet", "third").has_value());
  CHECK_FALSE(FieldOffset(types.get(), "nothing", "len").has_value());
}

TEST_CASE("the running kernel's packets and sockets have a layout", "[capture]") {
  const absl::StatusOr<KernelTypes> types = KernelTypes::Read();
  if (!types.ok()) SKIP("this kernel does not tell its types");
  const kernel_layout layout = KernelLayout(types->kernel());
  CHECK(layout.skb_head != 0);
  CHECK(layout.skb_data == layout.skb_head + sizeof(void*));
  CHECK(layout.skc_listener != 0);
  CHECK(layout.skc_cookie != 0);
  CHECK(layout.tcp_fastopen_rsk != 0);
}

}  // namespace alidade
