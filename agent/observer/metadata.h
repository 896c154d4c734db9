// SPDX-License-Identifier: Apache-2.0
#ifndef ALIDADE_AGENT_OBSERVER_METADATA_H_
#define ALIDADE_AGENT_OBSERVER_METADATA_H_

#include "grpcpp/server_context.h"

namespace alidade {

// The level of the Hubble API that this server speaks. The CLI warns its user when it is older.
inline constexpr char kHubbleApiVersion[] = "1.19.0";

// Puts the header on a call that Hubble servers put on every call (contract 1.5). Before the
// first write or the end of the call.
inline void AddVersionHeader(grpc::ServerContext* context) {
  context->AddInitialMetadata("hubble-server-version", kHubbleApiVersion);
}

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_METADATA_H_
