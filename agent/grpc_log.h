// SPDX-License-Identifier: Apache-2.0
#ifndef ALIDADE_AGENT_GRPC_LOG_H_
#define ALIDADE_AGENT_GRPC_LOG_H_

namespace alidade {

// Puts what the gRPC library reports as an error into our log, as warnings and one in a while: any
// stranger who fails a TLS handshake causes one. Before the first use of gRPC.
void RouteGrpcLog();

}  // namespace alidade

#endif  // ALIDADE_AGENT_GRPC_LOG_H_
