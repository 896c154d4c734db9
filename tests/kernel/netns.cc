// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/netns.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <exception>
#include <stdexcept>
#include <thread>

#include "tests/kernel/command.h"

namespace alidade::testing {

NetworkNamespace::NetworkNamespace(const std::string& role)
    : name_("alidade-" + std::to_string(getpid()) + "-" + role) {
  MustRun("ip netns add " + name_);
  Ip("link set lo up");
}

NetworkNamespace::~NetworkNamespace() { RunCommand({"ip", "netns", "del", name_}); }

std::string NetworkNamespace::Ip(const std::string& arguments) const {
  return MustRun("ip -n " + name_ + " " + arguments);
}

std::string NetworkNamespace::Run(const std::string& command) const {
  return MustRun("ip netns exec " + name_ + " " + command);
}

bool NetworkNamespace::Enter() const {
  const int fd = open(("/var/run/netns/" + name_).c_str(), O_RDONLY | O_CLOEXEC);
  const bool entered = fd >= 0 && setns(fd, CLONE_NEWNET) == 0;
  close(fd);
  return entered;
}

void NetworkNamespace::Inside(const std::function<void()>& body) const {
  std::exception_ptr failure;
  std::thread([&] {
    try {
      if (!Enter()) throw std::runtime_error("cannot enter namespace " + name_);
      body();
    } catch (...) {
      failure = std::current_exception();
    }
  }).join();
  if (failure) std::rethrow_exception(failure);
}

void Connect(const NetworkNamespace& first, const std::string& first_device,
             const NetworkNamespace& second, const std::string& second_device) {
  first.Ip("link add " + first_device + " type veth peer name " + second_device + " netns " +
           second.name());
  const auto set_up = [](const NetworkNamespace& host, const std::string& device,
                         const std::string& number) {
    host.Ip("addr add 10.99.0." + number + "/24 dev " + device);
    host.Ip("addr add fd99::" + number + "/64 dev " + device + " nodad");
    host.Ip("link set " + device + " up");
  };
  set_up(first, first_device, "1");
  set_up(second, second_device, "2");
}

}  // namespace alidade::testing
