// SPDX-License-Identifier: Apache-2.0
//
// A process of its own that listens, for tests that ask which process a socket belongs to.
#ifndef ALIDADE_TESTS_KERNEL_SERVER_PROCESS_H_
#define ALIDADE_TESTS_KERNEL_SERVER_PROCESS_H_

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "tests/kernel/netns.h"

namespace alidade::testing {

// How a server listens.
struct Listening {
  std::string ip;  // "0.0.0.0" and "::": every address
  uint16_t port = 0;
  bool only_ipv6 = false;
  bool shares_port = false;   // SO_REUSEPORT
  std::string device = {};    // SO_BINDTODEVICE; empty: any
  bool takes_others = false;  // IP_TRANSPARENT: what is meant for other addresses
  bool opens_fast = false;    // TCP_FASTOPEN
  bool is_bound = true;       // else the kernel chooses the port when it listens
  int told_map = -1;          // a sockmap, into whose first row it puts itself; -1: none
};

// A TCP connection that some server has accepted.
struct Accepted {
  pid_t server = 0;
  uint16_t client_port = 0;
};

// The end that all servers of a test tell what they accept.
class AcceptedPipe {
 public:
  AcceptedPipe();
  ~AcceptedPipe();
  AcceptedPipe(const AcceptedPipe&) = delete;
  AcceptedPipe& operator=(const AcceptedPipe&) = delete;

  // Waits for the next one.
  Accepted Next() const;
  int input() const { return ends_[1]; }

 private:
  int ends_[2] = {-1, -1};
};

// Accepts connections one after the other, reads the client's port of each (host order), closes it
// and tells `accepted`. Ended with the object.
class ServerProcess {
 public:
  // Returns when it listens; fails the test when it cannot.
  ServerProcess(const NetworkNamespace& space, const Listening& listening,
                const AcceptedPipe& accepted);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  int life_ = -1;  // the server ends when nobody holds this any more
};

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_KERNEL_SERVER_PROCESS_H_
