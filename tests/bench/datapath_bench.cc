// SPDX-License-Identifier: Apache-2.0
//
// What being watched costs traffic: throughput, small packets and connections between two network
// namespaces, with nothing, empty programs or a real agent on the server's end of the veth pair.
// Rounds alternate the order of the variants; ratios are taken within a round. ALIDADE_BENCH_ROUNDS
// (5) and ALIDADE_BENCH_SECONDS (2, of each measurement) set how long it takes, ALIDADE_BENCH_ONLY
// what is measured: names of loads and levels, e.g. "crr medium". ALIDADE_BENCH_AWAKE=1 lets
// idle CPUs poll instead of sleep. Needs root, iperf3.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/bench/datapath/awake_cpus.h"
#include "tests/bench/datapath/cost.h"
#include "tests/bench/datapath/load.h"
#include "tests/bench/datapath/variant.h"

namespace alidade::testing {
namespace {

constexpr char kDevice[] = "to-client";

int Setting(const char* name, int standard) {
  const char* text = std::getenv(name);
  return text == nullptr ? standard : std::atoi(text);
}

// Whether ALIDADE_BENCH_ONLY names `name`, or none of `names`.
bool IsChosen(const std::string& name, const std::set<std::string>& names) {
  const char* text = std::getenv("ALIDADE_BENCH_ONLY");
  std::istringstream words(text == nullptr ? "" : text);
  bool any = false, found = false;
  for (std::string word; words >> word;) {
    any |= names.count(word) != 0;
    found |= word == name;
  }
  return found || !any;
}

struct Load {
  const char* name;
  const char* unit;
  double scale;  // from what `run` returns to the unit
  std::function<double(const Ends&, std::chrono::seconds)> run;
};

std::vector<Load> AllLoads() {
  return {
      {"tcp-1", "Gb/s", 1e-9,
       [](const Ends& ends, std::chrono::seconds time) { return TcpThroughput(ends, 1, time); }},
      {"tcp-8", "Gb/s", 1e-9,
       [](const Ends& ends, std::chrono::seconds time) { return TcpThroughput(ends, 8, time); }},
      {"udp-64", "k/s", 1e-3, SmallDatagrams},
      {"crr", "k/s", 1e-3, Connections},
  };
}

// The chosen ones of `all`.
template <typename Named>
std::vector<Named> Chosen(std::vector<Named> all, const std::set<std::string>& always) {
  std::set<std::string> names;
  for (const Named& one : all) names.insert(one.name);
  all.erase(std::remove_if(all.begin(), all.end(),
                           [&](const Named& one) {
                             return always.count(one.name) == 0 && !IsChosen(one.name, names);
                           }),
            all.end());
  return all;
}

const std::vector<Load>& Loads() {
  static const std::vector<Load> loads = Chosen(AllLoads(), {});
  return loads;
}

// All ratios are to the first two.
const std::vector<Variant>& ChosenVariants() {
  static const std::vector<Variant> variants = Chosen(Variants(), {"nothing", "empty"});
  return variants;
}

// Values of several rounds.
class Series {
 public:
  void Add(double value) { values_.push_back(value); }
  size_t size() const { return values_.size(); }
  double operator[](size_t round) const { return values_[round]; }
  // `median [least..most]`
  std::string Text(const char* format) const {
    std::vector<double> sorted = values_;
    std::sort(sorted.begin(), sorted.end());
    std::string text;
    const double shown[] = {sorted[sorted.size() / 2], sorted.front(), sorted.back()};
    const char* const around[] = {"", " [", ".."};
    for (int i = 0; i < 3; ++i) {
      char number[32];
      std::snprintf(number, sizeof(number), format, shown[i]);
      text += std::string(around[i]) + number;
    }
    return text + "]";
  }

 private:
  std::vector<double> values_;
};

Series Ratio(const Series& of, const Series& to) {
  Series ratio;
  for (size_t i = 0; i < of.size(); ++i) ratio.Add(of[i] / to[i]);
  return ratio;
}

struct Result {
  Series rate;
  Series cpu_ns;   // of all CPUs, for each packet at the interface
  Series emitted;  // share of the packets that were reported, of an agent
  uint64_t lost = 0;
  std::map<std::string, Series> run_ns;  // by program
};

using Results = std::map<std::string, std::map<std::string, Result>>;  // by load and variant

// What the agent's programs have written and lost so far; zero without an agent.
LedgerStatus LedgerOf(const InPlace& place) {
  return place.agent() == nullptr ? LedgerStatus() : place.agent()->Status().ledger();
}

void Measure(const Ends& ends, const Variant& variant, std::chrono::seconds time,
             Results* results) {
  const InPlace place(variant, ends.server, kDevice);
  for (const Load& load : Loads()) {
    Result& result = (*results)[load.name][variant.name];
    const uint64_t packets = PacketsOf(ends.server, kDevice);
    const LedgerStatus before = LedgerOf(place);
    const uint64_t lost_before = place.lost();
    const uint64_t busy = BusyNanoseconds();
    result.rate.Add(load.run(ends, time) * load.scale);
    const auto spent = static_cast<double>(BusyNanoseconds() - busy);
    const auto crossed = static_cast<double>(PacketsOf(ends.server, kDevice) - packets);
    result.cpu_ns.Add(spent / crossed);
    result.lost += place.lost() - lost_before;
    if (place.agent() == nullptr) continue;
    const LedgerStatus after = LedgerOf(place);
    result.emitted.Add(static_cast<double>(after.emitted() - before.emitted()) / crossed);
    result.lost += after.kernel_ring_lost() - before.kernel_ring_lost();
  }
  if (place.programs().empty()) return;
  // The statistics have a price of their own, so they have runs of their own.
  const RunTimeStatistics statistics;
  for (const Load& load : Loads()) {
    const std::map<std::string, RunTime> before = RunTimesOf(place.programs());
    load.run(ends, std::chrono::seconds(1));
    for (const auto& [name, time_now] : RunTimesOf(place.programs())) {
      const RunTime then = before.count(name) != 0 ? before.at(name) : RunTime{};
      if (time_now.runs - then.runs < 100) continue;
      (*results)[load.name][variant.name].run_ns[name].Add(
          static_cast<double>(time_now.ns - then.ns) /
          static_cast<double>(time_now.runs - then.runs));
    }
  }
}

void Print(const Results& results) {
  for (const Load& load : Loads()) {
    const std::map<std::string, Result>& of_load = results.at(load.name);
    const Result& nothing = of_load.at("nothing");
    const Result& empty = of_load.at("empty");
    std::printf("\n%s: median [least..most], n=%zu\n%-13s %-26s %-18s %-18s %-24s %-18s %s\n",
                load.name, nothing.rate.size(), "on interface", load.unit, "rate/nothing",
                "rate/empty", "CPU ns/packet", "CPU/empty", "reported, lost");
    for (const Variant& variant : ChosenVariants()) {
      const Result& result = of_load.at(variant.name);
      std::printf(
          "%-13s %-26s %-18s %-18s %-24s %-18s", variant.name.c_str(),
          result.rate.Text("%.4g").c_str(), Ratio(result.rate, nothing.rate).Text("%.2f").c_str(),
          Ratio(result.rate, empty.rate).Text("%.2f").c_str(), result.cpu_ns.Text("%.0f").c_str(),
          Ratio(result.cpu_ns, empty.cpu_ns).Text("%.2f").c_str());
      if (result.emitted.size() > 0) std::printf(" %s,", result.emitted.Text("%.3f").c_str());
      if (result.emitted.size() > 0 || result.lost > 0) {
        std::printf(" %llu", static_cast<unsigned long long>(result.lost));
      }
      std::printf("\n");
    }
    std::printf("ns per run (the kernel's own statistics, about 50 of each are its clock)\n");
    for (const Variant& variant : ChosenVariants()) {
      for (const auto& [program, series] : of_load.at(variant.name).run_ns) {
        std::printf("%-13s %-18s %s\n", variant.name.c_str(), program.c_str(),
                    series.Text("%.0f").c_str());
      }
    }
  }
  std::fflush(stdout);
}

}  // namespace

TEST_CASE("what being watched costs traffic") {
  const NetworkNamespace server("server"), client("client");
  Connect(server, kDevice, client, "eth0");
  const Ends ends{server, client};
  const int rounds = Setting("ALIDADE_BENCH_ROUNDS", 5);
  const std::chrono::seconds time(Setting("ALIDADE_BENCH_SECONDS", 2));
  std::optional<AwakeCpus> awake;
  if (Setting("ALIDADE_BENCH_AWAKE", 0) != 0) awake.emplace();
  Results results;
  for (int round = 0; round < rounds; ++round) {
    std::vector<Variant> variants = ChosenVariants();
    if (round % 2 == 1) std::reverse(variants.begin(), variants.end());
    for (const Variant& variant : variants) Measure(ends, variant, time, &results);
  }
  Print(results);
}

}  // namespace alidade::testing
