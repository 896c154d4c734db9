// SPDX-License-Identifier: Apache-2.0
//
// Makes of a flow.Flow what the store would hold of it: a header and the serialized bytes. A header
// field stays zero when the flow says something that the header cannot hold, such as a uuid that is
// no UUID (agent/filter/stored_event.h).
#ifndef ALIDADE_TESTS_AGENT_FILTER_STORED_FLOW_H_
#define ALIDADE_TESTS_AGENT_FILTER_STORED_FLOW_H_

#include <optional>
#include <span>
#include <string>
#include <utility>

#include "agent/filter/filter.h"
#include "agent/filter/flow_header_of.h"
#include "flow/flow.pb.h"
#include "parser/flow_header.h"
#include "parser/ip_address.h"
#include "ringbuffer/event_ring.h"

namespace alidade {

struct StoredFlow {
  FlowHeader header;
  std::string body;
};

inline std::array<uint8_t, 16> UuidBytes(const std::string& text) {
  std::array<uint8_t, 16> bytes{};
  std::string digits;
  for (const char c : text) {
    if (c != '-') digits.push_back(c);
  }
  const bool canonical = text.size() == 36 && digits.size() == 32 &&
                         digits.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!canonical) return bytes;
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<uint8_t>(std::stoul(digits.substr(i * 2, 2), nullptr, 16));
  }
  return bytes;
}

inline std::array<uint8_t, 16> AddressBytes(const std::string& text, flow::IPVersion version) {
  const std::optional<IpAddress> address = IpAddress::Parse(text);
  const bool canonical = address && address->ToString() == text &&
                         static_cast<int>(address->version) == static_cast<int>(version);
  return canonical ? address->bytes : std::array<uint8_t, 16>{};
}

inline FlowHeader HeaderOf(const flow::Flow& flow) {
  FlowHeader header = FlowHeaderOf(flow);
  header.time_ns = flow.time().seconds() * 1'000'000'000 + flow.time().nanos();
  header.uuid = UuidBytes(flow.uuid());
  header.source_ip = AddressBytes(flow.ip().source(), flow.ip().ipversion());
  header.destination_ip = AddressBytes(flow.ip().destination(), flow.ip().ipversion());
  return header;
}

inline StoredFlow Store(const flow::Flow& flow) {
  return {HeaderOf(flow), flow.SerializeAsString()};
}

inline StoredFlow StoreOther(EventKind kind, int64_t time_ns, std::string body) {
  FlowHeader header;
  header.kind = kind;
  header.time_ns = time_ns;
  return {header, std::move(body)};
}

inline void Append(const StoredFlow& event, EventRing* ring) {
  ring->Append(std::as_bytes(std::span<const FlowHeader, 1>(&event.header, 1)),
               std::as_bytes(std::span<const char>(event.body)));
}

// The bytes of one event, which can be made to be gone; counts how often it was asked.
class TestBody final : public BodySource {
 public:
  explicit TestBody(std::optional<std::string> body) : body_(std::move(body)) {}
  std::optional<std::string_view> FetchBody() override {
    ++fetches_;
    return body_;
  }
  int fetches() const { return fetches_; }

 private:
  const std::optional<std::string> body_;
  int fetches_ = 0;
};

}  // namespace alidade

#endif  // ALIDADE_TESTS_AGENT_FILTER_STORED_FLOW_H_
