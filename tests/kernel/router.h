// SPDX-License-Identifier: Apache-2.0
//
// A node under test that forwards between its two pods.
#ifndef ALIDADE_TESTS_KERNEL_ROUTER_H_
#define ALIDADE_TESTS_KERNEL_ROUTER_H_

#include <atomic>
#include <optional>
#include <string>
#include <thread>

#include "tests/kernel/agent_process.h"
#include "tests/kernel/netns.h"

namespace alidade::testing {

// The node on the link of its first pod, and the pods.
constexpr const char* kHostIp = "10.99.1.1";
constexpr const char* kPodIp = "10.99.1.2";
constexpr const char* kOtherIp = "10.99.2.2";
constexpr const char* kPodIp6 = "fd99:1::2";
constexpr const char* kOtherIp6 = "fd99:2::2";

// With an agent that watches both links, to-pod and to-other. Every failure fails the test.
class Router {
 public:
  Router();

  NetworkNamespace host{"host"};
  NetworkNamespace pod{"pod"};
  NetworkNamespace other{"other"};
  std::optional<AgentProcess> agent;

 private:
  void Link(const NetworkNamespace& end, const std::string& device, const std::string& number);
};

// A healthy conversation between the pods, as long as this object lives.
class BackgroundTraffic {
 public:
  explicit BackgroundTraffic(const Router& node);
  ~BackgroundTraffic();
  BackgroundTraffic(const BackgroundTraffic&) = delete;
  BackgroundTraffic& operator=(const BackgroundTraffic&) = delete;

 private:
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_KERNEL_ROUTER_H_
