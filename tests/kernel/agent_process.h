// SPDX-License-Identifier: Apache-2.0
//
// A real agent, started from the real binary, and a client of it.
#ifndef ALIDADE_TESTS_KERNEL_AGENT_PROCESS_H_
#define ALIDADE_TESTS_KERNEL_AGENT_PROCESS_H_

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "alidade/agent.pb.h"
#include "observer/observer.grpc.pb.h"
#include "tests/kernel/netns.h"
#include "tests/support/temporary_folder.h"

namespace alidade::testing {

// The path of the binary under test.
std::string AgentBinary();

// Flow.Summary, which is deprecated and which clients still print.
std::string SummaryOf(const flow::Flow& flow);

class AgentProcess {
 public:
  // Starts `alidade agent` in the namespace `host` (null: where the test is) on a unix socket of
  // its own, with `flags` after the usual ones, and waits until it answers. `launcher` is a command
  // that is given the agent's command line as further arguments and becomes it by exec.
  explicit AgentProcess(const NetworkNamespace* host, const std::vector<std::string>& flags = {},
                        std::vector<std::string> launcher = {});
  // Ends it as Stop does, if it still runs.
  ~AgentProcess();

  pid_t pid() const { return pid_; }
  std::string socket() const { return folder_ / "hubble.sock"; }
  std::string target() const { return "unix://" + socket(); }

  // Sends `signal`, waits for the end and returns the exit status, or 128 + signal.
  int Stop(int signal);
  // What it wrote to stderr so far.
  std::string Log() const;

  GetStatusResponse Status() const;
  // Waits until the status fulfils `condition`; fails the test when it takes too long.
  GetStatusResponse WaitForStatus(
      const std::function<bool(const GetStatusResponse&)>& condition) const;
  // Waits until the tc programs are on interface `name`.
  void WaitForAttached(const std::string& name) const;

  // Waits for the first flow since the start of the agent that fulfils `condition`, and returns it;
  // fails the test, naming `what`, when that takes too long.
  flow::Flow WaitForFlow(const std::string& what,
                         const std::function<bool(const flow::Flow&)>& condition) const;
  // All flows that are in the store now.
  std::vector<flow::Flow> Flows() const;

 private:
  void WaitForSocket() const;
  void CleanUp();

  const TemporaryFolder folder_;
  pid_t pid_ = -1;
  std::shared_ptr<grpc::Channel> channel_;
};

// The interface called `name`, in `status`; null when it is not there.
const InterfaceStatus* FindInterface(const GetStatusResponse& status, const std::string& name);
// The hook's row; a missing one fails the test.
const HookStatus& HookOf(const GetStatusResponse& status, const std::string& name);

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_KERNEL_AGENT_PROCESS_H_
