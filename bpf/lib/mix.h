/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Multipliers that spread what differs in few bits over all the upper ones (Fibonacci hashing):
 * odd, with bits that look random, the fractions of the golden ratio and of the square roots of 3
 * and 5.
 */
#ifndef ALIDADE_BPF_LIB_MIX_H
#define ALIDADE_BPF_LIB_MIX_H

#define MIX_END 0x9e3779b97f4a7c15ULL
#define MIX_WORD 0xbb67ae8584caa73bULL
#define MIX_ALL 0x3c6ef372fe94f82bULL

#endif /* ALIDADE_BPF_LIB_MIX_H */
