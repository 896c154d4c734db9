// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/recvmsg_watch.h"

#include <algorithm>

namespace alidade {

void RecvmsgWatch::OnTree(bool others, Time begin, Time end) {
  const Time::duration pause = (end - begin) * 100;
  tree_due_ = end + std::max<Time::duration>(kTreeEvery, pause);
  tree_allowed_ = end + pause;
  if (others) {
    OnOthers(end);
  } else if (end - seen_ >= kLinger) {
    is_on_ = false;
  }
}

}  // namespace alidade
