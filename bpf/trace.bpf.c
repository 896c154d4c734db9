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

#include "bpf/lib/accepting.h"
#include "bpf/lib/connection.h"
#include "bpf/lib/debug.h"
#include "bpf/lib/emit.h"
#include "bpf/lib/icmp_error.h"
#include "bpf/lib/interface.h"
#include "bpf/lib/limit.h"
#include "bpf/lib/outer.h"
#include "bpf/lib/packet.h"
#include "bpf/lib/packet_direct.h"
#include "bpf/lib/rare.h"
#include "bpf/lib/sampling.h"
#include "bpf/lib/tunnel_flow.h"

#ifndef ALIDADE_PLAIN_KERNEL
#include "bpf/lib/conntrack.h"
#endif

/* TCX_NEXT and TC_ACT_UNSPEC are the same number: go on. */
enum { GO_ON = -1 };

/* As it stands in the ring; what of the packet is captured follows `nat` when header.ext_version is
 * EXT_V2, else stands in its place. */
struct trace_record {
  struct event_frame frame;
  struct trace_notify notify;
  struct trace_ext ext;
  struct nat_ext nat;
};
ABI_SIZE(trace_record, sizeof(struct event_frame) + sizeof(struct trace_notify) +
                           sizeof(struct trace_ext) + sizeof(struct nat_ext));

/* How much room for the packet a record can have: the least that holds all of a TCP segment without
 * data, what is captured of most others, and the most. */
enum {
  SHORT_CAPTURE = 80,
  LONGEST_CAPTURE = MAX_CAPTURE_LENGTH + MAX_TUNNEL_HEADERS + MAX_OUTER_BYTES,
};

/* What the hook knows of one packet. */
struct observed {
  struct packet packet;
  struct sighting sighting;
  __u32 ifindex;
  __u32 bytes; /* of the packet */
  __u8 point;  /* enum trace_point */
  bool egress;
  bool l3_device;   /* no Ethernet header */
  bool is_one_pods; /* all that crosses the interface is of one pod */
  __u8 outer_bytes; /* before the packet */
};

/* To ask conntrack in vain is the dearest part of a report: two lines of a table that is larger
 * than any cache. */
static __always_inline bool conntrack_may_know(const struct observed *observed,
                                               const struct connection *connection) {
  if (connection->set && is_any(connection, WAY_UNTRANSLATED)) return false;
  /* It has yet to see a connection that begins with a packet which comes in. */
  bool begins =
      observed->sighting.created && (observed->packet.tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
  return !begins || observed->egress;
}

/* Room for a record, and for the packet in it. */
struct trace_room {
  struct trace_record *record; /* NULL: none, which was counted */
  __u8 *packet;
  __u32 bytes; /* of the packet; the verifier knows it */
};

/* For `bytes` of the packet, a number that the verifier knows, and `nat` when that is not empty;
 * all else of the record is for the caller to write. */
static __always_inline struct trace_room make_record(struct hook_count *count,
                                                     const struct nat_ext *nat, __u32 bytes) {
  enum { PLAIN = __builtin_offsetof(struct trace_record, nat) - sizeof(struct event_frame) };
  struct trace_room room = {.bytes = bytes};

  if (unlikely(nat->side)) {
    room.record = (void *)event_begin(count, PLAIN + sizeof(*nat) + bytes);
    if (!room.record) return room;
    room.record->nat = *nat;
    room.packet = (__u8 *)(room.record + 1);
  } else {
    room.record = (void *)event_begin(count, PLAIN + bytes);
    if (!room.record) return room;
    room.packet = (__u8 *)&room.record->nat;
  }
  return room;
}

/* Reports the packet, unless a limit holds it back or another CPU has just reported its connection,
 * which stands in `set`; NULL for one without. */
RARE int report(struct __sk_buff *skb, struct hook_count *count, const struct observed *observed,
                struct connection_set *set) {
  if (!count || !observed) return 0;
  struct connection connection = {.set = set, .slot = observed->sighting.slot};
  /* Before the counts are taken: what a limit holds back is told by the next report. */
  struct event_source source = source_of_packet(observed->is_one_pods, observed->ifindex,
                                                (const __u64 *)observed->packet.source);
  if (!within_limits(count, &source)) return 0;
  struct connection_counts counts = {.packets = 1, .bytes = observed->bytes};
  if (connection.set &&
      !connection_report(&connection, &observed->sighting, &observed->packet, &counts)) {
    count->ignored++;
    return 0;
  }
  struct nat_ext nat = {};
#ifndef ALIDADE_PLAIN_KERNEL
  if (config.has_conntrack && conntrack_may_know(observed, &connection)) {
    bool may_translate = !observed->egress || conntrack_may_have_seen(skb);
    bool is_translated = may_translate && read_translation(skb, &observed->packet, &nat);
    if (!is_translated) {
      nat.side = 0;
      /* Once there was an answer conntrack knows the connection, and does not change its mind. */
      if (connection.set && is_both(&connection, WAY_SEEN))
        add_state(&connection, observed->sighting.way, WAY_UNTRANSLATED);
    }
  }
#endif
  __u64 sock_cookie = bpf_get_socket_cookie(skb);
  __u32 limit = config.capture_length;
  if (limit && packet_has_tunnel(&observed->packet)) limit += MAX_TUNNEL_HEADERS;
  if (limit) limit += observed->outer_bytes;
  __u32 captured = skb->len < limit ? skb->len : limit;

  struct trace_room room;
  if (captured <= SHORT_CAPTURE)
    room = make_record(count, &nat, SHORT_CAPTURE);
  else if (captured <= config.capture_length)
    room = make_record(count, &nat, config.capture_length);
  else
    room = make_record(count, &nat, LONGEST_CAPTURE);
  struct trace_record *record = room.record;
  if (!record) return 0;

  record->notify = (struct trace_notify){
      .header =
          {
              .type = NOTIFY_TRACE,
              .subtype = observed->point,
              .hash = skb->hash,
              .len_orig = observed->bytes,
              .len_cap = captured,
              .version = TRACE_NOTIFY_VERSION,
              .ext_version = nat.side ? EXT_V2 : EXT_V1,
          },
      .reason = observed->sighting.reason,
      .flags = (observed->packet.ipv6 ? NOTIFY_FLAG_IPV6 : 0) |
               (observed->l3_device ? NOTIFY_FLAG_L3_DEVICE : 0),
      .ifindex = observed->ifindex,
  };
  /* Hubble has a field for one of these: the source before its translation. */
  if (nat.side == NAT_SIDE_AFTER)
    __builtin_memcpy(record->notify.orig_ip, nat.source, sizeof(nat.source));
  record->ext = (struct trace_ext){
      .packets = counts.packets,
      .bytes = counts.bytes,
      .reverse_packets = counts.reverse_packets,
      .reverse_bytes = counts.reverse_bytes,
      /* On ingress too: a packet keeps its socket across a veth, until the stack takes it in. */
      .sock_cookie = sock_cookie,
      .netns = config.netns,
      .flags = observed->egress ? TRACE_EXT_EGRESS : 0,
      .outer_bytes = observed->outer_bytes,
      .vlan = observed->packet.vlan,
  };
  /* Last: what was written until now is on its way to the cache meanwhile. */
  __u32 last = captured - 1; /* so that every verifier sees that it is at least one byte */
  barrier_var(last);
  if (last < room.bytes) bpf_skb_load_bytes(skb, 0, room.packet, last + 1);
  event_end(count, &record->frame,
            sizeof(record->notify) + sizeof(record->ext) + (nat.side ? sizeof(nat) : 0) + captured);
  return 0;
}

/* Whether the packet is a plain one of whose connection nothing is to be said now; then it has been
 * counted. Apart, so that its stack is free for what is called after it. */
APART bool pass(struct __sk_buff *skb, bool l3_device) {
  struct plain_packet plain = {};

  if (config.aggregation < AGGREGATION_MEDIUM || config.sampling > 1) return false;
  if (!plain_find(skb, l3_device, &plain)) return false;
  if (plain.tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST))
    return false; /* nearly always worth a look */
  if (likely(!plain.ipv6)) return connection_pass_plain(&plain, false, skb->ifindex, skb->len);
  return connection_pass_plain(&plain, true, skb->ifindex, skb->len);
}

/* Looks at an IP packet; true when it is worth a report. */
RARE bool look(struct __sk_buff *skb, struct hook_count *count, struct observed *observed) {
  if (!count || !observed) return false;
  struct packet *packet = &observed->packet;
  bool due = true; /* always, when it has no connection */

  if (!is_icmp_error(packet))
    due = connection_see(packet, observed->ifindex, observed->egress, observed->bytes,
                         &observed->sighting);
  debug_connection(skb, count, packet, observed->egress, &observed->sighting);
  return due;
}

static __always_inline int trace(struct __sk_buff *skb, bool egress) {
  struct hook_count *count = hook_count_of(HOOK_TRACE);
  if (!count) return GO_ON;
  count->seen++;

  const struct interface_config *interface = interface_of(skb->ifindex);
  __u8 point = TRACE_SILENT;
  if (interface) point = egress ? interface->egress_point : interface->ingress_point;
  if (unlikely(!interface || point == TRACE_SILENT)) {
    count->ignored++;
    return GO_ON;
  }

  if (likely(pass(skb, interface->l3_device))) {
    count->ignored++;
    return GO_ON;
  }

  struct observed observed = {
      .sighting = {.reason = TRACE_REASON_UNKNOWN},
      .ifindex = skb->ifindex,
      .bytes = skb->len,
      .point = point,
      .egress = egress,
      .l3_device = interface->l3_device,
      .is_one_pods = interface->flags & INTERFACE_IS_POD,
  };
  struct packet *packet = &observed.packet;
  struct plain_packet plain = {};
  struct connection_set *set = NULL;
  bool is_ip = plain_find(skb, observed.l3_device, &plain);
  if (is_ip) {
    plain_read(&plain, packet);
  } else {
    if (interface->flags & INTERFACE_SHOWS_OUTER) {
      observed.outer_bytes = packet_outer_bytes(skb);
      observed.bytes -= observed.outer_bytes;
    }
    is_ip = packet_read(skb, observed.l3_device, observed.outer_bytes, packet);
    if (is_ip && is_portless_tunnel(packet)) packet_read_tunnel_flow(skb, packet);
    FORGET(observed);
  }
  if ((packet->tcp_flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK)) note_accepting(skb);
  if (is_ip) { /* what is none is reported each time */
    if (is_sampled_out(packet)) {
      count->sampled++;
      return GO_ON;
    }
    if (is_icmp_error(packet))
      observed.sighting.reason = reason_of_error(skb, packet, observed.ifindex);
    if (!look(skb, count, &observed)) {
      count->ignored++;
      return GO_ON;
    }
    if (observed.sighting.is_tracked) set = connection_set_at(observed.sighting.set);
  }
  report(skb, count, &observed, set);
  return GO_ON;
}

SEC("tc")
int alidade_ingress(struct __sk_buff *skb) { return trace(skb, false); }

SEC("tc")
int alidade_egress(struct __sk_buff *skb) { return trace(skb, true); }

char LICENSE[] SEC("license") = "Dual BSD/GPL";
