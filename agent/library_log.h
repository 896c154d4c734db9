// SPDX-License-Identifier: Apache-2.0
#ifndef ALIDADE_AGENT_LIBRARY_LOG_H_
#define ALIDADE_AGENT_LIBRARY_LOG_H_

namespace alidade {

// Puts what gRPC reports as an error into our log, as warnings and one in a while: any stranger who
// fails a TLS handshake causes one. What protobuf says of bad requests is not logged: who sent them
// is told. Before the first use of gRPC.
void RouteLibraryLogs();

}  // namespace alidade

#endif  // ALIDADE_AGENT_LIBRARY_LOG_H_
