/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Rows of the maps that tell which process owns a socket: filled by the programs, read by user
 * space when an event carries a socket cookie that it does not know yet.
 * Compiled by clang -target bpf and by g++.
 */
#ifndef ALIDADE_BPF_OWNERS_H
#define ALIDADE_BPF_OWNERS_H

#include "bpf/events.h"

/* Who made a socket, or used it last. */
struct socket_owner {
  __u64 start_time; /* of the process: nanoseconds since boot; tells it from others of its pid */
  __u64 cgroup_id;  /* cgroup v2 */
  __u32 pid;        /* of the process (thread group), in the initial pid namespace */
  __u32 exec_id;    /* counts what the process has executed: a new one is a new program */
};
ABI_SIZE(socket_owner, 24);

/* Row of the array `socket_owners`, at the socket's cookie modulo their number: cookies are counted
 * upwards, so that of all sockets the newest so many have theirs. Written in place: the cookie is
 * set last, and is zero while the rest is being written. */
enum { SOCKET_OWNERS = 65536 };
struct owned_socket {
  __u64 cookie;
  struct socket_owner owner;
};
ABI_SIZE(owned_socket, 32);

/* An owner that a CPU has found, and when: so that it does not look again at once. */
struct found_owner {
  struct socket_owner owner;
  __u32 when; /* ticks */
  __u32 pad;
};

/* The listener that a CPU was asked for last: busy ones take turns seldom. */
struct asked_listener {
  __u64 cookie;
  struct found_owner found;
  __u64 request; /* of the answer to a SYN that is looked at: see address_of */
  __u64 pad[2];  /* a cache line: no two CPUs share one */
};
ABI_SIZE(asked_listener, 64);

/* Whose names a CPU has noted last: who makes many sockets makes one after another. */
struct noted_owner {
  struct found_owner found;
  __u64 pad[4]; /* likewise */
};
ABI_SIZE(noted_owner, 64);

/* A path, as the kernel finds it: its names leaf first, each with a NUL. */
enum { MAX_REVERSED_PATH = 512, MAX_PATH_NAME = 128 };
struct reversed_path {
  __u16 bytes;   /* used of `names` */
  __u8 complete; /* 0: too long or too deep, the names nearest the root are missing */
  __u8 pad[5];
  char names[MAX_REVERSED_PATH + MAX_PATH_NAME]; /* the last name begins in the first part */
};
ABI_SIZE(reversed_path, 648);

/* Row of the map `processes`, keyed by pid. Written in place: start_time is set last, and is zero
 * while the rest is being written. */
struct process_facts {
  __u64 start_time;
  __u32 pid;
  __u32 exec_id;
  char comm[16];                   /* of the process, NUL-terminated unless 16 bytes long */
  struct reversed_path executable; /* as the process itself would see it, from its root */
};
ABI_OFFSET(process_facts, executable, 32);

/* Row of the map `cgroup_paths`, keyed by cgroup id. `id` is set last. */
struct cgroup_path {
  __u64 id;
  struct reversed_path path; /* from the root of cgroup v2 */
};

#endif /* ALIDADE_BPF_OWNERS_H */
