// SPDX-License-Identifier: Apache-2.0
//
// A recording of flows that ours and Cilium's own server serve alike.
#ifndef ALIDADE_TESTS_CLIENTS_FLOW_RECORDING_H_
#define ALIDADE_TESTS_CLIENTS_FLOW_RECORDING_H_

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace alidade::testing {

// A flow of each shape, as Hubble's client writes them.
inline constexpr char kFlowsOfEachShape[] = ALIDADE_TEST_DATA "/../agent/cli/data/flows.jsonl";

// Writes them to `path`, `step` seconds after another from `first` on (on 2024-03-10), each with
// all that a server would add: time, uuid, emitter, and node `node`.
inline void WriteFlowRecording(const std::string& path, const std::string& node, int first,
                               int step) {
  std::ifstream given(kFlowsOfEachShape);
  std::ofstream written(path);
  int second = first;
  for (std::string line; std::getline(given, line);) {
    nlohmann::ordered_json response = nlohmann::ordered_json::parse(line);
    if (!response.contains("flow")) continue;
    char time[32];
    std::snprintf(time, sizeof(time), "2024-03-10T00:%02d:%02dZ", second / 60 % 60, second % 60);
    // A copy: what is added to an ordered object moves what is in it.
    nlohmann::ordered_json flow = response["flow"];
    flow["time"] = time;
    flow["node_name"] = node;
    flow["uuid"] = node + "-" + std::to_string(second);
    flow["emitter"] = {{"name", "Hubble"}, {"version", "1.19.1"}};
    flow["node_labels"] = {"a=b"};
    response = {{"flow", std::move(flow)}, {"node_name", node}, {"time", time}};
    written << response.dump() << "\n";
    second += step;
  }
}

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_CLIENTS_FLOW_RECORDING_H_
