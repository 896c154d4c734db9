// SPDX-License-Identifier: Apache-2.0
//
// What the kernel under test can do, asked of it: tests run on older kernels too.
#ifndef ALIDADE_TESTS_KERNEL_KERNEL_FEATURES_H_
#define ALIDADE_TESTS_KERNEL_KERNEL_FEATURES_H_

#include <string>
#include <vector>

namespace alidade::testing {

// tcx (since 6.6).
bool HasTcx();
// The values of --tc-attach that this kernel allows.
std::vector<std::string> TcMechanisms();
// Whether a dropped packet comes with the kernel's reason (since 5.17).
bool HasDropReasons();
// Whether a dropped packet can be read that does not lie in one piece (since 6.12). By the version:
// nothing tells but the verifier, whose answer is what is tested.
bool ShowsPagesOfDrops();
// Where bpf_skb_ct_lookup is (since 5.18): "kernel" or the name of a loaded module; empty: nowhere.
std::string ConntrackLookupPlace();

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_KERNEL_KERNEL_FEATURES_H_
