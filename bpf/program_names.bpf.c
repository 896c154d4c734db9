/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * program_names: the numbers and names of all loaded programs, for telling ours from others'.
 *
 * Why an iterator (5.9): to look a program up by its number takes CAP_SYS_ADMIN, which the agent
 * does without; reading what this prints takes nothing once it is loaded.
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bpf/program_name.h"

SEC("iter/bpf_prog")
int alidade_names(struct bpf_iter__bpf_prog *ctx) {
  struct bpf_prog *program = ctx->prog;
  if (!program) return 0;
  struct program_name row = {.id = BPF_CORE_READ(program, aux, id)};
  BPF_CORE_READ_STR_INTO(&row.name, program, aux, name);
  bpf_seq_write(ctx->meta->seq, &row, sizeof(row));
  return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
