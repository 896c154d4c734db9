// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/bpf_inventory.h"

#include <bpf/bpf.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

namespace alidade::testing {
namespace {

bool AnyKnown(const std::set<uint32_t>& ids, int (*open_by_id)(uint32_t)) {
  bool known = false;
  for (uint32_t id : ids) {
    const int fd = open_by_id(id);
    if (fd < 0) continue;
    known = true;
    close(fd);
  }
  return known;
}

}  // namespace

BpfInventory BpfInventory::OfProcess(pid_t pid) {
  BpfInventory inventory;
  const std::string folder = "/proc/" + std::to_string(pid) + "/fdinfo";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path());
    std::string key;
    std::set<uint32_t> programs;
    bool is_link = false;
    for (std::string line; std::getline(file, line);) {
      const auto value = [&] {
        return static_cast<uint32_t>(std::stoul(line.substr(line.find(':') + 1)));
      };
      if (line.rfind("prog_id:", 0) == 0) programs.insert(value());
      if (line.rfind("map_id:", 0) == 0) inventory.maps.insert(value());
      if (line.rfind("link_id:", 0) == 0) {
        inventory.links.insert(value());
        is_link = true;
      }
    }
    if (!is_link) inventory.programs.merge(programs);
  }
  return inventory;
}

void WaitUntilGone(const BpfInventory& inventory) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (AnyKnown(inventory.links, bpf_link_get_fd_by_id) ||
         AnyKnown(inventory.programs, bpf_prog_get_fd_by_id) ||
         AnyKnown(inventory.maps, bpf_map_get_fd_by_id)) {
    REQUIRE(std::chrono::steady_clock::now() < give_up);
    usleep(2000);
  }
}

}  // namespace alidade::testing
