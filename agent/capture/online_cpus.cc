// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/online_cpus.h"

#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace alidade {
namespace {

constexpr char kFile[] = "/sys/devices/system/cpu/online";

// More than any kernel is built for (NR_CPUS).
constexpr uint32_t kMostCpus = 1u << 16;

}  // namespace

std::optional<std::vector<uint32_t>> ParseCpuList(absl::string_view text) {
  absl::ConsumeSuffix(&text, "\n");
  std::vector<uint32_t> cpus;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    const std::pair<absl::string_view, absl::string_view> ends =
        absl::StrSplit(part, absl::MaxSplits('-', 1));
    uint32_t first = 0;
    if (!absl::SimpleAtoi(ends.first, &first)) return std::nullopt;
    uint32_t last = first;
    if (ends.first.size() != part.size() && !absl::SimpleAtoi(ends.second, &last)) {
      return std::nullopt;
    }
    if (last < first || last >= kMostCpus) return std::nullopt;
    for (uint32_t cpu = first; cpu <= last; ++cpu) cpus.push_back(cpu);
  }
  return cpus;
}

absl::StatusOr<std::vector<uint32_t>> OnlineCpus() {
  std::ifstream file(kFile);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::optional<std::vector<uint32_t>> cpus = ParseCpuList(text);
  if (!cpus) return absl::NotFoundError(absl::StrCat(kFile, " does not tell which CPUs there are"));
  return *std::move(cpus);
}

}  // namespace alidade
