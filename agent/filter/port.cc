// SPDX-License-Identifier: Apache-2.0
//
// source_port, destination_port: decimal text, of protocols that have ports.
#include <optional>
#include <vector>

#include "agent/filter/concat.h"
#include "agent/filter/go_text.h"
#include "agent/filter/number_list.h"
#include "agent/filter/predicate.h"

namespace alidade {
namespace {

constexpr unsigned kMaxPort = 65535;

bool HasPorts(const FlowHeader& header) {
  return header.l4_protocol == L4Protocol::kTcp || header.l4_protocol == L4Protocol::kUdp ||
         header.l4_protocol == L4Protocol::kSctp;
}

// Reads `text` as Go's strconv.ParseUint does for 16 bits; its reason when it cannot.
absl::Status ParsePort(const std::string& text, std::vector<unsigned>* ports) {
  const char* reason = text.empty() ? "invalid syntax" : nullptr;
  unsigned port = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') {
      reason = "invalid syntax";
      break;
    }
    port = port * 10 + static_cast<unsigned>(c - '0');
    if (port > kMaxPort) {
      reason = "value out of range";
      break;
    }
  }
  if (reason != nullptr) {
    const std::string quoted = GoQuote(text);
    return absl::UnknownError(
        Concat("invalid port ", quoted, ": strconv.ParseUint: parsing ", quoted, ": ", reason));
  }
  ports->push_back(port);
  return absl::OkStatus();
}

template <typename GetPort>
absl::Status CompileSide(const google::protobuf::RepeatedPtrField<std::string>& texts,
                         std::string_view side, GetPort get_port, PredicateList* out) {
  if (texts.empty()) return absl::OkStatus();
  std::vector<unsigned> ports;
  for (const std::string& text : texts) {
    const absl::Status status = ParsePort(text, &ports);
    if (!status.ok()) {
      return absl::UnknownError(Concat("invalid ", side, " port filter: ", status.message()));
    }
  }
  out->push_back(OnHeader([wanted = NumberList(ports), get_port](const FlowHeader& header) {
    return HasPorts(header) && wanted.Has(get_port(header));
  }));
  return absl::OkStatus();
}

}  // namespace

absl::Status CompilePort(const flow::FlowFilter& filter, const NodeIdentity& /*node*/,
                         PredicateList* out) {
  absl::Status status = CompileSide(
      filter.source_port(), "source", [](const FlowHeader& header) { return header.source_port; },
      out);
  if (!status.ok()) return status;
  return CompileSide(
      filter.destination_port(), "destination",
      [](const FlowHeader& header) { return header.destination_port; }, out);
}

}  // namespace alidade
