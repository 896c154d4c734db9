/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * packet_drop: the packets that the kernel throws away, with its own reason, as drop notifications.
 *
 * Why the tracepoint skb:kfree_skb: every drop in the stack ends there, whatever the protocol and
 * the direction, and since 5.17 it carries `enum skb_drop_reason`. It also fires for packets that
 * were not dropped but done with; the loader says by `drop_rules` which reasons those are, and by
 * `drop_exceptions` which code gives a reason another meaning. An older kernel gives no reason:
 * only the code that freed the packet speaks.
 * It cannot see what a driver or XDP drops before there is an skb.
 *
 * Attached through BTF (tp_btf), so that no kprobe is needed and fields are read directly; where a
 * pointer leads nowhere such a read gives zero.
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "bpf/lib/emit.h"
#include "bpf/lib/interface.h"
#include "bpf/lib/limit.h"
#include "bpf/lib/socket_family.h"

const volatile struct drop_rule drop_rules[DROP_RULES] SEC(".rodata.drops") = {};
const volatile struct drop_exception drop_exceptions[DROP_EXCEPTIONS] SEC(".rodata.except") = {};
/* 0: the tracepoint carries no reason; the verifier refuses to read an argument that is not there,
 * unless that is dead code. */
const volatile __u32 has_reason SEC(".rodata.reason") = 1;
const volatile struct code_range hook_runners[HOOK_RUNNERS] SEC(".rodata.hooks") = {};

enum {
  ETHERNET_HEADER = 14,
  MAX_L2_HEADER = ETHERNET_HEADER + 2 * 4, /* two VLAN tags */
  ARPHRD_ETHER = 1,
  ARPHRD_LOOPBACK = 772,
  ETHERTYPE_IPV4 = 0x0800,
  ETHERTYPE_ARP = 0x0806,
  ETHERTYPE_IPV6 = 0x86dd,
};

/* Inode numbers of namespaces lie above the fixed ones of the initial namespaces
 * (include/uapi/linux/nsfs.h); anything lower was not read from a namespace. */
#define MIN_NAMESPACE_INODE 0xEFFFFFF0u

/* The notification without the packet, which follows it in the ring. */
struct drop_record {
  struct drop_notify notify;
  struct drop_ext ext;
};
ABI_SIZE(drop_record, sizeof(struct drop_notify) + sizeof(struct drop_ext));

/* Which device the packet was on. skb->dev shares its place with queue links and scratch space, so
 * what it points to is believed only when it looks like a device in a namespace. */
static __always_inline void fill_device(struct sk_buff *skb, struct drop_record *record) {
  struct net_device *dev = skb->dev;
  __u32 netns = dev->nd_net.net->ns.inum;
  int ifindex = dev->ifindex;

  if (netns < MIN_NAMESPACE_INODE || ifindex <= 0) return;
  record->notify.ifindex = ifindex;
  record->ext.netns = netns;
}

/* skb_iif is set when the stack receives a packet and cleared when it leaves its namespace. */
static __always_inline __u8 path_of(struct sk_buff *skb, __u32 ifindex, bool is_input) {
  __u32 came_in_on = skb->skb_iif;

  if (is_input) return DROP_PATH_IN;
  if (!came_in_on) return DROP_PATH_OUT;
  if (!ifindex) return DROP_PATH_UNKNOWN;
  return came_in_on == ifindex ? DROP_PATH_IN : DROP_PATH_THROUGH;
}

static __always_inline void fill_socket(struct sk_buff *skb, struct drop_record *record) {
  struct sock *sk = skb->sk;
  if (!sk) return;
  __u16 family = sk->__sk_common.skc_family;

  if (family != FAMILY_INET && family != FAMILY_INET6) return;
  record->ext.sock_cookie = sk->__sk_common.skc_cookie.counter;
  if (!record->ext.netns) record->ext.netns = sk->__sk_common.skc_net.net->ns.inum;
}

/* Finds the packet's first known header: Ethernet when that still stands before the network header,
 * else the network header. Writes what the notification says of it; NULL when there is no packet to
 * show. */
static __always_inline const unsigned char *find_packet(struct sk_buff *skb, __u16 ethertype,
                                                        struct drop_notify *notify) {
  __u32 network = skb->network_header;
  __u32 mac = skb->mac_header;
  __u32 tail = skb->tail; /* end of the linear part, as the headers from head */
  struct net_device *dev = skb->dev;
  __u16 device_type = notify->ifindex ? dev->type : 0;
  bool device_has_ethernet = device_type == ARPHRD_ETHER || device_type == ARPHRD_LOOPBACK;
  __u32 start = network;

  if (device_has_ethernet && mac < network && network - mac >= ETHERNET_HEADER &&
      network - mac <= MAX_L2_HEADER)
    start = mac;
  else
    notify->flags |= NOTIFY_FLAG_L3_DEVICE;
  if (ethertype == ETHERTYPE_IPV6) notify->flags |= NOTIFY_FLAG_IPV6;
  /* A raw ARP packet has no place in the layouts: only Ethernet can carry it. */
  if (ethertype == ETHERTYPE_ARP && start != mac) return NULL;

  if (tail <= start) return NULL;
  __u32 linear = tail - start;
  notify->header.len_cap = linear < config.capture_length ? linear : config.capture_length;
  notify->header.len_orig = linear + skb->data_len;
  return skb->head + start;
}

static __always_inline bool is_hook_runner(__u64 address) {
  for (int i = 0; i < HOOK_RUNNERS; i++) {
    if (address >= hook_runners[i].begin && address < hook_runners[i].end) return true;
  }
  return false;
}

/* Who called the hook that this packet is in. Only the call stack tells: the packet looks the same
 * in several. */
static __always_inline __u64 find_hook_caller(void *ctx) {
  enum { FRAMES = 24 };
  __u64 frames[FRAMES] = {};
  long bytes = bpf_get_stack(ctx, frames, sizeof(frames), 0);
  bool in_hook = false;

  for (int i = 0; i < FRAMES; i++) {
    if ((i + 1) * (long)sizeof(__u64) > bytes) return 0;
    bool is_runner = is_hook_runner(frames[i]);
    if (in_hook && !is_runner) return frames[i];
    in_hook |= is_runner;
  }
  return 0;
}

/* Of a TCP segment whose header the stack has found: whether it only acknowledges or resets. */
static __always_inline bool is_empty_segment(struct sk_buff *skb) {
  enum { FIN = 0x01, SYN = 0x02 };
  __u32 begin = skb->transport_header;
  __u8 word[2] = {}; /* RFC 9293 section 3.1: data offset, flags */

  bpf_probe_read_kernel(word, sizeof(word), skb->head + begin + 12);
  __u32 header_length = (word[0] >> 4) * 4;
  return !(word[1] & (FIN | SYN)) && skb->tail == begin + header_length && skb->data_len == 0;
}

static __always_inline bool is_ignored(const struct drop_rule *rule, struct sk_buff *skb) {
  return rule->ignore == IGNORE_ALL ||
         (rule->ignore == IGNORE_EMPTY_SEGMENT && is_empty_segment(skb));
}

static __always_inline struct drop_rule rule_of(__u64 location, __u32 reason) {
  struct drop_rule rule = {};
  __u64 index = drop_rule_index(reason);

  /* One register for the check and the index: the verifier does not tell that copies are equal. */
  barrier_var(index);
  if (index < DROP_RULES) {
    rule.ignore = drop_rules[index].ignore;
    rule.reason = drop_rules[index].reason;
    rule.is_input = drop_rules[index].is_input;
    rule.has_hook = drop_rules[index].has_hook;
  }
#pragma unroll
  for (int i = 0; i < DROP_EXCEPTIONS; i++) {
    const volatile struct drop_exception *exception = &drop_exceptions[i];
    if (reason == exception->kernel_reason && location >= exception->code.begin &&
        location < exception->code.end) {
      rule.ignore = exception->rule.ignore;
      rule.reason = exception->rule.reason;
      rule.is_input = exception->rule.is_input;
      rule.has_hook = exception->rule.has_hook;
    }
  }
  return rule;
}

/* Another network namespace than the agent's own is a source as a whole. */
static __always_inline struct event_source source_of(struct sk_buff *skb, __u16 ethertype,
                                                     const struct drop_record *record) {
  struct event_source source = {.netns = record->ext.netns, .ifindex = SOURCE_OF_DROPS};
  unsigned char *network = skb->head + skb->network_header;

  if (source.netns != config.netns) return source;
  const struct interface_config *interface = interface_of(record->notify.ifindex);
  if (interface && interface->flags & INTERFACE_IS_POD)
    source.ifindex |= record->notify.ifindex;
  else if (ethertype == ETHERTYPE_IPV6)
    bpf_probe_read_kernel(source.address, 16, network + 8); /* RFC 8200 section 3 */
  else if (ethertype == ETHERTYPE_IPV4)
    bpf_probe_read_kernel(source.address, 4, network + 12); /* RFC 791 section 3.1 */
  return source;
}

/* Emits `record` with as much of the packet at `packet` as it says. */
static __always_inline void report(struct hook_count *count, const struct drop_record *record,
                                   const unsigned char *packet) {
  struct event_frame *frame = event_begin(count, sizeof(*record) + config.capture_length);
  if (!frame) return;
  struct drop_record *written = (void *)(frame + 1);
  __u32 captured = record->notify.header.len_cap;

  *written = *record;
  barrier_var(captured);
  if (captured > config.capture_length) captured = config.capture_length;
  if (bpf_probe_read_kernel(written + 1, captured, packet)) {
    bpf_ringbuf_discard(frame, frame->wake_up);
    count->ignored++;
    return;
  }
  event_end(count, frame, sizeof(*record) + captured);
}

SEC("tp_btf/kfree_skb")
int BPF_PROG(alidade_drop, struct sk_buff *skb, void *location) {
  struct hook_count *count = hook_count_of(HOOK_PACKET_DROP);
  if (!count) return 0;
  count->seen++;

  __u32 number = has_reason ? (__u32)ctx[2] : 0;
  struct drop_rule rule = rule_of((__u64)location, number);
  __u16 ethertype = bpf_ntohs(skb->protocol);
  /* Netlink and unix sockets free their messages here too. */
  bool shown =
      ethertype == ETHERTYPE_IPV4 || ethertype == ETHERTYPE_IPV6 || ethertype == ETHERTYPE_ARP;
  if (!shown || is_ignored(&rule, skb)) {
    count->ignored++;
    return 0;
  }

  struct drop_record record = {
      .notify.header =
          {
              .type = NOTIFY_DROP,
              .subtype = rule.reason ? rule.reason : UNMAPPED_DROP,
              .hash = skb->hash,
              .version = DROP_NOTIFY_VERSION,
              .ext_version = EXT_V1,
          },
      .ext = {.location = (__u64)location, .kernel_reason = number},
  };
  fill_device(skb, &record);
  fill_socket(skb, &record);
  /* As early as can be: in a flood it is all that most drops get. */
  struct event_source source = source_of(skb, ethertype, &record);
  if (!within_limits_of(count, &source, DROP_WEIGHT)) return 0;
  const unsigned char *packet = find_packet(skb, ethertype, &record.notify);
  if (!packet) {
    count->ignored++;
    return 0;
  }
  record.ext.path = path_of(skb, record.notify.ifindex, rule.is_input);
  if (rule.has_hook) record.ext.hook_caller = find_hook_caller(ctx);
  report(count, &record, packet);
  return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
