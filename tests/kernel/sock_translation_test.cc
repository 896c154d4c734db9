// SPDX-License-Identifier: Apache-2.0
//
// Addresses of socket calls on both sides of somebody else's programs that rewrite them.
#include <signal.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "tests/kernel/agent_process.h"
#include "tests/kernel/bpf_inventory.h"
#include "tests/kernel/test_cgroup.h"
#include "tests/kernel/traffic.h"
#include "tests/kernel/translator.h"

namespace alidade::testing {
namespace {

const uint16_t kServicePort = 4711;

struct Family {
  std::string self;
  std::string service;
};
const Family kFamilies[] = {{"127.0.0.1", "203.0.113.1"}, {"::1", "2001:db8::1"}};

flow::Flow WaitForPoint(const AgentProcess& agent, uint64_t cookie,
                        flow::SocketTranslationPoint point, const std::string& call) {
  return agent.WaitForFlow(call, [&](const flow::Flow& candidate) {
    return candidate.type() == flow::SOCK && candidate.socket_cookie() == cookie &&
           candidate.sock_xlate_point() == point;
  });
}

// One address and port of a flow.
struct Side {
  std::string ip;
  uint32_t port = 0;
  friend bool operator==(const Side&, const Side&) = default;
};

Side SourceOf(const flow::Flow& flow) {
  return {flow.ip().source(),
          flow.l4().has_tcp() ? flow.l4().tcp().source_port() : flow.l4().udp().source_port()};
}

Side DestinationOf(const flow::Flow& flow) {
  return {flow.ip().destination(), flow.l4().has_tcp() ? flow.l4().tcp().destination_port()
                                                       : flow.l4().udp().destination_port()};
}

// What the socket `cookie` asked for, and what became of it.
void CheckForward(const AgentProcess& agent, uint64_t cookie, const Side& service,
                  const Side& backend) {
  const flow::Flow before =
      WaitForPoint(agent, cookie, flow::SOCK_XLATE_POINT_PRE_DIRECTION_FWD, "before");
  CHECK(before.verdict() == flow::TRACED);
  CHECK(DestinationOf(before) == service);
  const flow::Flow after =
      WaitForPoint(agent, cookie, flow::SOCK_XLATE_POINT_POST_DIRECTION_FWD, "after");
  CHECK(after.verdict() == flow::TRANSLATED);
  CHECK(DestinationOf(after) == backend);
}

// Who answered the socket `cookie`, and who it is told that it was. The peer is the source.
void CheckReverse(const AgentProcess& agent, uint64_t cookie, const Side& service,
                  const Side& backend) {
  const flow::Flow before =
      WaitForPoint(agent, cookie, flow::SOCK_XLATE_POINT_PRE_DIRECTION_REV, "before");
  CHECK(before.verdict() == flow::TRACED);
  CHECK(SourceOf(before) == backend);
  const flow::Flow after =
      WaitForPoint(agent, cookie, flow::SOCK_XLATE_POINT_POST_DIRECTION_REV, "after");
  CHECK(after.verdict() == flow::TRANSLATED);
  CHECK(SourceOf(after) == service);
}

bool WatchesRecvmsg(const GetStatusResponse& status) {
  const HookStatus& hook = HookOf(status, "sock_addr");
  return hook.attached() && hook.detail().find("recvmsg is not watched") == std::string::npos;
}

// Where the other programs are, and when they came.
enum class Others { kRootBefore, kRootAfter, kBelowBefore, kBelowAfter };

bool CameAfter(Others others) {
  return others == Others::kRootAfter || others == Others::kBelowAfter;
}

// The agent beside others' programs, and this process where those have effect.
struct Node {
  Node(Others others, const Peer& service, const Peer& backend,
       const std::string& aggregation = "medium") {
    if (others == Others::kBelowBefore || others == Others::kBelowAfter) {
      cgroup.emplace("alidade-test-" + std::to_string(getpid()));
      membership.emplace(*cgroup);
    }
    const std::string folder = cgroup ? cgroup->folder() : CgroupRoot();
    const std::vector<std::string> flags = {"--listen-address", "127.0.0.1:0",
                                            "--monitor-aggregation", aggregation};
    if (!CameAfter(others)) translator.emplace(folder, service, backend);
    agent.emplace(nullptr, flags);
    if (CameAfter(others)) translator.emplace(folder, service, backend);
  }

  std::optional<TestCgroup> cgroup;
  std::optional<CgroupMembership> membership;
  std::optional<Translator> translator;
  std::optional<AgentProcess> agent;
};

// Sends a byte to `to`, and has it received.
void Send(const Socket& from, const Peer& to, const Socket& receiver) {
  REQUIRE(sendto(from.fd(), "x", 1, 0, to.address(), to.size) == 1);
  char byte = 0;
  Peer told = to;
  REQUIRE(recvfrom(receiver.fd(), &byte, 1, 0, reinterpret_cast<sockaddr*>(&told.storage),
                   &told.size) == 1);
}

}  // namespace

TEST_CASE("a translated connect is seen before and after, and so is getpeername", "[kernel]") {
  const Family family = GENERATE(from_range(std::begin(kFamilies), std::end(kFamilies)));
  const Others others = GENERATE(Others::kRootBefore, Others::kBelowAfter);
  const Socket listener = Serve(SOCK_STREAM, family.self);
  const Side service{family.service, kServicePort};
  const Side backend{family.self, LocalPort(listener)};
  const Peer asked(family.service, kServicePort);
  const Node node(others, asked, Peer(family.self, LocalPort(listener)));

  const Socket client(asked.family, SOCK_STREAM);
  REQUIRE(connect(client.fd(), asked.address(), asked.size) == 0);
  CheckForward(*node.agent, CookieOf(client), service, backend);

  sockaddr_storage told{};
  socklen_t size = sizeof(told);
  REQUIRE(getpeername(client.fd(), reinterpret_cast<sockaddr*>(&told), &size) == 0);
  CheckReverse(*node.agent, CookieOf(client), service, backend);
}

TEST_CASE("each translated connect is seen, however soon it follows another", "[kernel]") {
  const Socket listener = Serve(SOCK_STREAM, "127.0.0.1");
  const Side service{"203.0.113.1", kServicePort};
  const Side backend{"127.0.0.1", LocalPort(listener)};
  const Peer asked(service.ip, kServicePort);
  const Node node(Others::kBelowAfter, asked, Peer("127.0.0.1", LocalPort(listener)));

  for (int times = 0; times < 3; ++times) {
    const Socket client(AF_INET, SOCK_STREAM);
    REQUIRE(connect(client.fd(), asked.address(), asked.size) == 0);
    CheckForward(*node.agent, CookieOf(client), service, backend);
  }
}

TEST_CASE("a translated datagram is seen before and after, and so is its answer", "[kernel]") {
  const Family family = GENERATE(from_range(std::begin(kFamilies), std::end(kFamilies)));
  const Others others = GENERATE(Others::kRootBefore, Others::kBelowBefore, Others::kBelowAfter);
  const Socket server = Serve(SOCK_DGRAM, family.self);
  const Side service{family.service, kServicePort};
  const Side backend{family.self, LocalPort(server)};
  const Peer asked(family.service, kServicePort);
  const Node node(others, asked, Peer(family.self, LocalPort(server)));
  CHECK((CameAfter(others) || WatchesRecvmsg(node.agent->Status())));

  const Socket client = Serve(SOCK_DGRAM, family.self);
  Send(client, asked, server);
  CheckForward(*node.agent, CookieOf(client), service, backend);

  // Who comes after the agent is noticed by the call.
  node.agent->WaitForStatus(WatchesRecvmsg);
  Send(server, Peer(family.self, LocalPort(client)), client);
  CheckReverse(*node.agent, CookieOf(client), service, backend);
}

TEST_CASE("a translator that comes after the agent is seen through as well", "[kernel]") {
  const Socket server = Serve(SOCK_DGRAM, "127.0.0.1");
  const Peer asked("203.0.113.1", kServicePort);
  const Node node(Others::kRootAfter, asked, Peer("127.0.0.1", LocalPort(server)), "low");

  // The agent notices in its own time: until then a connect has no second event.
  std::optional<flow::Flow> after;
  for (int attempt = 0; attempt < 10'000 && !after; ++attempt) {
    const Socket client(AF_INET, SOCK_DGRAM);
    REQUIRE(connect(client.fd(), asked.address(), asked.size) == 0);
    WaitForPoint(*node.agent, CookieOf(client), flow::SOCK_XLATE_POINT_PRE_DIRECTION_FWD, "call");
    for (const flow::Flow& flow : node.agent->Flows()) {
      if (flow.sock_xlate_point() == flow::SOCK_XLATE_POINT_POST_DIRECTION_FWD) after = flow;
    }
  }
  REQUIRE(after.has_value());
  CHECK(after->verdict() == flow::TRANSLATED);
  CHECK(DestinationOf(*after) == Side{"127.0.0.1", LocalPort(server)});
}

TEST_CASE("what nobody translates has no second event", "[kernel]") {
  const AgentProcess agent(nullptr, {"--listen-address", "127.0.0.1:0", "--monitor-aggregation",
                                     "none", "--recvmsg-attach", "always"});
  const Socket server = Serve(SOCK_DGRAM, "127.0.0.1");
  const Peer peer("127.0.0.1", LocalPort(server));
  const Socket client = Serve(SOCK_DGRAM, "127.0.0.1");
  REQUIRE(connect(client.fd(), peer.address(), peer.size) == 0);
  Send(client, peer, server);

  // Events are in time order: what came before this one is there with it.
  const flow::Flow told =
      WaitForPoint(agent, CookieOf(server), flow::SOCK_XLATE_POINT_PRE_DIRECTION_REV, "recvfrom");
  CHECK(SourceOf(told) == Side{"127.0.0.1", LocalPort(client)});
  CHECK(DestinationOf(told) == Side{"127.0.0.1", LocalPort(server)});
  for (const flow::Flow& flow : agent.Flows()) {
    if (flow.socket_cookie() != CookieOf(client)) continue;
    CHECK(flow.sock_xlate_point() == flow::SOCK_XLATE_POINT_PRE_DIRECTION_FWD);
  }
}

TEST_CASE("recvmsg is watched while others stand there, and no longer", "[kernel][vm-all]") {
  const Others others = GENERATE(Others::kRootAfter, Others::kBelowAfter);
  const Socket server = Serve(SOCK_DGRAM, "127.0.0.1");
  const Peer asked("203.0.113.1", kServicePort);
  std::optional<Translator> translator;
  std::optional<TestCgroup> cgroup;
  if (others == Others::kBelowAfter) cgroup.emplace("alidade-test-" + std::to_string(getpid()));

  const AgentProcess agent(nullptr, {"--listen-address", "127.0.0.1:0"});
  CHECK_FALSE(WatchesRecvmsg(agent.Status()));
  const size_t links = BpfInventory::OfProcess(agent.pid()).links.size();
  translator.emplace(cgroup ? cgroup->folder() : CgroupRoot(), asked,
                     Peer("127.0.0.1", LocalPort(server)));
  agent.WaitForStatus(WatchesRecvmsg);  // without a call that would tell of it
  CHECK(BpfInventory::OfProcess(agent.pid()).links.size() == links + 4);

  translator.reset();
  agent.WaitForStatus([](const GetStatusResponse& status) { return !WatchesRecvmsg(status); });
  CHECK(BpfInventory::OfProcess(agent.pid()).links.size() == links);
}

TEST_CASE("what was attached beside others goes with a killed agent", "[kernel][vm-all]") {
  const Translator translator(CgroupRoot(), Peer("203.0.113.1", kServicePort),
                              Peer("127.0.0.1", 9));
  // No interface: on a kernel without tcx a filter there would stay (guest_test.cc).
  AgentProcess agent(nullptr, {"--listen-address", "127.0.0.1:0", "--interface-exclude", "*"});
  CHECK(WatchesRecvmsg(agent.Status()));
  const BpfInventory ours = BpfInventory::OfProcess(agent.pid());
  CHECK(agent.Stop(SIGKILL) == 128 + SIGKILL);
  WaitUntilGone(ours);
}

TEST_CASE("another agent's programs are no reason to watch recvmsg", "[kernel][vm-all]") {
  const AgentProcess first(nullptr,
                           {"--listen-address", "127.0.0.1:0", "--recvmsg-attach", "always"});
  CHECK(WatchesRecvmsg(first.Status()));
  const AgentProcess second(nullptr, {"--listen-address", "127.0.0.1:0"});
  CHECK_FALSE(WatchesRecvmsg(second.Status()));
}

TEST_CASE("a level that reports no recvmsg does not watch it", "[kernel]") {
  const Translator translator(CgroupRoot(), Peer("203.0.113.1", kServicePort),
                              Peer("127.0.0.1", 9));
  const AgentProcess agent(nullptr,
                           {"--listen-address", "127.0.0.1:0", "--monitor-aggregation", "maximum"});
  CHECK_FALSE(WatchesRecvmsg(agent.Status()));
}

}  // namespace alidade::testing
