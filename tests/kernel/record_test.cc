// SPDX-License-Identifier: Apache-2.0
//
// `alidade record` by the real binary.
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/kernel/agent_process.h"
#include "tests/kernel/command.h"
#include "tests/support/temporary_folder.h"

namespace alidade::testing {
namespace {

constexpr char kLine[] =
    R"({"input":"perf","cpu":3,"time":"2024-01-01T00:00:00.5+00:00","origin":"cilium","data_hex":"04ff"})";

std::string Text(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("what is recorded of a replay is the recording", "[kernel]") {
  const TemporaryFolder folder;
  const std::string lines = std::string(kLine) + "\n" + kLine + "\n";
  std::ofstream(folder / "in") << lines;
  const CommandResult result =
      RunCommand({AgentBinary(), "record", "--source", "replay:" + folder / "in", "--replay-pace",
                  "fastest", "--events", "2", "--output", folder / "out"});
  INFO(result.output);
  CHECK(result.status == 0);
  CHECK(Text(folder / "out") == lines);
}

TEST_CASE("a recording that cannot be written is told", "[kernel]") {
  const CommandResult result =
      RunCommand({AgentBinary(), "record", "--output", "/nonexistent/out"});
  CHECK(result.status == 1);
  CHECK(result.output.find("/nonexistent/out") != std::string::npos);
  CHECK(RunCommand({AgentBinary(), "record"}).status == 2);
  CHECK(RunCommand({AgentBinary(), "record", "--output", "x", "--duration", "long"}).status == 2);
}

}  // namespace alidade::testing
