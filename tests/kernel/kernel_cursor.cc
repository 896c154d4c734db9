// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/kernel_cursor.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cerrno>
#include <iterator>

#include "tests/packet_cursor.skel.h"

namespace alidade::testing {

KernelCursor::KernelCursor()
    : program_(packet_cursor_bpf__open_and_load(), packet_cursor_bpf__destroy) {
  REQUIRE(program_ != nullptr);
}

std::optional<CursorPacket> KernelCursor::Read(const std::vector<std::byte>& bytes,
                                               bool is_l3_device, bool may_be_direct) {
  program_->bss->l3_device = is_l3_device;
  program_->bss->may_be_direct = may_be_direct;
  LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = bytes.data(),
              .data_size_in = static_cast<uint32_t>(bytes.size()));
  const int error = bpf_prog_test_run_opts(bpf_program__fd(program_->progs.read_packet), &options);
  constexpr size_t kLongestHeaders = 14 + 40;
  if (error == -EINVAL && bytes.size() < kLongestHeaders) return std::nullopt;
  REQUIRE(error == 0);

  const auto& found = *program_->bss;
  CursorPacket packet;
  packet.is_ip = found.is_ip;
  packet.is_ipv6 = found.ipv6;
  std::copy(std::begin(found.source), std::end(found.source), packet.source.begin());
  std::copy(std::begin(found.destination), std::end(found.destination), packet.destination.begin());
  packet.source_port = ntohs(found.source_port);
  packet.destination_port = ntohs(found.destination_port);
  packet.protocol = found.protocol;
  packet.tcp_flags = found.tcp_flags;
  packet.icmp_type = found.icmp_type;
  packet.vlan = found.vlan;
  return packet;
}

}  // namespace alidade::testing
