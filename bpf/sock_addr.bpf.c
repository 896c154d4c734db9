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
 * them. The second reports only what differs from what the first one saw and reported. Where the
 * kernel cannot put a program first (before 6.17), what others did before it is not seen.
 *
 * Those on recvmsg are attached only while somebody else's stand there, unless told otherwise
 * (agent/capture/cgroup_keeper.h): any program there makes the kernel lock the socket once more for
 * each datagram.
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bpf/lib/clock.h"
#include "bpf/lib/emit.h"
#include "bpf/lib/limit.h"
#include "bpf/lib/owner.h"
#include "bpf/lib/sock_call.h"

enum { ALLOW = 1 };
enum { PROTO_TCP = 6, PROTO_UDP = 17 };

struct sock_record {
  struct sock_notify notify;
  struct sock_ext ext;
};
ABI_OFFSET(sock_record, ext, sizeof(struct sock_notify));

/* A datagram socket would report each message: the time of the last report for each of the
 * addresses that it speaks with, both ways. */
struct call_key {
  __u64 cookie;
  struct sock_peer peer;
  __u32 call; /* enum sock_call */
};
ABI_SIZE(call_key, 32);

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 16384);
  __type(key, struct call_key);
  __type(value, __u32); /* ticks */
} calls SEC(".maps");

/* The row of `calls` that each kind of call on this CPU looked at last: a socket that speaks with
 * one peer has no need of others. */
struct recent_call {
  struct call_key key;
  __u32 reported; /* as in `calls` */
  __u32 pad;
};

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, CALL_KINDS);
  __type(key, __u32); /* enum sock_call */
  __type(value, struct recent_call);
} recent_calls SEC(".maps");

/* What the first program saw, for the last one of the same call. A call stays on its CPU from one
 * to the other, but another task may come between: slots are chosen by task, and checked. */
struct reported_call {
  __u64 task; /* pid and tgid; 0: nothing was reported */
  __u64 cookie;
  struct sock_peer peer;
};

enum { CALL_SLOTS = 16 };
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, CALL_SLOTS);
  __type(key, __u32);
  __type(value, struct reported_call);
} reported SEC(".maps");

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

static __always_inline struct reported_call *slot_of(__u64 task) {
  __u32 index = (__u32)task % CALL_SLOTS;
  return bpf_map_lookup_elem(&reported, &index);
}

static __always_inline bool is_same_call(const struct call_key *a, const struct call_key *b) {
  __u64 x[4], y[4];

  __builtin_memcpy(x, a, sizeof(x));
  __builtin_memcpy(y, b, sizeof(y));
  return x[0] == y[0] && x[1] == y[1] && x[2] == y[2] && x[3] == y[3];
}

static __always_inline bool is_worth_a_report(__u64 cookie, const struct sock_peer *peer,
                                              enum sock_call call) {
  if (call == CALL_CONNECT || config.aggregation < AGGREGATION_MEDIUM) return true;
  if (config.aggregation >= AGGREGATION_MAXIMUM) return false;

  __u32 now = ticks_now();
  struct call_key key = {.cookie = cookie, .peer = *peer, .call = call};
  struct recent_call *recent = bpf_map_lookup_elem(&recent_calls, &key.call);
  if (!recent) return false; /* for the verifier: cannot happen */
  if (is_same_call(&recent->key, &key) &&
      ticks_since(recent->reported, now) < config.report_interval)
    return false;
  __u32 *last = bpf_map_lookup_elem(&calls, &key);
  bool is_due = !last || ticks_since(*last, now) >= config.report_interval;
  recent->key = key;
  recent->reported = is_due ? now : *last;
  if (is_due) bpf_map_update_elem(&calls, &key, &now, BPF_ANY);
  return is_due;
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
  struct sock_peer peer = peer_of(ctx, ipv6);
  if (!is_worth_a_report(cookie, &peer, call)) {
    count->ignored++;
    return ALLOW;
  }
  __u64 task = bpf_get_current_pid_tgid();
  struct reported_call *slot = slot_of(task);
  if (!slot) return ALLOW;
  slot->task = task;
  slot->cookie = cookie;
  slot->peer = peer;
  struct socket_owner owner = {};
  note_current_owner(cookie, &owner);
  report(ctx, count, cookie, &peer, is_reverse(call) ? SOCK_XLATE_PRE_REV : SOCK_XLATE_PRE_FWD);
  return ALLOW;
}

static __always_inline int after(struct bpf_sock_addr *ctx, bool ipv6, enum sock_call call) {
  struct hook_count *count = hook_count_of(HOOK_SOCK_ADDR);
  __u64 task = bpf_get_current_pid_tgid();
  struct reported_call *slot = slot_of(task);
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
    report(ctx, count, slot->cookie, &peer,
           is_reverse(call) ? SOCK_XLATE_POST_REV : SOCK_XLATE_POST_FWD);
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
