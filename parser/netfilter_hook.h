// SPDX-License-Identifier: Apache-2.0
//
// Which hook of netfilter a packet was in.
#ifndef ALIDADE_PARSER_NETFILTER_HOOK_H_
#define ALIDADE_PARSER_NETFILTER_HOOK_H_

#include <string_view>

namespace alidade {

// The hook that the kernel function `caller` runs, in nft's words; with the family in front where
// it is not IP's (`bridge input`, `arp output`). Empty when the function runs none that we know.
// Static text.
std::string_view NetfilterHook(std::string_view caller);

}  // namespace alidade

#endif  // ALIDADE_PARSER_NETFILTER_HOOK_H_
