// SPDX-License-Identifier: Apache-2.0
//
// How soon the programs stand on a new interface: from when the kernel announces it, as another
// listener on its own thread hears it, to when the capture says that it is attached. Pods come one
// by one, each when the one before is attached, then all at once. Needs root.
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "agent/capture/ebpf_capture.h"
#include "tests/kernel/command.h"
#include "tests/kernel/netns.h"
#include "tests/kernel/traffic.h"

namespace alidade::testing {
namespace {

constexpr int kPods = 300;
constexpr int kReceiveBufferBytes = 16 << 20;

std::string LinkName(const nlmsghdr* message) {
  const auto* attribute = IFLA_RTA(static_cast<const ifinfomsg*>(NLMSG_DATA(message)));
  auto bytes = static_cast<int>(IFLA_PAYLOAD(message));
  for (; RTA_OK(attribute, bytes); attribute = RTA_NEXT(attribute, bytes)) {
    if (attribute->rta_type == IFLA_IFNAME) return static_cast<const char*>(RTA_DATA(attribute));
  }
  return {};
}

// Notes when interfaces were announced, and when attached.
class Times {
 public:
  void NoteAnnounced(const std::string& name) {
    const std::lock_guard lock(mutex_);
    announced_.try_emplace(name, Now());
  }
  void NoteAttached(const std::string& name) {
    const std::lock_guard lock(mutex_);
    attached_.try_emplace(name, Now());
    changed_.notify_all();
  }
  void WaitForAttached(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return attached_.size() >= count; });
  }
  void Print(const char* how) const {
    std::vector<double> taken;
    for (const auto& [name, when] : attached_) {
      const auto found = announced_.find(name);
      REQUIRE(found != announced_.end());
      taken.push_back(static_cast<double>(when - found->second) / 1e6);
    }
    std::sort(taken.begin(), taken.end());
    std::printf("%s, n=%zu: median %.2f ms, p99 %.2f ms, longest %.2f ms\n", how, taken.size(),
                taken[taken.size() / 2], taken[taken.size() * 99 / 100], taken.back());
  }

 private:
  std::mutex mutex_;  // guards the rest
  std::condition_variable changed_;
  std::map<std::string, int64_t> announced_;
  std::map<std::string, int64_t> attached_;
};

// Reads announcements of interfaces named v* in the calling thread's namespace until `stop` can be
// read.
void Listen(const Socket& announcements, int stop, Times* times) {
  std::vector<char> buffer(1 << 16);
  pollfd waited[] = {{announcements.fd(), POLLIN, 0}, {stop, POLLIN, 0}};
  while (poll(waited, 2, -1) > 0 && waited[1].revents == 0) {
    const ssize_t bytes = recv(announcements.fd(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (bytes <= 0) continue;
    auto left = static_cast<size_t>(bytes);
    for (auto* message = reinterpret_cast<nlmsghdr*>(buffer.data()); NLMSG_OK(message, left);
         message = NLMSG_NEXT(message, left)) {
      if (message->nlmsg_type != RTM_NEWLINK) continue;
      const std::string name = LinkName(message);
      if (name.front() == 'v') times->NoteAnnounced(name);
    }
  }
}

void Measure(const char* how, bool all_at_once) {
  const NetworkNamespace host("host"), pods("pods");
  Times times;
  host.Inside([&] {
    const Socket announcements(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    sockaddr_nl links{};
    links.nl_family = AF_NETLINK;
    links.nl_groups = RTMGRP_LINK;
    REQUIRE(bind(announcements.fd(), reinterpret_cast<const sockaddr*>(&links), sizeof(links)) ==
            0);
    setsockopt(announcements.fd(), SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBufferBytes,
               sizeof(kReceiveBufferBytes));
    int stop[2];
    REQUIRE(pipe(stop) == 0);
    std::thread listener([&] { Listen(announcements, stop[0], &times); });

    CaptureEvents events;
    events.on_network = [](const HostNetwork&) {};
    events.on_warning = [](const std::string& line) { std::printf("%s\n", line.c_str()); };
    events.on_attach = [&](const AttachState& tried) {
      const std::string& name = tried.interface.name;
      if (name.front() == 'v' && !tried.mechanism.empty()) times.NoteAttached(name);
    };
    {
      const auto capture = EbpfCapture::Start({}, std::move(events));
      REQUIRE(capture.ok());
      for (int i = 0; i < kPods; ++i) {
        const std::string number = std::to_string(i);
        host.Ip("link add v" + number + " type veth peer name p" + number + " netns " +
                pods.name());
        if (!all_at_once) times.WaitForAttached(static_cast<size_t>(i) + 1);
      }
      times.WaitForAttached(kPods);
    }
    REQUIRE(write(stop[1], "x", 1) == 1);
    listener.join();
    close(stop[0]);
    close(stop[1]);
  });
  times.Print(how);
}

}  // namespace

TEST_CASE("from a new interface to programs on it") {
  Measure("one pod after the other", false);
  Measure("pods as fast as they can be made", true);
}

}  // namespace alidade::testing
