/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Somebody else's load balancer in the sockets of a cgroup, for the tests: who asks for the service
 * gets the backend, and is told that it was the service.
 */
#include "vmlinux.h"

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

enum { ALLOW = 1 };

/* Network order; an IPv4 address stands in the first word. */
const volatile __u32 service4 = 0, backend4 = 0;
const volatile __u32 service6[4] = {}, backend6[4] = {};
const volatile __u32 service_port = 0, backend_port = 0;

static __always_inline int rewrite4(struct bpf_sock_addr *ctx, __u32 from, __u32 from_port,
                                    __u32 to, __u32 to_port) {
  if (ctx->user_ip4 != from || ctx->user_port != from_port) return ALLOW;
  ctx->user_ip4 = to;
  ctx->user_port = to_port;
  return ALLOW;
}

static __always_inline int rewrite6(struct bpf_sock_addr *ctx, const volatile __u32 *from,
                                    __u32 from_port, const volatile __u32 *to, __u32 to_port) {
  if (ctx->user_ip6[0] != from[0] || ctx->user_ip6[1] != from[1] || ctx->user_ip6[2] != from[2] ||
      ctx->user_ip6[3] != from[3] || ctx->user_port != from_port)
    return ALLOW;
  ctx->user_ip6[0] = to[0];
  ctx->user_ip6[1] = to[1];
  ctx->user_ip6[2] = to[2];
  ctx->user_ip6[3] = to[3];
  ctx->user_port = to_port;
  return ALLOW;
}

#define FORWARD4(name, section)                                           \
  SEC(section)                                                            \
  int name(struct bpf_sock_addr *ctx) {                                   \
    return rewrite4(ctx, service4, service_port, backend4, backend_port); \
  }
#define FORWARD6(name, section)                                           \
  SEC(section)                                                            \
  int name(struct bpf_sock_addr *ctx) {                                   \
    return rewrite6(ctx, service6, service_port, backend6, backend_port); \
  }
#define REVERSE4(name, section)                                           \
  SEC(section)                                                            \
  int name(struct bpf_sock_addr *ctx) {                                   \
    return rewrite4(ctx, backend4, backend_port, service4, service_port); \
  }
#define REVERSE6(name, section)                                           \
  SEC(section)                                                            \
  int name(struct bpf_sock_addr *ctx) {                                   \
    return rewrite6(ctx, backend6, backend_port, service6, service_port); \
  }

FORWARD4(lb_connect4, "cgroup/connect4")
FORWARD6(lb_connect6, "cgroup/connect6")
FORWARD4(lb_sendmsg4, "cgroup/sendmsg4")
FORWARD6(lb_sendmsg6, "cgroup/sendmsg6")
REVERSE4(lb_recvmsg4, "cgroup/recvmsg4")
REVERSE6(lb_recvmsg6, "cgroup/recvmsg6")
REVERSE4(lb_getpeername4, "cgroup/getpeername4")
REVERSE6(lb_getpeername6, "cgroup/getpeername6")

char LICENSE[] SEC("license") = "Dual BSD/GPL";
