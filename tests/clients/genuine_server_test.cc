// SPDX-License-Identifier: Apache-2.0
//
// Ours beside Cilium's own server (hubble-server/) over the same recording: what each client prints
// of each server. The environment variables HUBBLE and HUBBLE_SERVER_PEER name the genuine client
// and server; `./dev test clients` builds them.
#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tests/clients/background_process.h"
#include "tests/clients/flow_recording.h"
#include "tests/kernel/agent_process.h"
#include "tests/kernel/command.h"
#include "tests/support/certificates.h"
#include "tests/support/temporary_folder.h"

namespace alidade::testing {
namespace {

using Words = std::vector<std::string>;

constexpr char kEvents[] = ALIDADE_TEST_DATA "/../agent/cli/data/events.jsonl";

std::string Tool(const char* variable) {
  const char* path = std::getenv(variable);
  if (path == nullptr) SKIP(variable << " does not name a genuine program");
  return path;
}

CommandResult Run(Words command, const Words& more) {
  command.insert(command.end(), more.begin(), more.end());
  CommandResult result = RunCommand(command);
  // Go's protobuf has one of two spaces in its errors, as each build will.
  constexpr std::string_view kOtherSpace = "\u00a0";
  for (size_t at = result.output.find(kOtherSpace); at != std::string::npos;
       at = result.output.find(kOtherSpace, at)) {
    result.output.replace(at, kOtherSpace.size(), " ");
  }
  return result;
}

// Both servers, with all events of a recording in their stores.
class BothServers {
 public:
  explicit BothServers(const std::string& recording)
      : genuine_(nullptr,
                 {Tool("HUBBLE_SERVER_PEER"), "--listen", genuine_target(), "--flows", recording,
                  "--node-name", "n1"},
                 folder_ / "genuine.log"),
        ours_(nullptr, {"--source=replay:" + recording, "--replay-pace=fastest", "--node-name=n1",
                        "--listen-address="}) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (ReadWhole(folder_ / "genuine.log") != "ready\n") {
      REQUIRE(genuine_.runs());
      REQUIRE(std::chrono::steady_clock::now() < give_up);
    }
    // The guard of the genuine server counts.
    while (StoredBy(our_target()) + 1 < StoredBy(genuine_target())) {
      REQUIRE(std::chrono::steady_clock::now() < give_up);
    }
  }

  std::string genuine_target() const { return "unix://" + folder_ / "genuine.sock"; }
  std::string our_target() const { return ours_.target(); }

 private:
  static int64_t StoredBy(const std::string& target) {
    const CommandResult status =
        Run({Tool("HUBBLE"), "--server", target}, {"status", "-o", "json"});
    const nlohmann::json json = nlohmann::json::parse(status.output, nullptr, false);
    return json.is_object() ? std::stoll(json.value("num_flows", "0")) : 0;
  }

  const TemporaryFolder folder_;
  const BackgroundProcess genuine_;
  const AgentProcess ours_;
};

struct Printed {
  CommandResult genuine_of_genuine;
  CommandResult genuine_of_ours;
  CommandResult ours_of_genuine;
};

Printed Observe(const BothServers& servers, const Words& words) {
  const Words genuine = {Tool("HUBBLE"), "observe"};
  const Words ours = {AgentBinary(), "observe"};
  const auto ask = [&](Words command, const std::string& target) {
    command.insert(command.end(), words.begin(), words.end());
    return Run(command, {"--server", target});
  };
  return {ask(genuine, servers.genuine_target()), ask(genuine, servers.our_target()),
          ask(ours, servers.genuine_target())};
}

void CheckSame(const Printed& printed) {
  CHECK(printed.genuine_of_ours.output == printed.genuine_of_genuine.output);
  CHECK(printed.genuine_of_ours.status == printed.genuine_of_genuine.status);
  CHECK(printed.ours_of_genuine.output == printed.genuine_of_genuine.output);
  CHECK(printed.ours_of_genuine.status == printed.genuine_of_genuine.status);
}

std::string Joined(const Words& words) {
  std::string text;
  for (const std::string& word : words) text += word + " ";
  return text;
}

TEST_CASE("agent and debug events are those of Cilium's own server and client", "[clients]") {
  const BothServers servers(kEvents);
  // Not --last: Cilium's server counts events of other kinds too.
  const Words flags[] = {
      {},
      {"--all"},
      {"--print-node-name"},
      {"--time-format", "RFC3339Nano"},
      {"--since", "2024-03-01T12:00:06Z"},
      {"--until", "2024-03-01T12:00:09Z"},
      {"--since", "2024-03-01T12:00:05Z", "--last", "2"},
      {"--first", "2"},
  };
  for (const char* kind : {"agent-events", "debug-events"}) {
    for (const char* format : {"compact", "dict", "table", "json", "jsonpb"}) {
      for (const Words& some : flags) {
        Words words = {kind, "-o", format};
        words.insert(words.end(), some.begin(), some.end());
        INFO(Joined(words));
        CheckSame(Observe(servers, words));
      }
    }
    for (const Words& some : {Words{"-o", "table", "-f"}}) {
      Words words = {kind};
      words.insert(words.end(), some.begin(), some.end());
      INFO(Joined(words));
      CheckSame(Observe(servers, words));
    }
  }
}

TEST_CASE("flows are those of Cilium's own server", "[clients]") {
  Tool("HUBBLE_SERVER_PEER");
  const TemporaryFolder folder;
  const std::string recording = folder / "flows.jsonl";
  WriteFlowRecording(recording, "n1", 0, 1);
  const BothServers servers(recording);
  const Words flags[] = {
      {},
      {"--all"},
      {"--last", "3"},
      {"--first", "3"},
      {"--since", "2024-03-10T00:00:30Z"},
      {"--until", "2024-03-10T00:00:30Z"},
      {"--since", "2024-03-10T00:00:30Z", "--last", "2"},
      {"--verdict", "DROPPED"},
      {"--not", "--protocol", "tcp"},
      {"--pod", "xwing"},
      {"--http-status", "600"},
      {"--type", "trace"},
      {"--print-node-name"},
  };
  for (const char* format : {"compact", "dict", "table", "json"}) {
    for (Words words : flags) {
      words.insert(words.end(), {"-o", format});
      INFO(Joined(words));
      const Printed printed = Observe(servers, words);
      CHECK(printed.genuine_of_ours.output == printed.genuine_of_genuine.output);
      CHECK(printed.genuine_of_ours.status == printed.genuine_of_genuine.status);
    }
  }
  // The fields that a client asks for.
  for (const char* mask : {"time,uuid,source.namespace", "nope", "verdict,IP.source"}) {
    INFO(mask);
    CheckSame(Observe(servers, {"-o", "json", "--all", "--field-mask", mask}));
  }
  CHECK(Run({Tool("HUBBLE"), "list", "namespaces"}, {"--server", servers.our_target()}).output ==
        Run({Tool("HUBBLE"), "list", "namespaces"}, {"--server", servers.genuine_target()}).output);
  CHECK(Run({Tool("HUBBLE"), "list", "nodes"}, {"--server", servers.our_target()}).output ==
        Run({Tool("HUBBLE"), "list", "nodes"}, {"--server", servers.genuine_target()}).output);
}

TEST_CASE("filters are printed as Hubble's client prints them", "[clients]") {
  const Words flags[] = {
      {},
      {"--pod", "a", "--not", "--verdict", "DROPPED"},
      {"-t", "trace:to-stack", "--http-status", "404"},
      {"--not", "--label", "k8s:app=x"},
      {"--allowlist", R"({"trace_id":["it's: #x"],"reply":[true]})"},
  };
  for (Words words : flags) {
    words.insert(words.begin(), {"observe", "--print-raw-filters"});
    INFO(Joined(words));
    const CommandResult genuine = Run({Tool("HUBBLE")}, words);
    const CommandResult ours = Run({AgentBinary()}, words);
    CHECK(ours.output == genuine.output);
    CHECK(ours.status == genuine.status);
  }
}

}  // namespace
}  // namespace alidade::testing
