// SPDX-License-Identifier: Apache-2.0
//
// What happens to the agent, told as Cilium's agent tells it: it started; an endpoint (a pod's
// interface on this node) came or went; programs got onto an endpoint's interface or did not; an
// address of this host is known or is no more.
#ifndef ALIDADE_AGENT_AGENT_LIFE_H_
#define ALIDADE_AGENT_AGENT_LIFE_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "agent/agent_mailbox.h"
#include "agent/capture/interface_attacher.h"
#include "agent/capture/netlink.h"
#include "parser/agent_event.h"
#include "parser/ip_address.h"

namespace alidade {

// An endpoint's number is its interface's, until a pod behind it is known by name; the label
// `alidade:interface` has the interface's name.
// Thread: one at a time.
class AgentLife {
 public:
  explicit AgentLife(AgentMailbox& mailbox) : mailbox_(mailbox) {}

  void OnStarted();
  // The interfaces and addresses of now.
  void OnNetwork(const HostNetwork& network);
  // Attaching to an interface was tried.
  void OnAttach(const AttachState& state);

 private:
  void Tell(AgentNotificationType type, decltype(AgentNotification::payload) payload);

  struct AddressOrder {
    bool operator()(const IpAddress& a, const IpAddress& b) const {
      return std::tie(a.version, a.bytes) < std::tie(b.version, b.bytes);
    }
  };
  using AddressSet = std::set<IpAddress, AddressOrder>;

  AgentMailbox& mailbox_;
  std::map<uint32_t, std::string> endpoints_;  // names of interfaces by index
  AddressSet addresses_;                       // of this host
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_AGENT_LIFE_H_
