/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * What the iterator program_names prints for each loaded program. Compiled by clang -target bpf and
 * by g++.
 */
#ifndef ALIDADE_BPF_PROGRAM_NAME_H
#define ALIDADE_BPF_PROGRAM_NAME_H

#include "bpf/events.h"

struct program_name {
  __u32 id;
  char name[16]; /* NUL-terminated unless 16 bytes long */
};
ABI_SIZE(program_name, 20);

#endif /* ALIDADE_BPF_PROGRAM_NAME_H */
