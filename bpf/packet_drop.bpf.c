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
 *
 * What of the packet stands in pages behind its linear part, as with senders that hand pages to the
 * kernel, is read where tracing programs may (bpf_dynptr_from_skb, since 6.12; user space sets
 * has_skb_dynptr). Older kernels show the linear part alone.
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "bpf/lib/emit.h"
#include "bpf/lib/interface.h"
#include "bpf/lib/limit.h"
#include "bpf/lib/protocols.h"
#include "bpf/lib/socket_family.h"

const volatile struct drop_rule drop_rules[DROP_RULES] SEC(".rodata.drops") = {};
const volatile struct drop_exception drop_exceptions[DROP_EXCEPTIONS] SEC(".rodata.except") = {};
/* 0: the tracepoint carries no reason; the verifier refuses to read an argument that is not there,
 * unless that is dead code. */
const volatile __u32 has_reason SEC(".rodata.reason") = 1;
/* 1: the verifier lets this program read a packet's pages. */
const volatile __u32 has_skb_dynptr SEC(".rodata.dynptr") = 0;
const volatile struct code_range hook_runners[HOOK_RUNNERS] SEC(".rodata.hooks") = {};

/* net/core/filter.c */
int bpf_dynptr_from_skb(struct __sk_buff *skb, __u64 flags, struct bpf_dynptr *ptr) __ksym __weak;

enum {
  MAX_L2_HEADER = ETHERNET_HEADER + 2 * VLAN_TAG,
  ARPHRD_ETHER = 1,
  ARPHRD_LOOPBACK = 772,
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

/* The packet from its first known header on. */
struct shown_packet {
  const unsigned char *linear; /* NULL: there is none to show */
  __u32 linear_bytes;
};

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
 * else the network header. Writes what the notification says of it. */
static __always_inline struct shown_packet find_packet(struct sk_buff *skb, __u16 ethertype,
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
  if (ethertype == ETHERTYPE_ARP && start != mac) return (struct shown_packet){};

  if (tail < start) return (struct shown_packet){};
  __u32 linear = tail - start;
  notify->header.len_orig = linear + skb->data_len;
  __u32 shown = has_skb_dynptr ? notify->header.len_orig : linear;
  notify->header.len_cap = shown < config.capture_length ? shown : config.capture_length;
  if (!shown) return (struct shown_packet){};
  return (struct shown_packet){.linear = skb->head + start, .linear_bytes = linear};
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
  __u32 begin = skb->transport_header;
  __u8 word[2] = {}; /* RFC 9293 section 3.1: data offset, flags */

  bpf_probe_read_kernel(word, sizeof(word), skb->head + begin + 12);
  __u32 header_length = (word[0] >> 4) * 4;
  return !(word[1] & (TCP_FIN | TCP_SYN)) && skb->tail == begin + header_length &&
         skb->data_len == 0;
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
  enum { TO_ADDRESS4 = 12, TO_ADDRESS6 = 8 }; /* RFC 791 section 3.1, RFC 8200 section 3 */
  struct event_source source = {.netns = record->ext.netns, .ifindex = SOURCE_OF_DROPS};
  unsigned char *network = skb->head + skb->network_header;
  __s64 linear = (__s64)skb->tail - skb->network_header;

  if (source.netns != config.netns) return source;
  const struct interface_config *interface = interface_of(record->notify.ifindex);
  if (interface && interface->flags & INTERFACE_IS_POD)
    source.ifindex |= record->notify.ifindex;
  else if (ethertype == ETHERTYPE_IPV6 && linear >= TO_ADDRESS6 + 16)
    bpf_probe_read_kernel(source.address, 16, network + TO_ADDRESS6);
  else if (ethertype == ETHERTYPE_IPV4 && linear >= TO_ADDRESS4 + 4)
    bpf_probe_read_kernel(source.address, 4, network + TO_ADDRESS4);
  return source;
}

/* Copies what stands behind the linear part. */
static __always_inline bool copy_pages(struct sk_buff *skb, void *to, __u32 bytes) {
  struct bpf_dynptr pages;

  return !bpf_dynptr_from_skb((void *)skb, 0, &pages) &&
         !bpf_dynptr_read(to, bytes, &pages, skb->len - skb->data_len, 0);
}

/* Emits `record` with as much of the packet as it says, some of which is in pages. Apart from
 * report, since it takes twice the room: the verifier does not know that two parts are no more than
 * their sum. */
static __always_inline void report_pages(struct hook_count *count, const struct drop_record *record,
                                         struct sk_buff *skb, const struct shown_packet *packet) {
  struct event_frame *frame = event_begin(count, sizeof(*record) + 2 * config.capture_length);
  if (!frame) return;
  struct drop_record *written = (void *)(frame + 1);
  __u8 *bytes = (__u8 *)(written + 1);
  __u32 captured = record->notify.header.len_cap;
  __u32 linear = packet->linear_bytes, pages = captured - linear;

  *written = *record;
  barrier_var(linear);
  barrier_var(pages);
  if (linear > config.capture_length) linear = config.capture_length;
  if (pages > config.capture_length) pages = config.capture_length;
  if (bpf_probe_read_kernel(bytes, linear, packet->linear) ||
      !copy_pages(skb, bytes + linear, pages)) {
    bpf_ringbuf_discard(frame, frame->wake_up);
    count->ignored++;
    return;
  }
  event_end(count, frame, sizeof(*record) + captured);
}

/* Likewise, when all of it is linear. */
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
  struct shown_packet packet = find_packet(skb, ethertype, &record.notify);
  if (!packet.linear) {
    count->ignored++;
    return 0;
  }
  record.ext.path = path_of(skb, record.notify.ifindex, rule.is_input);
  if (rule.has_hook) record.ext.hook_caller = find_hook_caller(ctx);
  if (has_skb_dynptr && record.notify.header.len_cap > packet.linear_bytes)
    report_pages(count, &record, skb, &packet);
  else
    report(count, &record, packet.linear);
  return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
