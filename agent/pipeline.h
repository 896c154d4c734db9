// SPDX-License-Identifier: Apache-2.0
//
// The way of one event: source, Decode, Enrich, EncodeFlow, store. The only place that sees all the
// parts; it holds no policy. One thread, no queue, no lock, no allocation per event.
#ifndef ALIDADE_AGENT_PIPELINE_H_
#define ALIDADE_AGENT_PIPELINE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "agent/agent_mailbox.h"
#include "agent/capture/event_source.h"
#include "agent/metrics/ledger.h"
#include "agent/resolve/process_table.h"
#include "agent/resolve/resolver_slot.h"
#include "agent/uuid_generator.h"
#include "parser/debug_record.h"
#include "parser/flow_header.h"
#include "parser/parser.h"
#include "ringbuffer/event_ring.h"

namespace alidade {

class Pipeline : public EventSink {
 public:
  // `resolvers` holds a snapshot already. `on_stored` is called after each batch that stored
  // something. `processes`, which only the pipeline uses from now on, and `mailbox`, with what the
  // agent tells of itself, may be null. All must outlive the pipeline.
  Pipeline(EventSource& source, const ResolverSlot& resolvers, EventRing& ring, Ledger& ledger,
           std::function<void()> on_stored, ProcessTable* processes = nullptr,
           AgentMailbox* mailbox = nullptr);

  // Reads events until Stop. Thread: the caller's.
  void Run();
  // Makes Run return soon. Thread: any, also a signal handler.
  void Stop();

  // Reads what is there now, once. Returns the number of events.
  size_t RunOnce();

  void OnEvent(const RawEvent& event) override;
  void OnLost(uint32_t cpu, uint64_t count, int64_t time_ns) override;
  void OnDecoded(const observer::ExportEvent& event, int64_t time_ns) override;
  void OnBadLine() override;

 private:
  // The store is in time order, and no two flows share a time: UI rows are keyed by it.
  int64_t NextTime(int64_t time_ns);
  // False when the record is too large for the store; that is counted.
  bool Store(const FlowHeader& header, std::string_view body);
  // Makes room for an event of at most `bytes` and returns where to encode it.
  char* RoomFor(size_t bytes);
  void CountError(DecodeError error);
  void OnDebugMessage(const RawEvent& event);
  void StoreAgentEvents();

  EventSource& source_;
  const ResolverSlot& resolvers_;
  EventRing& ring_;
  Ledger& ledger_;
  const std::function<void()> on_stored_;
  ProcessTable* const processes_;
  AgentMailbox* const mailbox_;
  UuidGenerator uuids_;
  std::atomic<bool> stop_{false};
  std::shared_ptr<const EndpointResolver> resolver_;  // of this batch
  FlowRecord record_;
  std::vector<char> encoded_;
  int64_t last_time_ns_ = 0;
  int64_t batch_ns_ = 0;  // when this batch was read, since the Unix epoch
  bool stored_ = false;   // something, in this batch
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_PIPELINE_H_
