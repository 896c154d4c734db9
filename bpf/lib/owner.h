/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Notes who owns a socket, and once for each process and cgroup what they are called. The maps are
 * shared by all objects that include this.
 *
 * Names are read here and not from /proc, since a process may be gone before user space looks, and
 * since that needs neither the host's pid namespace nor the right to look into other processes.
 */
#ifndef ALIDADE_BPF_LIB_OWNER_H
#define ALIDADE_BPF_LIB_OWNER_H

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bpf/lib/cpu_rows.h"
#include "bpf/lib/owned_socket.h"

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 4096);
  __type(key, __u32); /* pid */
  __type(value, struct process_facts);
} processes SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 1024);
  __type(key, __u64); /* cgroup id */
  __type(value, struct cgroup_path);
} cgroup_paths SEC(".maps");

CPU_ROWS(noted_owners, struct noted_owner);

/* New rows start as these zeros; they are too large for the stack. */
const struct process_facts no_process = {};
const struct cgroup_path no_cgroup = {};

enum { MAX_PATH_DEPTH = 20 };

/* Appends one name. False when there is no room. */
static __always_inline bool append_name(struct reversed_path *path, const void *name) {
  __u32 at = path->bytes;
  if (at >= MAX_REVERSED_PATH) return false;
  long length = bpf_probe_read_kernel_str(&path->names[at], MAX_PATH_NAME, name);
  if (length <= 0) return false;
  path->bytes = at + length;
  return true;
}

/* The way of d_path: up to the root of a mount, then on from where that is mounted. */
static __always_inline void fill_executable(struct task_struct *task, struct reversed_path *path) {
  struct file *file = BPF_CORE_READ(task, mm, exe_file);
  struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
  struct vfsmount *vfsmount = BPF_CORE_READ(file, f_path.mnt);
  if (!file || !dentry || !vfsmount) return;

  for (int i = 0; i < MAX_PATH_DEPTH; i++) {
    struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
    if (dentry == BPF_CORE_READ(vfsmount, mnt_root) || dentry == parent) {
      struct mount *mount = (void *)vfsmount - bpf_core_field_offset(struct mount, mnt);
      struct mount *above = BPF_CORE_READ(mount, mnt_parent);
      if (!above || above == mount) {
        path->complete = 1;
        return;
      }
      dentry = BPF_CORE_READ(mount, mnt_mountpoint);
      vfsmount = (void *)above + bpf_core_field_offset(struct mount, mnt);
      continue;
    }
    if (!append_name(path, BPF_CORE_READ(dentry, d_name.name))) return;
    dentry = parent;
  }
}

/* The field was renamed in 6.15. */
struct kernfs_node___before_6_15 {
  struct kernfs_node *parent;
} __attribute__((preserve_access_index));

static __always_inline struct kernfs_node *parent_of(struct kernfs_node *node) {
  if (bpf_core_field_exists(node->__parent)) return BPF_CORE_READ(node, __parent);
  return BPF_CORE_READ((struct kernfs_node___before_6_15 *)node, parent);
}

static __always_inline void fill_cgroup(struct kernfs_node *node, struct reversed_path *path) {
  for (int i = 0; i < MAX_PATH_DEPTH; i++) {
    struct kernfs_node *parent = parent_of(node);
    if (!parent) {
      path->complete = 1;
      return;
    }
    if (!append_name(path, BPF_CORE_READ(node, name))) return;
    node = parent;
  }
}

static __always_inline void note_process(struct task_struct *leader,
                                         const struct socket_owner *by) {
  struct process_facts *facts = bpf_map_lookup_elem(&processes, &by->pid);
  if (facts && facts->start_time == by->start_time && facts->exec_id == by->exec_id) return;

  bpf_map_update_elem(&processes, &by->pid, &no_process, BPF_ANY);
  facts = bpf_map_lookup_elem(&processes, &by->pid);
  if (!facts) return;
  facts->pid = by->pid;
  facts->exec_id = by->exec_id;
  BPF_CORE_READ_STR_INTO(&facts->comm, leader, comm);
  fill_executable(leader, &facts->executable);
  barrier();
  facts->start_time = by->start_time;
}

static __always_inline void note_cgroup(struct task_struct *task, __u64 id) {
  if (bpf_map_lookup_elem(&cgroup_paths, &id)) return;

  struct kernfs_node *node = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn);
  bpf_map_update_elem(&cgroup_paths, &id, &no_cgroup, BPF_NOEXIST);
  struct cgroup_path *row = bpf_map_lookup_elem(&cgroup_paths, &id);
  if (!row || row->id) return;
  fill_cgroup(node, &row->path);
  barrier();
  row->id = id;
}

static __always_inline bool is_same_owner(const struct socket_owner *a,
                                          const struct socket_owner *b) {
  return a->start_time == b->start_time && a->pid == b->pid && a->exec_id == b->exec_id &&
         a->cgroup_id == b->cgroup_id;
}

static __always_inline void note_names(struct task_struct *task, struct task_struct *leader,
                                       const struct socket_owner *owner) {
  __u32 cpu = bpf_get_smp_processor_id();
  struct noted_owner *last = bpf_map_lookup_elem(&noted_owners, &cpu);

  if (!last) return; /* for the verifier: cannot happen */
  if (is_same_owner(&last->found.owner, owner) && is_fresh(&last->found)) return;
  note_process(leader, owner);
  note_cgroup(task, owner->cgroup_id);
  keep_found(&last->found, owner);
}

static __always_inline void note(__u64 cookie, struct task_struct *task,
                                 struct socket_owner *owner) {
  struct task_struct *leader = BPF_CORE_READ(task, group_leader);

  owner->start_time = BPF_CORE_READ(leader, start_boottime);
  owner->exec_id = (__u32)BPF_CORE_READ(leader, self_exec_id);
  struct owned_socket *row = row_of(cookie);
  if (row && row->cookie == cookie && is_same_owner(&row->owner, owner)) return;
  note_names(task, leader, owner);
  put_owner(cookie, owner);
}

/* Notes that `task` owns or uses the socket, and says so in `owner`. */
static __always_inline void note_owner(__u64 cookie, struct task_struct *task,
                                       struct socket_owner *owner) {
  owner->pid = BPF_CORE_READ(task, tgid);
  owner->cgroup_id = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
  note(cookie, task, owner);
}

/* Likewise of the running task, which can be asked for more cheaply. */
static __always_inline void note_current_owner(__u64 cookie, struct socket_owner *owner) {
  owner->pid = bpf_get_current_pid_tgid() >> 32;
  owner->cgroup_id = bpf_get_current_cgroup_id();
  note(cookie, (void *)bpf_get_current_task(), owner);
}

#endif /* ALIDADE_BPF_LIB_OWNER_H */
