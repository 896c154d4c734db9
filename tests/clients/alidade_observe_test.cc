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

TEST_CASE("alidade observe writes the JSON of old that hubble observe can still write",
          "[clients]") {
  for (const Words& words : {Words{"-o", "json"}, Words{"-o", "jsonpb"}, Words{"-o", "compact"},
                             Words{"-o", "json", "--verdict", "DROPPED", "--last", "3"}}) {
    Words output[2];
    for (const std::string& program : {Hubble(), AgentBinary()}) {
      Words command = {
          "env", "HUBBLE_COMPAT=x,Legacy-JSON-output", program, "observe", "--input-file", kFlows};
      command.insert(command.end(), words.begin(), words.end());
      output[program == AgentBinary() ? 1 : 0].push_back(RunCommand(command).output);
    }
    CHECK(output[0] == output[1]);
  }
}

TEST_CASE("alidade observe refuses what hubble observe refuses", "[clients]") {
  const std::string nothing = "/dev/null";  // no server is asked
  const Words same_words[] = {
      {"--first", "1", "--last", "1"},
      {"--first", "1", "--all"},
      {"--first", "1", "--follow"},
      {"--last", "1", "--all"},
      {"-o", "table", "--follow"},
      {"--http-status", "600", "--input-file", nothing},
      {"--pod", "", "--input-file", nothing},
      {"--ip", "1.2.3", "--input-file", nothing},
      {"--port", "http", "--input-file", nothing},
      {"--protocol", "foo", "--input-file", nothing},
      {"--label", "a b", "--input-file", nothing},
      {"-o", "nope"},
      {"--since", "nope"},
      {"--until", "inf"},
      {"--verdict", "nope"},
      {"--nope"},
      {"-z"},
      {"-fz"},
      {"--=x"},
      {"--type", "nope"},
      {"--type", "4:x"},
      {"--type", "4294967296"},
      {"--identity", "nope"},
      {"--identity", "unknown"},
      {"--last", "-1"},
      {"--last", "99999999999999999999"},
      {"--all=maybe"},
      {"--not"},
      {"--not", "--not", "-4"},
      {"--uuid"},
      {"-t"},
      {"--tcp-flags", "x"},
      {"--tcp-flags", ""},
      {"--traffic-direction", "x"},
      {"--drop-reason-desc", "x"},
      {"--drop-reason-desc", ""},
      {"--ip-trace-id", "0"},
      {"--ip-trace-id", "x"},
      {"--http-header", "nope"},
      {"--input-file", "/none"},
      {"--pod", "a", "--from-pod", "b"},
      {"--ip", "1.1.1.1", "-n", "x"},
      {"-n", "a", "--pod", "b/x"},
      {"--pod", "a/x", "--service", "b/y"},
      {"--encrypted", "--unencrypted"},
      {"--field-mask", "time"},
      {"--timeout", "5"},
      {"--request-timeout", "x"},
      {"--port-forward-port", "70000"},
      {"--tls-client-cert-file", "x"},
      {"--tls-client-cert-file", "x", "--tls-client-key-file", "y"},
      {"--basic-auth-username", "x"},
      {"--tls", "--tls-ca-cert-files", "/none"},
      {"--tls", "--tls-ca-cert-files", "/dev/null"},
      {"--tls", "--tls-client-cert-file", "/none", "--tls-client-key-file", "/none"},
      {"flows", "-o", "nope"},
      {"agent-events", "--nope"},
      {"--last", "3", "debug-events", "--pod", "x"},
  };
  for (const Words& words : same_words) {
    const CommandResult genuine = Observe(Hubble(), words);
    const CommandResult ours = Observe(AgentBinary(), words);
    INFO(words.front() << " " << words.back());
    CHECK(ours.output == genuine.output);
    CHECK(ours.status == 1);
    CHECK(genuine.status == 1);
  }
  // The words are those of a library here, or ours says what would help.
  const Words own_words[] = {
      {"--server", "unix:///none/x.sock"},
      {"--server", ""},
      {"--allowlist", "x"},
      {"--field-mask", "nope", "-o", "json"},
      {"--port-forward"},
      {"--port-forward", "--kubeconfig", "/none"},
      {"--port-forward", "--input-file", nothing},
  };
  for (const Words& words : own_words) {
    const CommandResult ours = Observe(AgentBinary(), words);
    INFO(words.front() << ": " << ours.output);
    CHECK(ours.status == 1);
    CHECK(Observe(Hubble(), words).status == 1);
    CHECK(ours.output.find('\n') == ours.output.size() - 1);
  }
  // Hubble's client takes no notice.
  for (const Words& words : {Words{"word"}, Words{"--time-format", "x"}, Words{"--color", "x"},
                             Words{"--ip-version", "x"}, Words{"--config", "/none"}}) {
    INFO(words.front());
    CHECK(Observe(AgentBinary(), words).status == 1);
  }
}

TEST_CASE("alidade observe makes the filters that hubble observe makes", "[clients]") {
  const Words flags[] = {
      {},
      {"-A4f", "-ldrop"},
      {"-t=drop", "-4=v6", "--to-port=80"},
      {"-t", "agent:endpoint-created", "-t", "4294967295", "-t", "trace:from-crypto"},
      {"--identity", "0x10", "--from-cluster", "a", "--cluster", "b"},
      {"-n", "a", "-n", "b", "--pod", "c", "--service", "d"},
      {"--from-namespace", "a", "--to-pod", "b/c", "--not", "-A"},
      {"--from-workload", "D/", "--to-workload", ""},
      {"--workload", "x/y/z"},
      {"--encrypted", "--encrypted=false", "--interface", "eth0", "--node-label", "a=b"},
      {"--allowlist", R"({"verdict":["DROPPED"]} {"reply":[true]})", "--not", "--uuid", ""},
      {"--http-header", "a:b:c", "--http-header", ":", "--tcp-flags", "syn,Ack", "--snat-ip",
       "::1"},
      {"--ip-trace-id", "007", "--ip-version", "none", "--trace-id", ""},
  };
  for (Words words : flags) {
    words.emplace_back("--print-raw-filters");
    const CommandResult genuine = Observe(Hubble(), words);
    const CommandResult ours = Observe(AgentBinary(), words);
    INFO(words.front());
    CHECK(ours.output == genuine.output);
    CHECK(ours.status == 0);
  }
}

}  // namespace
}  // namespace alidade::testing
