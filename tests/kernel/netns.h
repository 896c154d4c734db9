// SPDX-License-Identifier: Apache-2.0
//
// A test host: a network namespace that exists as long as this object, and what can be done in it.
#ifndef ALIDADE_TESTS_KERNEL_NETNS_H_
#define ALIDADE_TESTS_KERNEL_NETNS_H_

#include <functional>
#include <string>

namespace alidade::testing {

class NetworkNamespace {
 public:
  // Makes the namespace `alidade-<pid>-<role>` with its loopback up.
  explicit NetworkNamespace(const std::string& role);
  ~NetworkNamespace();
  NetworkNamespace(const NetworkNamespace&) = delete;
  NetworkNamespace& operator=(const NetworkNamespace&) = delete;

  const std::string& name() const { return name_; }

  // `ip -n <name> <arguments>`; fails the test when it fails.
  std::string Ip(const std::string& arguments) const;
  // `ip netns exec <name> <command>`; likewise.
  std::string Run(const std::string& command) const;

  // Moves the calling thread into the namespace.
  bool Enter() const;

  // Runs `body` on a thread of its own inside the namespace and waits for it. Sockets that it opens
  // belong to the namespace for their whole life.
  void Inside(const std::function<void()>& body) const;

 private:
  std::string name_;
};

// A veth pair between two test hosts, up on both ends, with 10.99.0.1/24 and fd99::1/64 on the
// first and .2 on the second. Addresses are usable at once (no duplicate address detection).
void Connect(const NetworkNamespace& first, const std::string& first_device,
             const NetworkNamespace& second, const std::string& second_device);

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_KERNEL_NETNS_H_
