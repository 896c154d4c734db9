/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * sock_addr: who asks for a connection, as sock notifications at the point before any translation.
 *
 * Why cgroup connect4/6 and sendmsg4/6: they run in the calling process, before a packet exists and
 * before another program on the same hook rewrites the address, and see calls that will never put a
 * packet on an interface. Attached at the root of cgroup v2, they see every process below it.
 * They always allow the call.
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "bpf/lib/clock.h"
#include "bpf/lib/emit.h"

enum { ALLOW = 1 };
enum { PROTO_TCP = 6, PROTO_UDP = 17 };
#define MAPPED_PREFIX bpf_htonl(0xffff) /* third word of ::ffff:a.b.c.d, RFC 4291 2.5.5.2 */

struct sock_record {
  struct sock_notify notify;
  struct sock_ext ext;
};
ABI_OFFSET(sock_record, ext, sizeof(struct sock_notify));

/* A datagram socket that never connects would report each message it sends: the time of the last
 * report for each of its destinations. */
struct send_key {
  __u64 cookie;
  __u8 destination[16];
  __u32 port;
  __u32 pad;
};

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 16384);
  __type(key, struct send_key);
  __type(value, __u64); /* nanoseconds, monotonic */
} sends SEC(".maps");

static __always_inline bool is_send_worth_a_report(const struct sock_notify *notify) {
  if (config.aggregation < AGGREGATION_MEDIUM) return true;

  __u64 now = bpf_ktime_get_ns();
  struct send_key key = {.cookie = notify->sock_cookie, .port = notify->dst_port};
  __builtin_memcpy(key.destination, notify->dst_ip, sizeof(key.destination));
  __u64 *last = bpf_map_lookup_elem(&sends, &key);
  if (last && elapsed(*last, now) < config.report_interval_ns) return false;
  bpf_map_update_elem(&sends, &key, &now, BPF_ANY);
  return true;
}

static __always_inline void fill_process(struct sock_ext *ext) {
  struct task_struct *task = (void *)bpf_get_current_task();

  ext->version = EXT_V1;
  ext->pid = BPF_CORE_READ(task, tgid);
  ext->netns = BPF_CORE_READ(task, nsproxy, net_ns, ns.inum);
  BPF_CORE_READ_STR_INTO(&ext->comm, task, comm);
}

static __always_inline int observe(struct bpf_sock_addr *ctx, bool ipv6, bool send) {
  struct hook_count *count = hook_count_of(HOOK_SOCK_ADDR);
  if (!count) return ALLOW;
  count->seen++;

  struct sock_record record = {
      .notify =
          {
              .type = NOTIFY_TRACE_SOCK,
              .xlate_point = SOCK_XLATE_PRE_FWD,
              .l4_proto = ctx->protocol == PROTO_TCP   ? SOCK_L4_TCP
                          : ctx->protocol == PROTO_UDP ? SOCK_L4_UDP
                                                       : SOCK_L4_UNKNOWN,
              .flags = ipv6 ? SOCK_FLAG_IPV6 : 0,
              .dst_port = bpf_ntohs((__be16)ctx->user_port),
              .sock_cookie = bpf_get_socket_cookie(ctx),
              .cgroup_id = bpf_get_current_cgroup_id(),
          },
  };
  __u32 *dst = (__u32 *)record.notify.dst_ip;
  __u32 *local = (__u32 *)record.ext.local_ip;
  struct bpf_sock *sk = ctx->sk;
  if (ipv6 && !ctx->user_ip6[0] && !ctx->user_ip6[1] && ctx->user_ip6[2] == MAPPED_PREFIX) {
    /* What an IPv6 socket says to this address travels as IPv4. */
    record.notify.flags &= ~SOCK_FLAG_IPV6;
    dst[0] = ctx->user_ip6[3];
    if (sk) local[0] = sk->src_ip4;
  } else if (ipv6) {
    dst[0] = ctx->user_ip6[0];
    dst[1] = ctx->user_ip6[1];
    dst[2] = ctx->user_ip6[2];
    dst[3] = ctx->user_ip6[3];
    if (sk) {
      local[0] = sk->src_ip6[0];
      local[1] = sk->src_ip6[1];
      local[2] = sk->src_ip6[2];
      local[3] = sk->src_ip6[3];
    }
  } else {
    dst[0] = ctx->user_ip4;
    if (sk) local[0] = sk->src_ip4;
  }
  if (sk) record.ext.local_port = sk->src_port;

  if (send && !is_send_worth_a_report(&record.notify)) {
    count->ignored++;
    return ALLOW;
  }
  fill_process(&record.ext);
  emit(ctx, count, &record, sizeof(record), 0);
  return ALLOW;
}

SEC("cgroup/connect4")
int alidade_conn4(struct bpf_sock_addr *ctx) { return observe(ctx, false, false); }

SEC("cgroup/connect6")
int alidade_conn6(struct bpf_sock_addr *ctx) { return observe(ctx, true, false); }

SEC("cgroup/sendmsg4")
int alidade_send4(struct bpf_sock_addr *ctx) { return observe(ctx, false, true); }

SEC("cgroup/sendmsg6")
int alidade_send6(struct bpf_sock_addr *ctx) { return observe(ctx, true, true); }

char LICENSE[] SEC("license") = "Dual BSD/GPL";
