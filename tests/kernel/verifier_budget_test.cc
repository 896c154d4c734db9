// SPDX-License-Identifier: Apache-2.0
//
// What the verifier has to look at for each program, against tests/data/verified_instructions.tsv:
// a change that makes one of them much larger is seen here, not on a kernel with a smaller limit.
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include "tests/kernel/agent_process.h"
#include "tests/kernel/bpf_inventory.h"

namespace alidade::testing {
namespace {

// Kernels differ in what they look at twice.
constexpr double kTolerance = 1.5;
constexpr char kFile[] = ALIDADE_TEST_DATA "/verified_instructions.tsv";

std::map<std::string, double> Recorded() {
  std::map<std::string, double> rows;
  std::ifstream file(kFile);
  for (std::string line; std::getline(file, line);) {
    const size_t tab = line.find('\t');
    if (line.empty() || line[0] == '#' || tab == std::string::npos) continue;
    rows[line.substr(0, tab)] = std::stod(line.substr(tab + 1));
  }
  return rows;
}

}  // namespace

TEST_CASE("no program costs the verifier much more than is recorded", "[kernel]") {
  const AgentProcess agent(nullptr);
  const std::map<std::string, double> recorded = Recorded();
  std::set<std::string> loaded;
  for (const uint32_t id : BpfInventory::OfProcess(agent.pid()).programs) {
    const int fd = bpf_prog_get_fd_by_id(id);
    REQUIRE(fd >= 0);
    bpf_prog_info info{};
    uint32_t size = sizeof(info);
    const int error = bpf_prog_get_info_by_fd(fd, &info, &size);
    close(fd);
    REQUIRE(error == 0);
    if (info.verified_insns == 0) SKIP("this kernel does not tell (5.16 and later do)");
    std::printf("%s\t%u\n", info.name, info.verified_insns);
    loaded.insert(info.name);
    INFO(info.name << " took " << info.verified_insns
                   << "; if that is right, put the printed lines into " << kFile);
    const auto row = recorded.find(info.name);
    CHECK(row != recorded.end());
    if (row == recorded.end()) continue;
    CHECK(info.verified_insns <= row->second * kTolerance);
    CHECK(info.verified_insns >= row->second / kTolerance);
  }
  // One that the verifier refuses costs it nothing.
  for (const auto& [name, instructions] : recorded) {
    INFO(name);
    CHECK(loaded.contains(name));
  }
}

}  // namespace alidade::testing
