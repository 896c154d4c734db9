/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * The kernel types that our BPF programs need, and no others, kept by hand. README.md beside this
 * file says how to add one. Layouts of kernel-internal types do not matter: every access to them
 * is relocated by libbpf against the running kernel's BTF (CO-RE). Context types and enums are
 * stable UAPI (include/uapi/linux/bpf.h) and must be exact.
 */
#ifndef ALIDADE_VMLINUX_H
#define ALIDADE_VMLINUX_H

typedef unsigned char __u8;
typedef signed char __s8;
typedef unsigned short __u16;
typedef short __s16;
typedef unsigned int __u32;
typedef int __s32;
typedef unsigned long long __u64;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef _Bool bool;
enum { false = 0, true = 1 };

/* --- UAPI --- */

enum bpf_map_type {
  BPF_MAP_TYPE_HASH = 1,
  BPF_MAP_TYPE_ARRAY = 2,
  BPF_MAP_TYPE_PERF_EVENT_ARRAY = 4,
  BPF_MAP_TYPE_PERCPU_ARRAY = 6,
  BPF_MAP_TYPE_LRU_HASH = 9,
  BPF_MAP_TYPE_LRU_PERCPU_HASH = 10,
  BPF_MAP_TYPE_ARRAY_OF_MAPS = 12,
  BPF_MAP_TYPE_SOCKMAP = 15,
  BPF_MAP_TYPE_RINGBUF = 27,
};

enum {
  BPF_ANY = 0,
  BPF_NOEXIST = 1,
  BPF_EXIST = 2,
};

enum {
  BPF_F_NO_PREALLOC = 1,
  BPF_F_MMAPABLE = 1 << 10,
};

enum {
  BPF_RB_AVAIL_DATA = 0,
  BPF_RB_RING_SIZE = 1,
};

enum {
  BPF_RINGBUF_HDR_SZ = 8,
};

enum {
  BPF_RB_NO_WAKEUP = 1 << 0,
  BPF_RB_FORCE_WAKEUP = 1 << 1,
};

#define BPF_F_CURRENT_CPU 0xffffffffULL

struct bpf_spin_lock {
  __u32 val;
};

struct bpf_sock {
  __u32 bound_dev_if;
  __u32 family;
  __u32 type;
  __u32 protocol;
  __u32 mark;
  __u32 priority;
  __u32 src_ip4;    /* network order */
  __u32 src_ip6[4]; /* network order */
  __u32 src_port;   /* host order */
  __be16 dst_port;
  __u16 : 16;
  __u32 dst_ip4;
  __u32 dst_ip6[4];
  __u32 state;
  __s32 rx_queue_mapping;
};

struct __sk_buff {
  __u32 len;
  __u32 pkt_type;
  __u32 mark;
  __u32 queue_mapping;
  __u32 protocol; /* network order */
  __u32 vlan_present;
  __u32 vlan_tci;
  __u32 vlan_proto;
  __u32 priority;
  __u32 ingress_ifindex;
  __u32 ifindex;
  __u32 tc_index;
  __u32 cb[5];
  __u32 hash;
  __u32 tc_classid;
  __u32 data;
  __u32 data_end;
  __u32 napi_id;
  __u32 family;
  __u32 remote_ip4;
  __u32 local_ip4;
  __u32 remote_ip6[4];
  __u32 local_ip6[4];
  __u32 remote_port; /* network order */
  __u32 local_port;  /* host order */
  __u32 data_meta;
  union {
    struct bpf_flow_keys *flow_keys;
    __u64 : 64;
  } __attribute__((aligned(8)));
  __u64 tstamp;
  __u32 wire_len;
  __u32 gso_segs;
  union {
    struct bpf_sock *sk;
    __u64 : 64;
  } __attribute__((aligned(8)));
  __u32 gso_size;
};

struct bpf_sock_addr {
  __u32 user_family;
  __u32 user_ip4;    /* network order */
  __u32 user_ip6[4]; /* network order */
  __u32 user_port;   /* network order, in the lower half */
  __u32 family;
  __u32 type;
  __u32 protocol;
  __u32 msg_src_ip4;
  __u32 msg_src_ip6[4];
  union {
    struct bpf_sock *sk;
    __u64 : 64;
  } __attribute__((aligned(8)));
};

enum sk_action {
  SK_DROP = 0,
  SK_PASS = 1,
};

struct bpf_sk_lookup {
  __u64 cookie;
  __u32 family;
  __u32 protocol;
  __u32 remote_ip4;
  __u32 remote_ip6[4];
  __be16 remote_port;
  __u16 : 16;
  __u32 local_ip4;
  __u32 local_ip6[4];
  __u32 local_port;
  __u32 ingress_ifindex;
};

struct bpf_dynptr {
  __u64 __opaque[2];
} __attribute__((aligned(8)));

struct bpf_sock_tuple {
  union {
    struct {
      __be32 saddr;
      __be32 daddr;
      __be16 sport;
      __be16 dport;
    } ipv4;
    struct {
      __be32 saddr[4];
      __be32 daddr[4];
      __be16 sport;
      __be16 dport;
    } ipv6;
  };
};

/* Of the conntrack kfuncs: the kernel takes these 12 bytes as they are (NF_BPF_CT_OPTS_SZ). */
struct bpf_ct_opts {
  __s32 netns_id;
  __s32 error;
  __u8 l4proto;
  __u8 dir;
  __u8 reserved[2];
};

/* --- kernel-internal, relocated --- */

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct ns_common {
  unsigned int inum;
};

struct net {
  struct ns_common ns;
};

typedef struct {
  struct net *net;
} possible_net_t;

struct net_device {
  int ifindex;
  unsigned short type;
  possible_net_t nd_net;
};

typedef struct {
  __s64 counter;
} atomic64_t;

struct sock_common {
  unsigned short skc_family;
  volatile unsigned char skc_state;
  possible_net_t skc_net;
  atomic64_t skc_cookie;
};

struct sock {
  struct sock_common __sk_common;
};

struct sk_buff {
  struct net_device *dev;
  struct sock *sk;
  unsigned int len;
  unsigned int data_len;
  int skb_iif;
  __u32 hash;
  __be16 protocol;
  __u16 transport_header;
  __u16 network_header;
  __u16 mac_header;
  unsigned int tail;
  unsigned int end;
  unsigned char *head;
  unsigned char *data;
};

enum skb_drop_reason {
  SKB_DROP_REASON_NOT_SPECIFIED = 2, /* numbers move between kernels: never compare with them */
};

union nf_inet_addr {
  __u32 all[4];
};

union nf_conntrack_man_proto {
  __be16 all;
};

struct nf_conntrack_man {
  union nf_inet_addr u3;
  union nf_conntrack_man_proto u;
};

struct nf_conntrack_tuple {
  struct nf_conntrack_man src;
  struct {
    union nf_inet_addr u3;
    union {
      __be16 all;
    } u;
  } dst;
};

struct nf_conntrack_tuple_hash {
  struct nf_conntrack_tuple tuple;
};

struct nf_conn {
  struct nf_conntrack_tuple_hash tuplehash[2];
};

struct nsproxy {
  struct net *net_ns;
};

struct qstr {
  const unsigned char *name;
};

struct dentry {
  struct dentry *d_parent;
  struct qstr d_name;
};

struct vfsmount {
  struct dentry *mnt_root;
};

struct mount {
  struct mount *mnt_parent;
  struct dentry *mnt_mountpoint;
  struct vfsmount mnt;
};

struct path {
  struct vfsmount *mnt;
  struct dentry *dentry;
};

struct file {
  struct path f_path;
};

struct mm_struct {
  struct file *exe_file;
};

struct kernfs_node {
  struct kernfs_node *__parent;
  const char *name;
  __u64 id;
};

struct cgroup {
  struct kernfs_node *kn;
};

struct css_set {
  struct cgroup *dfl_cgrp;
};

struct task_struct {
  int tgid;
  struct task_struct *group_leader;
  __u64 start_boottime;
  __u64 self_exec_id;
  char comm[16];
  struct mm_struct *mm;
  struct css_set *cgroups;
  struct nsproxy *nsproxy;
};

struct socket {
  short type;
  struct sock *sk;
};

struct seq_file;

struct bpf_iter_meta {
  struct seq_file *seq;
};

struct bpf_prog_aux {
  __u32 id;
  char name[16];
};

struct bpf_prog {
  struct bpf_prog_aux *aux;
};

struct bpf_iter__bpf_prog {
  struct bpf_iter_meta *meta;
  struct bpf_prog *prog;
};

struct bpf_iter__task_file {
  struct task_struct *task;
  __u32 fd;
  struct file *file;
};

#pragma clang attribute pop

#endif /* ALIDADE_VMLINUX_H */
