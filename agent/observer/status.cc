// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/status.h"

#include <optional>
#include <span>
#include <string>
#include <variant>

#include "absl/time/clock.h"
#include "agent/filter/concat.h"
#include "agent/observer/single_response.h"

namespace alidade {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kRateWindowNs = 60 * kSecondNs;

// Nothing when the event is not there any more, or not yet.
std::optional<FlowHeader> HeaderOf(const EventRing& ring, uint64_t sequence) {
  FlowHeader header;
  const EventRing::ReadOutcome outcome =
      ring.ReadHeader(sequence, std::as_writable_bytes(std::span<FlowHeader, 1>(&header, 1)));
  if (!std::holds_alternative<EventRing::Value>(outcome)) return std::nullopt;
  return header;
}

std::string ProgramVersion(const std::string& version) {
  return version.empty() ? "alidade" : Concat("alidade v", version);
}

// What the kernel programs count comes with the hooks, which are filled in already.
void FillLedger(const Ledger& ledger, GetStatusResponse* status) {
  LedgerStatus* sums = status->mutable_ledger();
  for (const HookStatus& hook : status->hooks()) {
    sums->set_emitted(sums->emitted() + hook.emitted());
    sums->set_kernel_ring_lost(sums->kernel_ring_lost() + hook.lost());
    sums->set_limited(sums->limited() + hook.limited());
    sums->set_failed(sums->failed() + hook.failed());
    sums->set_missed(sums->missed() + hook.missed());
  }
  sums->set_received(ledger.received.value());
  sums->set_stored(ledger.stored.value());
  sums->set_oversize(ledger.oversize.value());
  sums->set_reordered(ledger.reordered.value());
  sums->set_agent_events_lost(ledger.agent_events_lost.value());
  for (size_t i = 0; i < ledger.decode_errors.size(); ++i) {
    const uint64_t count = ledger.decode_errors[i].value();
    if (count == 0) continue;
    Count* row = sums->add_decode_errors();
    row->set_name(std::string(DecodeErrorName(static_cast<DecodeError>(i))));
    row->set_value(count);
  }
}

}  // namespace

double FlowRate(const EventRing& ring, int64_t now_ns) {
  const int64_t from_ns = now_ns - kRateWindowNs;
  uint64_t count = 0;
  std::optional<int64_t> oldest_ns;  // of the flows that are looked at
  for (uint64_t next = ring.written(); next > ring.oldest();) {
    const std::optional<FlowHeader> header = HeaderOf(ring, --next);
    if (!header) break;
    if (header->kind != EventKind::kFlow) continue;
    if (header->time_ns < from_ns) {
      // Flows that go further back than the window fill it.
      oldest_ns = from_ns;
      break;
    }
    ++count;
    oldest_ns = header->time_ns;
  }
  if (count == 0) return 0;
  const int64_t span_ns = now_ns - *oldest_ns;
  const auto flows = static_cast<double>(count);
  return span_ns <= 0 ? flows
                      : flows * static_cast<double>(kSecondNs) / static_cast<double>(span_ns);
}

ResponderOr StartServerStatus(const CallStart& call) {
  const ServerState& state = call.state;
  const int64_t now_ns = absl::GetCurrentTimeNanos();
  observer::ServerStatusResponse response;
  response.set_num_flows(state.ring.size());
  response.set_max_flows(state.ring.capacity());
  response.set_seen_flows(state.ledger.flows.value());
  response.set_uptime_ns(static_cast<uint64_t>(now_ns - state.start_ns));
  response.set_version(ProgramVersion(state.version));
  response.set_flows_rate(FlowRate(state.ring, now_ns));
  return RespondOnce(response);
}

ResponderOr StartGetStatus(const CallStart& call) {
  const ServerState& state = call.state;
  GetStatusResponse response;
  response.set_version(state.version);
  response.set_node_name(state.node.FullName());
  response.set_uptime_ns(static_cast<uint64_t>(absl::GetCurrentTimeNanos() - state.start_ns));
  if (state.fill_status) state.fill_status(&response);
  FillLedger(state.ledger, &response);
  state.streams.Describe(&response);
  return RespondOnce(response);
}

}  // namespace alidade
