// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/peer.h"

#include "agent/observer/single_response.h"
#include "peer/peer.pb.h"

namespace alidade {

ResponderOr StartNotify(const CallStart& call) {
  peer::ChangeNotification added;
  added.set_name(call.state.node.FullName());
  added.set_address(call.state.peer_address);
  added.set_type(peer::PEER_ADDED);
  return std::make_unique<SingleResponse>(added.SerializeAsString(),
                                          SingleResponse::Then::kStayOpen);
}

}  // namespace alidade
