/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * The knobs of every object, with the defaults that hold when no loader sets them.
 */
#ifndef ALIDADE_BPF_LIB_KNOBS_H
#define ALIDADE_BPF_LIB_KNOBS_H

#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/config.h"

const volatile struct capture_config config SEC(".rodata.config") = {
    .capture_length = 128,
    .aggregation = AGGREGATION_MEDIUM,
    .report_interval = 5 * 250,
    .report_flags = 0x07,
    .least_timeout = LEAST_TIMEOUT_MS / 1000 * 250,
    .ticks_per_second = 250,
    .sampling = 1,
    .connection_sets = CONNECTION_SETS,
    .has_atomics = 1,
};

#endif /* ALIDADE_BPF_LIB_KNOBS_H */
