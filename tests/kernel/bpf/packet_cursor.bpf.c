/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * The packet cursor of our programs alone, for the test that holds it against the parser. Attached
 * nowhere: the test runs it by BPF_PROG_TEST_RUN and reads what it found.
 */
#define ALIDADE_PLAIN_KERNEL /* in the form that every kernel takes */
#include "bpf/lib/packet.h"
#include "bpf/lib/packet_direct.h"

bool l3_device = false; /* the packet has no Ethernet header */
bool may_be_direct = false;

bool is_ip = false;
bool ipv6 = false;
__u8 source[16] = {};
__u8 destination[16] = {};
__be16 source_port = 0;
__be16 destination_port = 0;
__u8 protocol = 0;
__u8 tcp_flags = 0;
__u8 icmp_type = 0;
__u16 vlan = 0;

SEC("tc")
int read_packet(struct __sk_buff *skb) {
  struct packet packet = {};
  struct plain_packet plain = {};

  /* The short way first, as the programs do, or not at all. */
  is_ip = may_be_direct && plain_find(skb, l3_device, &plain);
  if (is_ip)
    plain_read(&plain, &packet);
  else
    is_ip = packet_read(skb, l3_device, 0, &packet);
  ipv6 = packet.ipv6;
  __builtin_memcpy(source, packet.source, sizeof(source));
  __builtin_memcpy(destination, packet.destination, sizeof(destination));
  source_port = packet.source_port;
  destination_port = packet.destination_port;
  protocol = packet.protocol;
  tcp_flags = packet.tcp_flags;
  icmp_type = packet.icmp_type;
  vlan = packet.vlan;
  return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
