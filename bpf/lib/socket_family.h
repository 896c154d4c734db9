/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Address families of sockets, by Linux's numbers (include/linux/socket.h): macros there, so that
 * BTF does not have them. And IPv4 in a socket of the other family.
 */
#ifndef ALIDADE_BPF_LIB_SOCKET_FAMILY_H
#define ALIDADE_BPF_LIB_SOCKET_FAMILY_H

#include <bpf/bpf_endian.h>

enum { FAMILY_INET = 2, FAMILY_INET6 = 10 };

#define MAPPED_PREFIX bpf_htonl(0xffff) /* third word of ::ffff:a.b.c.d, RFC 4291 2.5.5.2 */

#endif /* ALIDADE_BPF_LIB_SOCKET_FAMILY_H */
