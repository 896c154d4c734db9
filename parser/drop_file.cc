// SPDX-License-Identifier: Apache-2.0
#include "parser/drop_file.h"

#include <charconv>
#include <cstring>

namespace alidade {
namespace {

constexpr int kFirstProgram = 1;
constexpr std::string_view kPrograms[] = {"bpf_host.c",     "bpf_lxc.c",  "bpf_overlay.c",
                                          "bpf_xdp.c",      "bpf_sock.c", "bpf_network.c",
                                          "bpf_wireguard.c"};
constexpr int kFirstHeader = 101;
constexpr std::string_view kHeaders[] = {
    "drop.h",  "srv6.h",          "icmp6.h",           "nodeport.h",       "lb.h",
    "mcast.h", "ipv4.h",          "conntrack.h",       "local_delivery.h", "trace.h",
    "encap.h", "host_firewall.h", "nodeport_egress.h", "ipv6.h",           "classifiers.h"};

}  // namespace

std::string_view DropFileName(uint8_t id, DropFileBuffer* buffer) {
  if (id >= kFirstProgram && id - kFirstProgram < static_cast<int>(std::size(kPrograms))) {
    return kPrograms[id - kFirstProgram];
  }
  if (id >= kFirstHeader && id - kFirstHeader < static_cast<int>(std::size(kHeaders))) {
    return kHeaders[id - kFirstHeader];
  }
  constexpr std::string_view kPrefix = "unknown(";
  char* out = buffer->data();
  kPrefix.copy(out, kPrefix.size());
  out = std::to_chars(out + kPrefix.size(), buffer->data() + buffer->size() - 1, id).ptr;
  *out++ = ')';
  return {buffer->data(), static_cast<size_t>(out - buffer->data())};
}

}  // namespace alidade
