// SPDX-License-Identifier: Apache-2.0
#ifndef ALIDADE_AGENT_OBSERVER_PEER_ADDRESS_H_
#define ALIDADE_AGENT_OBSERVER_PEER_ADDRESS_H_

#include <string>
#include <vector>

namespace alidade {

// Where hubble-relay is told to reach this server: the first of `listen_addresses` that is not
// loopback, else the first, with an address of this host in place of "every address" (IPv4 before
// IPv6, contract 4.2); without one, the unix socket, which relay on the same host understands.
std::string PeerAddress(const std::vector<std::string>& listen_addresses,
                        const std::string& socket_path);

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_PEER_ADDRESS_H_
