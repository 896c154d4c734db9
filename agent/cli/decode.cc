// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/decode.h"

#include <charconv>
#include <cstdio>
#include <iostream>
#include <optional>
#include <vector>

#include "agent/cli/proto_json.h"
#include "agent/option_values.h"
#include "agent/status_macros.h"
#include "flow/flow.pb.h"
#include "nlohmann/json.hpp"
#include "parser/parser.h"

namespace alidade {
namespace {

using Json = nlohmann::ordered_json;

// Why a line yields no flow, beyond what the parser says.
constexpr char kBadLine[] = "bad_line";                    // no JSON object of the form above
constexpr char kUnsupportedInput[] = "unsupported_input";  // an input other than perf
constexpr char kEventSkipped[] = "event_skipped";          // a socket that belongs to no known pod

struct DecodeOptions {
  Origin origin = Origin::kCilium;
  std::string world_file;
};

absl::StatusOr<DecodeOptions> ParseDecodeOptions(const Arguments& arguments) {
  DecodeOptions options;
  std::string origin = "cilium";
  std::string output = "json";
  CLI::App app("Turns recorded events on stdin into flows on stdout, one JSON object a line.",
               "alidade decode");
  app.add_option("--world", options.world_file, "JSON file that says who owns which address")
      ->type_name("FILE");
  app.add_option("--origin", origin, "whose programs wrote the events: cilium or ebpf")
      ->capture_default_str();
  app.add_option("-o,--output", output, "json")->capture_default_str();
  RETURN_IF_ERROR(ParseArguments(arguments, &app));
  if (origin != "cilium" && origin != "ebpf") {
    return WithValue("--origin", origin, absl::InvalidArgumentError("must be one of cilium, ebpf"));
  }
  if (output != "json") {
    return WithValue("--output", output, absl::InvalidArgumentError("must be json"));
  }
  options.origin = origin == "cilium" ? Origin::kCilium : Origin::kEbpf;
  return options;
}

// absl's HexStringToBytes has another signature in each of the versions that we build with.
std::optional<std::string> ReadHex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string bytes(hex.size() / 2, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) {
    const char* digits = hex.data() + 2 * i;
    auto [end, error] =
        std::from_chars(digits, digits + 2, reinterpret_cast<uint8_t&>(bytes[i]), 16);
    if (error != std::errc() || end != digits + 2) return std::nullopt;
  }
  return bytes;
}

// A socket event whose own address nobody knows.
bool IsOfUnknownPod(const FlowRecord& record) {
  if (record.type != flow::SOCK) return false;
  const IpLayer& ip = record.packet.ip;
  return !(record.swap_endpoints ? ip.destination : ip.source).valid();
}

flow::Flow ToFlow(const FlowRecord& record, const World& world) {
  std::string wire(MaxEncodedFlowBytes(record), '\0');
  wire.resize(EncodeFlow(record, wire.data()));
  flow::Flow flow;
  flow.ParseFromString(wire);
  flow.set_node_name(world.node_name());
  flow.clear_time();
  flow.clear_uuid();
  flow.clear_emitter();
  return flow;
}

Json Failure(const char* error) { return {{"error", error}}; }

Json DecodePerf(const Json& line, Origin origin, const World& world) {
  std::optional<std::string> bytes = ReadHex(line.value("data_hex", ""));
  if (!bytes) return Failure(kBadLine);
  RawEvent event;
  event.bytes = std::as_bytes(std::span(*bytes));
  event.cpu = line.value("cpu", 0u);
  event.origin = origin;

  FlowRecord record;
  DecodeError error = Decode(event, &record);
  if (error != DecodeError::kNone) return Failure(std::string(DecodeErrorName(error)).c_str());
  Enrich(world, &record);
  bool skip_unknown = line.value("options", Json::object()).value("skip_unknown_cgroup_ids", true);
  if (skip_unknown && IsOfUnknownPod(record)) return Failure(kEventSkipped);
  return {{"expect_kind", "flow"}, {"expect", Json::parse(ToJson(ToFlow(record, world)))}};
}

Json DecodeObject(const Json& line, Origin origin, const World& world) {
  if (line.value("input", "") != "perf") return Failure(kUnsupportedInput);
  return DecodePerf(line, origin, world);
}

}  // namespace

std::string DecodeLine(const std::string& line, Origin origin, const World& world) {
  Json result;
  Json answer = Failure(kBadLine);
  try {
    Json object = Json::parse(line);
    result["name"] = object.value("name", "");
    answer = DecodeObject(object, origin, world);
  } catch (const Json::exception&) {
    // Not JSON, or a member of another type: the answer stays what it is.
  }
  result.update(answer);
  return result.dump();
}

int RunDecode(const Arguments& arguments) {
  absl::StatusOr<DecodeOptions> options = ParseDecodeOptions(arguments);
  if (!options.ok()) return ReportNotRun(options.status());
  WorldTables tables;
  if (!options->world_file.empty()) {
    absl::StatusOr<WorldTables> read = ReadWorldFile(options->world_file);
    if (!read.ok()) return ReportNotRun(read.status());
    tables = *std::move(read);
  }
  World world(std::move(tables));
  std::string line;
  while (std::getline(std::cin, line)) {
    if (line.empty()) continue;
    line = DecodeLine(line, options->origin, world);
    std::puts(line.c_str());
  }
  return 0;
}

}  // namespace alidade
