// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a line of `alidade decode`: the answer is always a JSON object that says either what
// the event is or why it is none.
#include <cstdlib>
#include <string>

#include "agent/cli/decode_line.h"
#include "agent/resolve/world_file.h"
#include "nlohmann/json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace alidade;  // NOLINT(google-build-using-namespace)
  static const World* const kWorld = new World(
      *ParseWorld(R"({"endpoints":[{"id":7,"ips":["10.0.1.10"],"labels":["k8s:a=b"]}]})"));
  const std::string line(reinterpret_cast<const char*>(data), size);
  const std::string answer = DecodeLine(line, Origin::kCilium, *kWorld);
  const auto json = nlohmann::json::parse(answer, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || json.contains("error") == json.contains("expect")) std::abort();
  return 0;
}
