/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * trace: the packets that cross an interface, as trace notifications.
 *
 * Why tc: it is the one hook that every interface kind has in both directions, with the packet as
 * the stack sees it (after XDP and before routing on ingress, after queueing on egress), and where
 * others' programs live beside ours. Attached by tcx (6.6) or as a clsact filter (4.5); it always
 * lets the packet go on to the next program.
 * It cannot see what XDP drops or redirects, nor what a program before ours took away.
 */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/lib/connection.h"
#include "bpf/lib/debug.h"
#include "bpf/lib/emit.h"
#include "bpf/lib/packet.h"

/* TCX_NEXT and TC_ACT_UNSPEC are the same number: go on. */
enum { GO_ON = -1 };

struct trace_record {
  struct trace_notify notify;
  struct trace_ext ext;
};
ABI_SIZE(trace_record, sizeof(struct trace_notify) + sizeof(struct trace_ext));

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 65536);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, __u32); /* ifindex */
  __type(value, struct interface_config);
} interfaces SEC(".maps");

static __always_inline void report(struct __sk_buff *skb, struct hook_count *count, __u8 point,
                                   bool l3_device, bool egress, const struct packet *packet,
                                   const struct connection_verdict *verdict) {
  __u32 limit = config.capture_length;
  if (limit && packet_has_tunnel(packet)) limit += MAX_TUNNEL_HEADERS;
  __u32 captured = skb->len < limit ? skb->len : limit;
  struct trace_record record = {
      .notify =
          {
              .header =
                  {
                      .type = NOTIFY_TRACE,
                      .subtype = point,
                      .hash = skb->hash,
                      .len_orig = skb->len,
                      .len_cap = captured,
                      .version = TRACE_NOTIFY_VERSION,
                      .ext_version = EXT_V1,
                  },
              .reason = verdict->reason,
              .flags =
                  (packet->ipv6 ? NOTIFY_FLAG_IPV6 : 0) | (l3_device ? NOTIFY_FLAG_L3_DEVICE : 0),
              .ifindex = skb->ifindex,
          },
      .ext =
          {
              .packets = verdict->packets,
              .bytes = verdict->bytes,
              /* On ingress too: a packet keeps its socket across a veth, until the stack takes it
                 in. */
              .sock_cookie = bpf_get_socket_cookie(skb),
              .netns = config.netns,
              .egress = egress,
              .vlan = packet->vlan,
          },
  };
  emit(skb, count, &record, sizeof(record), captured);
}

static __always_inline int trace(struct __sk_buff *skb, bool egress) {
  struct hook_count *count = hook_count_of(HOOK_TRACE);
  if (!count) return GO_ON;
  count->seen++;

  __u32 ifindex = skb->ifindex;
  struct interface_config *interface = bpf_map_lookup_elem(&interfaces, &ifindex);
  __u8 point = TRACE_SILENT;
  if (interface) point = egress ? interface->egress_point : interface->ingress_point;
  if (point == TRACE_SILENT) {
    count->ignored++;
    return GO_ON;
  }

  bool l3_device = interface->l3_device;
  struct packet packet = {};
  struct connection_verdict verdict = {
      .reason = TRACE_REASON_UNKNOWN, .report = true, .packets = 1, .bytes = skb->len};
  if (packet_read(skb, l3_device, &packet)) {
    connection_track(&packet, ifindex, skb->len, &verdict);
    debug_connection(skb, count, &packet, egress, &verdict);
  }
  if (!verdict.report) {
    count->ignored++;
    return GO_ON;
  }
  report(skb, count, point, l3_device, egress, &packet, &verdict);
  return GO_ON;
}

SEC("tc")
int alidade_ingress(struct __sk_buff *skb) { return trace(skb, false); }

SEC("tc")
int alidade_egress(struct __sk_buff *skb) { return trace(skb, true); }

char LICENSE[] SEC("license") = "Dual BSD/GPL";
