/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Who owns the sockets that a listener accepts: those are made by packets, without a process at
 * hand.
 *
 * The answer to a SYN carries the request it answers, which knows its listener, and whose cookie
 * the accepted socket inherits: so the owner is known before that socket is there, whoever else
 * listens at the same address, and a connection costs nothing but a look at that one packet. (Hooks
 * that see the accepted socket itself, sockops or the tracepoint inet_sock_set_state, are called
 * some ten times in a short connection, and took 1 to 2 % of its CPU time.) Not told is whose are
 * the connections that no watched interface carries, and those behind SYN cookies, whose answers
 * carry no request.
 */
#ifndef ALIDADE_BPF_LIB_ACCEPTING_H
#define ALIDADE_BPF_LIB_ACCEPTING_H

#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/lib/kernel_layout.h"
#include "bpf/lib/listener.h"
#include "bpf/lib/rare.h"

/* include/net/tcp_states.h */
enum {
  STATE_SYN_RECV = 3,      /* of a socket that TCP Fast Open has made before the request is done */
  STATE_NEW_SYN_RECV = 12, /* of a request */
};

/* The number that a pointer is, to which the verifier lets us add: it forgets what it knows of one
 * that goes through a map. Quicker than to read the field that the pointer came from. */
static __always_inline unsigned long address_of(struct asked_listener *asked, const void *pointer) {
  volatile __u64 *through = (volatile __u64 *)&asked->request;

  *through = (unsigned long)pointer;
  unsigned long address = *through;
  *through = 0; /* nobody is to find the kernel's addresses there */
  return address;
}

/* Of an answer to a SYN: notes who will own the connection. */
RARE int note_accepting(struct __sk_buff *skb) {
  struct bpf_sock *sk = skb->sk;
  if (!sk) return 0;
  __u32 state = sk->state;
  if (state != STATE_NEW_SYN_RECV && state != STATE_SYN_RECV) return 0;
  __u64 cookie = bpf_get_socket_cookie(skb);
  struct owned_socket *known = row_of(cookie);
  if (known && known->cookie == cookie) return 0; /* another interface has shown the packet */
  struct asked_listener *asked = asked_listener();
  if (!asked) return 0; /* for the verifier: cannot happen */

  /* Not by bpf_skc_to_tcp_request_sock, which does not know one of a listener in a sockmap. */
  unsigned long request = address_of(asked, sk), listener = 0;
  __u64 listener_cookie = 0;
  if (state == STATE_SYN_RECV) {
    unsigned long opening = 0;
    READ_FIELD(request, layout.tcp_fastopen_rsk, opening);
    request = opening;
  }
  READ_FIELD(request, layout.skc_listener, listener);
  READ_FIELD(listener, layout.skc_cookie, listener_cookie);
  const struct socket_owner *owner = listener_cookie ? find_listener(asked, listener_cookie) : NULL;
  if (owner) put_owner(cookie, owner);
  return 0;
}

#endif /* ALIDADE_BPF_LIB_ACCEPTING_H */
