// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/agent_process.h"

#include <fcntl.h>
#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <utility>

#include "alidade/agent.grpc.pb.h"

namespace alidade::testing {
namespace {

// How long a condition may take before the test is given up: generous, it is no measurement. Where
// the machine itself is slow, the environment says how many seconds.
std::chrono::seconds Patience() {
  const char* seconds = getenv("ALIDADE_TEST_PATIENCE");
  return std::chrono::seconds(seconds != nullptr ? std::atoi(seconds) : 60);
}

// The pause between two looks at a condition that nothing announces.
void ShortPause() { usleep(2000); }

int WaitForEnd(pid_t pid) {
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

std::string AgentBinary() {
  const char* path = getenv("ALIDADE_BINARY");
  return path != nullptr ? path : ALIDADE_BINARY;
}

std::string SummaryOf(const flow::Flow& flow) {
  const auto* field = flow::Flow::descriptor()->FindFieldByName("Summary");
  return flow::Flow::GetReflection()->GetString(flow, field);
}

AgentProcess::AgentProcess(const NetworkNamespace* host, const std::vector<std::string>& flags,
                           std::vector<std::string> launcher) {
  std::vector<std::string> arguments = std::move(launcher);
  for (const std::string& word : {AgentBinary(), std::string("agent"), std::string("--socket-path"),
                                  socket(), std::string("--node-name"), std::string("test-node")}) {
    arguments.push_back(word);
  }
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);

  pid_ = fork();
  REQUIRE(pid_ >= 0);
  if (pid_ == 0) {
    // Not by `ip netns exec`: that hides /sys, and with it cgroup v2.
    if (host != nullptr && !host->Enter()) _exit(126);
    const int log = open((folder_ / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(log, STDERR_FILENO);
    dup2(log, STDOUT_FILENO);
    execvp(argv[0], argv.data());
    _exit(127);
  }
  try {
    WaitForSocket();
    channel_ = grpc::CreateChannel(target(), grpc::InsecureChannelCredentials());
    // Only the source ebpf has hooks.
    WaitForStatus([this](const GetStatusResponse& status) {
      return status.hooks_size() > 0 || Log().find(" started version=") != std::string::npos;
    });
  } catch (...) {  // a failed REQUIRE: there will be no destructor call
    CleanUp();
    throw;
  }
}

AgentProcess::~AgentProcess() { CleanUp(); }

void AgentProcess::CleanUp() {
  if (pid_ > 0) Stop(SIGTERM);
}

// A gRPC channel that finds no server waits a second or more before it tries again: the first try
// must succeed.
void AgentProcess::WaitForSocket() const {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket().copy(address.sun_path, sizeof(address.sun_path) - 1);
  const auto give_up = std::chrono::steady_clock::now() + Patience();
  while (true) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool connected =
        connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
    close(fd);
    if (connected) return;
    INFO("the agent's log: " << Log());
    REQUIRE(waitpid(pid_, nullptr, WNOHANG) == 0);
    REQUIRE(std::chrono::steady_clock::now() < give_up);
    ShortPause();
  }
}

int AgentProcess::Stop(int signal) {
  kill(pid_, signal);
  return WaitForEnd(std::exchange(pid_, -1));
}

std::string AgentProcess::Log() const {
  std::ifstream file(folder_ / "log");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

GetStatusResponse AgentProcess::Status() const {
  grpc::ClientContext context;
  GetStatusResponse status;
  alidade::Agent::NewStub(channel_)->GetStatus(&context, {}, &status);
  return status;
}

GetStatusResponse AgentProcess::WaitForStatus(
    const std::function<bool(const GetStatusResponse&)>& condition) const {
  const auto give_up = std::chrono::steady_clock::now() + Patience();
  while (true) {
    GetStatusResponse status = Status();
    if (condition(status)) return status;
    INFO("the agent's log: " << Log());
    REQUIRE(waitpid(pid_, nullptr, WNOHANG) == 0);
    REQUIRE(std::chrono::steady_clock::now() < give_up);
    ShortPause();
  }
}

void AgentProcess::WaitForAttached(const std::string& name) const {
  WaitForStatus([&](const GetStatusResponse& status) {
    const InterfaceStatus* interface = FindInterface(status, name);
    return interface != nullptr && !interface->attach().empty();
  });
}

const InterfaceStatus* FindInterface(const GetStatusResponse& status, const std::string& name) {
  for (const InterfaceStatus& interface : status.interfaces()) {
    if (interface.name() == name) return &interface;
  }
  return nullptr;
}

const HookStatus& HookOf(const GetStatusResponse& status, const std::string& name) {
  const auto hook =
      std::find_if(status.hooks().begin(), status.hooks().end(),
                   [&](const HookStatus& candidate) { return candidate.name() == name; });
  REQUIRE(hook != status.hooks().end());
  return *hook;
}

flow::Flow AgentProcess::WaitForFlow(
    const std::string& what, const std::function<bool(const flow::Flow&)>& condition) const {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + Patience());
  observer::GetFlowsRequest request;
  request.set_follow(true);
  request.mutable_since()->set_seconds(1);
  auto stream = observer::Observer::NewStub(channel_)->GetFlows(&context, request);
  observer::GetFlowsResponse response;
  while (stream->Read(&response)) {
    if (!response.has_flow() || !condition(response.flow())) continue;
    context.TryCancel();
    return response.flow();
  }
  std::string seen;
  for (const flow::Flow& flow : Flows()) seen += flow.ShortDebugString() + "\n";
  const GetStatusResponse status = Status();
  for (const HookStatus& hook : status.hooks()) seen += hook.ShortDebugString() + "\n";
  FAIL("no flow: " << what << "\nseen were:\n" << seen << "\nlog: " << Log());
  return {};
}

std::vector<flow::Flow> AgentProcess::Flows() const {
  grpc::ClientContext context;
  observer::GetFlowsRequest request;
  auto stream = observer::Observer::NewStub(channel_)->GetFlows(&context, request);
  observer::GetFlowsResponse response;
  std::vector<flow::Flow> flows;
  while (stream->Read(&response)) {
    if (response.has_flow()) flows.push_back(response.flow());
  }
  return flows;
}

}  // namespace alidade::testing
