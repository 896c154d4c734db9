// SPDX-License-Identifier: Apache-2.0
//
// The wire bytes of every recorded event's flow are those of the message that is built of it field
// by field.
#include <google/protobuf/util/message_differencer.h>

#include <cstdio>

#include "agent/recording/recorded_event.h"
#include "agent/resolve/world_file.h"
#include "parser/l7/l7_parser.h"
#include "tests/support/flow_builder.h"
#include "tests/vectors/vector_run.h"
#include "tests/vectors/vector_world.h"

namespace alidade::testing {
namespace {

VectorFailure Compare(const FlowRecord& record) {
  std::string wire(MaxEncodedFlowBytes(record), '\0');
  wire.resize(EncodeFlow(record, wire.data()));
  const flow::Flow built = BuildFlow(record);
  flow::Flow parsed;
  if (!parsed.ParseFromString(wire)) return "the bytes are no flow";
  std::string difference;
  google::protobuf::util::MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&difference);
  if (!differencer.Compare(built, parsed)) return difference;
  if (wire != DeterministicBytes(built)) return "the bytes are not in protobuf's order";
  return std::nullopt;
}

// What yields no flow has nothing to compare.
VectorFailure Check(const World& world, const Json& vector) {
  absl::StatusOr<RecordedEvent> event = ReadRecordedEvent(vector);
  if (!event.ok()) return event.status().ToString();
  FlowRecord record;
  if (const auto* sample = std::get_if<PerfSample>(&*event)) {
    RawEvent raw;
    raw.bytes = std::as_bytes(std::span(sample->bytes));
    raw.origin = Origin::kCilium;
    if (Decode(raw, &record) != DecodeError::kNone) return std::nullopt;
    Enrich(world, &record);
    return Compare(record);
  }
  if (const auto* log = std::get_if<AccessLog>(&*event)) {
    L7Parser parser{Redaction()};
    if (parser.Decode(*log, &record) != DecodeError::kNone) return std::nullopt;
    parser.Enrich(world, &record);
    return Compare(record);
  }
  return std::nullopt;
}

}  // namespace
}  // namespace alidade::testing

int main() {
  using namespace alidade::testing;  // NOLINT(google-build-using-namespace)
  const alidade::World world(ReadVectorWorld());
  return RunVectors("parser",
                    [&world](const alidade::Json& vector) { return Check(world, vector); });
}
