/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * sock_addr: which address a process asks for or is told, as sock notifications before and after
 * another program translates it.
 *
 * Why cgroup connect4/6, sendmsg4/6, recvmsg4/6 (5.2) and getpeername4/6 (5.8): they run in the
 * calling process, before a packet exists, see calls that will never put a packet on an interface,
 * and are where others rewrite addresses. Attached at the root of cgroup v2, they see every process
 * below it. They always allow the call and change nothing.
 *
 * Each call runs two programs of ours: alidade_NAME before the others' and alidade_last_X behind
 * them. The second reports only what differs from what the first one saw. Where the kernel cannot
 * put a program first (before 6.17), what others did before it is not seen.
 *
 * From level medium on the same call is reported once per interval (bpf/lib/recent_calls.h). That a
 * process connects to a peer over and over its packets tell as well; a connection that somebody
 * translates is reported each time, since each may go to another backend.
 *
 * Those on recvmsg are attached only while somebody else's stand there, unless told otherwise
 * (agent/capture/cgroup_keeper.h): any program there makes the kernel lock the socket once more for
 * each datagram.
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bpf/lib/emit.h"
#include "bpf/lib/limit.h"
#include "bpf/lib/owner.h"
#include "bpf/lib/protocols.h"
#include "bpf/lib/recent_calls.h"
#include "bpf/lib/sock_call.h"

enum { ALLOW = 1 };

struct sock_record {
  struct sock_notify notify;
  struct sock_ext ext;
};
ABI_OFFSET(sock_record, ext, sizeof(struct sock_notify));

/* What the first program saw, for the last one of the same call. A call stays on its CPU from one
 * to the other, but another task may come between: slots are chosen by task, and checked. */
struct seen_call {
  __u64 task; /* pid and tgid; 0: nothing to say of this call */
  __u64 cookie;
  struct sock_peer peer;
  __u32 reported; /* 1: what the first program saw has been reported */
};

enum { CALL_SLOTS = 16 };
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, CALL_SLOTS);
  __type(key, __u32);
  __type(value, struct seen_call);
} seen_calls SEC(".maps");

/* Tells user space that somebody translates addresses. */
struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4096); /* the least: a page */
} translations SEC(".maps");

/* One note is enough until user space has read it. */
static __always_inline void note_translation(void) {
  __u32 nothing = 0;

  if (!bpf_ringbuf_query(&translations, BPF_RB_AVAIL_DATA))
    bpf_ringbuf_output(&translations, &nothing, sizeof(nothing), 0);
}

static __always_inline struct seen_call *slot_of(__u64 task) {
  __u32 index = (__u32)task % CALL_SLOTS;
  return bpf_map_lookup_elem(&seen_calls, &index);
}

/* Who calls, to aggregation: of a connection, whose socket is new each time, the process. */
static __always_inline __u64 caller_of(struct bpf_sock_addr *ctx, enum sock_call call, __u64 cookie,
                                       __u64 task) {
  return call == CALL_CONNECT ? bpf_get_netns_cookie(ctx) << 32 | task >> 32 : cookie;
}

static __always_inline bool is_worth_a_report(struct bpf_sock_addr *ctx, enum sock_call call,
                                              __u64 cookie, __u64 task,
                                              const struct sock_peer *peer) {
  if (config.aggregation < AGGREGATION_MEDIUM) return true;
  if (call != CALL_CONNECT && config.aggregation >= AGGREGATION_MAXIMUM) return false;
  struct call_key key = {
      .caller = caller_of(ctx, call, cookie, task),
      .peer = *peer,
      .call = call,
      .protocol = ctx->protocol,
  };
  return is_call_due(&key);
}

static __always_inline void fill_process(struct sock_ext *ext) {
  struct task_struct *task = (void *)bpf_get_current_task();

  ext->version = EXT_V1;
  ext->pid = bpf_get_current_pid_tgid() >> 32;
  ext->netns = BPF_CORE_READ(task, nsproxy, net_ns, ns.inum);
  bpf_get_current_comm(ext->comm, sizeof(ext->comm));
}

/* The address that the socket is bound to, in the family of the peer's. */
static __always_inline void fill_local(struct sock_ext *ext, struct bpf_sock *sk, bool ipv6) {
  __u32 *local = (__u32 *)ext->local_ip;

  if (!sk) return;
  ext->local_port = sk->src_port;
  if (ipv6) {
    local[0] = sk->src_ip6[0];
    local[1] = sk->src_ip6[1];
    local[2] = sk->src_ip6[2];
    local[3] = sk->src_ip6[3];
  } else {
    local[0] = sk->src_ip4;
  }
}

static __always_inline __u8 before_others(enum sock_call call) {
  return is_reverse(call) ? SOCK_XLATE_PRE_REV : SOCK_XLATE_PRE_FWD;
}

static __always_inline __u8 behind_others(enum sock_call call) {
  return is_reverse(call) ? SOCK_XLATE_POST_REV : SOCK_XLATE_POST_FWD;
}

static __always_inline void report(struct bpf_sock_addr *ctx, struct hook_count *count,
                                   __u64 cookie, const struct sock_peer *peer, __u8 point) {
  struct sock_record record = {
      .notify =
          {
              .type = NOTIFY_TRACE_SOCK,
              .xlate_point = point,
              .l4_proto = ctx->protocol == PROTO_TCP   ? SOCK_L4_TCP
                          : ctx->protocol == PROTO_UDP ? SOCK_L4_UDP
                                                       : SOCK_L4_UNKNOWN,
              .flags = peer->ipv6 ? SOCK_FLAG_IPV6 : 0,
              .dst_port = peer->port,
              .sock_cookie = cookie,
              .cgroup_id = bpf_get_current_cgroup_id(),
          },
  };
  __builtin_memcpy(record.notify.dst_ip, peer->ip, sizeof(peer->ip));
  fill_local(&record.ext, ctx->sk, peer->ipv6);
  fill_process(&record.ext);
  struct event_source source = {}; /* all of it: the union is wider than the id */
  source.cgroup_id = record.notify.cgroup_id;
  if (!within_limits(count, &source)) return;
  emit(count, &record, sizeof(record));
}

static __always_inline int before(struct bpf_sock_addr *ctx, bool ipv6, enum sock_call call) {
  struct hook_count *count = hook_count_of(HOOK_SOCK_ADDR);
  if (!count) return ALLOW;
  count->seen++;

  __u64 cookie = bpf_get_socket_cookie(ctx);
  __u64 task = bpf_get_current_pid_tgid();
  struct sock_peer peer = peer_of(ctx, ipv6);
  bool is_due = is_worth_a_report(ctx, call, cookie, task, &peer);
  if (!is_due) {
    count->ignored++;
    if (call != CALL_CONNECT) return ALLOW;
  }
  struct seen_call *slot = slot_of(task);
  if (!slot) return ALLOW;
  slot->task = task;
  slot->cookie = cookie;
  slot->peer = peer;
  slot->reported = is_due;
  struct socket_owner owner = {};
  note_current_owner(cookie, &owner);
  if (is_due) report(ctx, count, cookie, &peer, before_others(call));
  return ALLOW;
}

static __always_inline int after(struct bpf_sock_addr *ctx, bool ipv6, enum sock_call call) {
  struct hook_count *count = hook_count_of(HOOK_SOCK_ADDR);
  __u64 task = bpf_get_current_pid_tgid();
  struct seen_call *slot = slot_of(task);
  if (!count || !slot) return ALLOW;
  count->seen++;

  if (slot->task != task || slot->cookie != bpf_get_socket_cookie(ctx)) {
    count->ignored++;
    return ALLOW;
  }
  struct sock_peer peer = peer_of(ctx, ipv6);
  if (is_same_peer(&slot->peer, &peer)) {
    count->ignored++;
  } else {
    note_translation();
    /* That of connect could not know that somebody would translate. */
    if (call == CALL_CONNECT && !slot->reported) {
      count->ignored--;
      report(ctx, count, slot->cookie, &slot->peer, before_others(call));
    }
    report(ctx, count, slot->cookie, &peer, behind_others(call));
  }
  slot->task = 0;
  return ALLOW;
}

SEC("cgroup/connect4")
int alidade_conn4(struct bpf_sock_addr *ctx) { return before(ctx, false, CALL_CONNECT); }

SEC("cgroup/connect6")
int alidade_conn6(struct bpf_sock_addr *ctx) { return before(ctx, true, CALL_CONNECT); }

SEC("cgroup/sendmsg4")
int alidade_send4(struct bpf_sock_addr *ctx) { return before(ctx, false, CALL_SENDMSG); }

SEC("cgroup/sendmsg6")
int alidade_send6(struct bpf_sock_addr *ctx) { return before(ctx, true, CALL_SENDMSG); }

SEC("cgroup/recvmsg4")
int alidade_recv4(struct bpf_sock_addr *ctx) { return before(ctx, false, CALL_RECVMSG); }

SEC("cgroup/recvmsg6")
int alidade_recv6(struct bpf_sock_addr *ctx) { return before(ctx, true, CALL_RECVMSG); }

SEC("cgroup/getpeername4")
int alidade_peer4(struct bpf_sock_addr *ctx) { return before(ctx, false, CALL_GETPEERNAME); }

SEC("cgroup/getpeername6")
int alidade_peer6(struct bpf_sock_addr *ctx) { return before(ctx, true, CALL_GETPEERNAME); }

SEC("cgroup/connect4")
int alidade_last_c4(struct bpf_sock_addr *ctx) { return after(ctx, false, CALL_CONNECT); }

SEC("cgroup/connect6")
int alidade_last_c6(struct bpf_sock_addr *ctx) { return after(ctx, true, CALL_CONNECT); }

SEC("cgroup/sendmsg4")
int alidade_last_s4(struct bpf_sock_addr *ctx) { return after(ctx, false, CALL_SENDMSG); }

SEC("cgroup/sendmsg6")
int alidade_last_s6(struct bpf_sock_addr *ctx) { return after(ctx, true, CALL_SENDMSG); }

SEC("cgroup/recvmsg4")
int alidade_last_r4(struct bpf_sock_addr *ctx) { return after(ctx, false, CALL_RECVMSG); }

SEC("cgroup/recvmsg6")
int alidade_last_r6(struct bpf_sock_addr *ctx) { return after(ctx, true, CALL_RECVMSG); }

SEC("cgroup/getpeername4")
int alidade_last_p4(struct bpf_sock_addr *ctx) { return after(ctx, false, CALL_GETPEERNAME); }

SEC("cgroup/getpeername6")
int alidade_last_p6(struct bpf_sock_addr *ctx) { return after(ctx, true, CALL_GETPEERNAME); }

char LICENSE[] SEC("license") = "Dual BSD/GPL";
