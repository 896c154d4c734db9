// SPDX-License-Identifier: Apache-2.0
//
// `alidade observe` beside the genuine `hubble observe` on the same file: the same bytes and the
// same exit status, for every format and many flags.
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/kernel/agent_process.h"
#include "tests/kernel/command.h"

namespace alidade::testing {
namespace {

using Words = std::vector<std::string>;

constexpr char kFlows[] = ALIDADE_TEST_DATA "/../agent/cli/data/flows.jsonl";

CommandResult Observe(const std::string& program, const Words& flags) {
  Words command = {program, "observe"};
  command.insert(command.end(), flags.begin(), flags.end());
  return RunCommand(command);
}

std::string Hubble() {
  const char* hubble = std::getenv("HUBBLE");
  if (hubble == nullptr) SKIP("HUBBLE does not name the genuine hubble CLI");
  return hubble;
}

TEST_CASE("alidade observe prints what hubble observe prints", "[clients]") {
  const Words flags[] = {
      {},
      {"--print-node-name"},
      {"--numeric"},
      {"--ip-translation=false"},
      {"--color", "always"},
      {"--print-policy-names"},
      {"--time-format", "RFC3339Nano"},
      {"--time-format", "RFC1123Z", "--print-node-name"},
      {"--first", "3"},
      {"--last", "4"},
      {"--all"},
      {"--since", "2024-03-10T00:00:00Z"},
      {"--until", "2024-03-10T00:00:00Z"},
      {"--first", "5", "--since", "2024-03-10T00:00:00Z"},
      {"--last", "5", "--until", "2024-03-10T00:00:00Z"},
      {"--verdict", "DROPPED"},
      {"--not", "--verdict", "DROPPED"},
      {"--pod", "xwing"},
      {"--not", "--pod", "xwing", "--protocol", "tcp"},
      {"-n", "default"},
      {"-A"},
      {"--protocol", "dns"},
      {"--type", "drop"},
      {"-t", "trace:to-endpoint"},
      {"--to-port", "80"},
      {"--ip", "10.0.1.10"},
      {"--from-ip", "10.0.0.0/16"},
      {"--identity", "5001"},
      {"--identity", "world"},
      {"--label", "k8s:app=xwing"},
      {"--label", "reserved:world", "--not", "--port", "53"},
      {"--http-status", "4+", "--type", "l7"},
      {"--fqdn", "*.com"},
      {"-4"},
      {"-6"},
      {"--tcp-flags", "SYN"},
      {"--traffic-direction", "egress"},
      {"--node-name", "*"},
      {"--workload", "xwing"},
      {"--trace-id", "x"},
      {"--allowlist", R"({"reply":[false]})"},
      {"--denylist", R"({"source_pod":["default/"]})"},
  };
  for (const char* format : {"compact", "dict", "table", "json", "jsonpb"}) {
    for (Words words : flags) {
      words.insert(words.end(), {"--input-file", kFlows, "-o", format});
      const CommandResult genuine = Observe(Hubble(), words);
      const CommandResult ours = Observe(AgentBinary(), words);
      INFO("format " << format << " flags " << (words.empty() ? "" : words.front()) << " "
                     << (words.size() > 1 ? words[1] : ""));
      CHECK(ours.output == genuine.output);
      CHECK(ours.status == genuine.status);
    }
  }
}

TEST_CASE("alidade observe refuses what hubble observe refuses", "[clients]") {
  const Words same_words[] = {
      {"--first", "1", "--last", "1"},
      {"--first", "1", "--all"},
      {"--first", "1", "--follow"},
      {"--last", "1", "--all"},
      {"-o", "table", "--follow"},
      {"--http-status", "600", "--input-file", "/dev/null"},
      {"--pod", "", "--input-file", "/dev/null"},
      {"--ip", "1.2.3", "--input-file", "/dev/null"},
      {"--port", "http", "--input-file", "/dev/null"},
      {"--protocol", "foo", "--input-file", "/dev/null"},
      {"--label", "a b", "--input-file", "/dev/null"},
  };
  for (const Words& words : same_words) {
    const CommandResult genuine = Observe(Hubble(), words);
    const CommandResult ours = Observe(AgentBinary(), words);
    INFO(words.front() << " " << words[1]);
    CHECK(ours.output == genuine.output);
    CHECK(ours.status == 1);
    CHECK(genuine.status == 1);
  }
  // Ours says more here.
  const Words own_words[] = {
      {"-o", "nope"},
      {"--since", "nope"},
      {"--verdict", "nope"},
      {"--nope"},
      {"--type", "nope"},
      {"--identity", "nope"},
      {"--last", "-1"},
      {"--not"},
      {"--uuid"},
      {"--tcp-flags", "x"},
      {"--input-file", "/none"},
      {"--server", "unix:///none/x.sock"},
      {"--allowlist", "x"},
      {"--http-header", "nope"},
      {"--pod", "a", "--from-pod", "b"},
  };
  for (const Words& words : own_words) {
    const CommandResult ours = Observe(AgentBinary(), words);
    INFO(words.front() << ": " << ours.output);
    CHECK(ours.status == 1);
    CHECK(Observe(Hubble(), words).status == 1);
    CHECK(!ours.output.empty());
  }
}

}  // namespace
}  // namespace alidade::testing
