// SPDX-License-Identifier: Apache-2.0
#include "agent/recording/recorded_event.h"

#include <charconv>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "parser/rfc3339.h"

namespace alidade {
namespace {

constexpr int kMaxDepth = 64;

constexpr char kCilium[] = "cilium";
constexpr char kEbpf[] = "ebpf";

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

absl::StatusOr<RecordedEvent> ReadPerfSample(const Json& object) {
  PerfSample sample;
  std::optional<std::string> bytes = ReadHex(Text(object, "data_hex"));
  if (!bytes) return absl::InvalidArgumentError("data_hex: not hex digits in pairs");
  sample.bytes = *std::move(bytes);
  sample.cpu = Integer<uint32_t>(object, "cpu");
  if (const std::string time = Text(object, "time"); !time.empty()) {
    const std::optional<UnixTime> parsed = ParseRfc3339(time);
    if (!parsed) return absl::InvalidArgumentError(absl::StrCat("time: not RFC 3339: ", time));
    sample.time_ns = UnixNanos(*parsed).value_or(0);
  }
  const std::string origin = Text(object, "origin");
  if (origin == kCilium) sample.origin = Origin::kCilium;
  if (origin == kEbpf) sample.origin = Origin::kEbpf;
  if (!origin.empty() && !sample.origin) {
    return absl::InvalidArgumentError(absl::StrCat("origin: ", origin, " is not cilium or ebpf"));
  }
  return sample;
}

std::string TimeText(int64_t time_ns) {
  return absl::FormatTime(absl::RFC3339_full, absl::FromUnixNanos(time_ns), absl::UTCTimeZone());
}

LostRecord ReadLost(const Json& object) {
  LostRecord lost;
  lost.source = Integer<int64_t>(object, "source");
  lost.count = Integer<uint64_t>(object, "num_lost");
  lost.cpu = Integer<int32_t>(object, "cpu");
  lost.first = ParseRfc3339(Text(object, "first"));
  lost.last = ParseRfc3339(Text(object, "last"));
  return lost;
}

}  // namespace

absl::StatusOr<RecordedEvent> ReadRecordedEvent(const Json& object) {
  const std::string input = Text(object, "input");
  if (input == "perf") return ReadPerfSample(object);
  if (input == "lost") return ReadLost(object.at("lost"));
  if (input == "agent") return ReadAgentMessage(object.at("agent"));
  if (input == "accesslog") return ReadAccessLog(object.at("accesslog"));
  if (input == "nil") return NoPayload{};
  if (input == "unknown_payload") return UnknownPayload{};
  return absl::InvalidArgumentError(absl::StrCat("input: ", input, " is not known"));
}

absl::StatusOr<Json> ParseJson(const std::string& text) {
  bool is_too_deep = false;
  const auto keep = [&is_too_deep](int depth, Json::parse_event_t, Json&) {
    is_too_deep = is_too_deep || depth > kMaxDepth;
    return !is_too_deep;
  };
  Json json = Json::parse(text, keep, /*allow_exceptions=*/false);
  if (is_too_deep) return absl::InvalidArgumentError("nested too deep");
  if (json.is_discarded()) return absl::InvalidArgumentError("not JSON");
  return json;
}

std::string WriteRecordedEvent(const LostRecord& lost, int64_t time_ns) {
  const nlohmann::ordered_json line = {
      {"input", "lost"},
      {"time", TimeText(time_ns)},
      {"lost", {{"source", lost.source}, {"num_lost", lost.count}, {"cpu", lost.cpu}}}};
  return line.dump();
}

std::string WriteRecordedEvent(const PerfSample& sample) {
  nlohmann::ordered_json line = {{"input", "perf"}, {"cpu", sample.cpu}};
  if (sample.time_ns != 0) line["time"] = TimeText(sample.time_ns);
  if (sample.origin) line["origin"] = *sample.origin == Origin::kCilium ? kCilium : kEbpf;
  line["data_hex"] = absl::BytesToHexString(sample.bytes);
  return line.dump();
}

}  // namespace alidade
