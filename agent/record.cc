// SPDX-License-Identifier: Apache-2.0
#include "agent/record.h"

#include <signal.h>

#include <cstdlib>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/capture/opened_source.h"
#include "agent/log.h"
#include "agent/option_values.h"
#include "agent/options.h"
#include "agent/recording/recording.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

constexpr absl::Duration kTick = absl::Milliseconds(10);

struct RecordOptions {
  std::string output;
  absl::Duration duration = absl::InfiniteDuration();
  uint64_t most_events = std::numeric_limits<uint64_t>::max();
  AgentOptions agent;
};

absl::StatusOr<RecordOptions> ParseRecordOptions(const Arguments& arguments) {
  RecordOptions options;
  std::string duration;
  CLI::App app("Writes the events of this node to a file, one JSON object a line.",
               "alidade record");
  app.add_option("--output", options.output, "file to write; gzip when it ends in .gz; - is stdout")
      ->type_name("FILE")
      ->required();
  app.add_option("--duration", duration, "how long, e.g. 30s; otherwise until Ctrl-C")
      ->type_name("DURATION");
  app.add_option("--events", options.most_events, "how many events at most")->type_name("N");
  app.footer("The flags of `alidade agent` about the source are taken too.");
  app.allow_extras();
  RETURN_IF_ERROR(ParseArguments(arguments, &app));
  if (!duration.empty()) {
    absl::StatusOr<absl::Duration> parsed = ParseNonNegativeDuration(duration);
    if (!parsed.ok()) return WithValue("--duration", duration, parsed.status());
    options.duration = *parsed;
  }
  ASSIGN_OR_RETURN(options.agent, ParseAgentOptions(app.remaining(), ::getenv));
  return options;
}

// Writes until something cannot be written.
class RecordingSink : public EventSink {
 public:
  explicit RecordingSink(RecordingWriter* writer) : writer_(*writer) {}

  void OnEvent(const RawEvent& event) override {
    PerfSample sample;
    sample.bytes.assign(reinterpret_cast<const char*>(event.bytes.data()), event.bytes.size());
    sample.cpu = event.cpu;
    sample.time_ns = event.time_ns;
    sample.origin = event.origin;
    Keep(writer_.Write(sample));
    ++events_;
  }
  void OnLost(uint32_t cpu, uint64_t count, int64_t time_ns) override {
    LostRecord lost;
    lost.source = flow::PERF_EVENT_RING_BUFFER;
    lost.count = count;
    lost.cpu = static_cast<int32_t>(cpu);
    Keep(writer_.Write(lost, time_ns));
    lost_ += count;
  }
  // What was decoded before is in a file already.
  void OnDecoded(const observer::ExportEvent&, int64_t) override {}
  void OnBadLine() override {}

  const absl::Status& status() const { return status_; }
  uint64_t events() const { return events_; }
  uint64_t lost() const { return lost_; }

 private:
  void Keep(const absl::Status& status) {
    if (status_.ok()) status_ = status;
  }

  RecordingWriter& writer_;
  absl::Status status_;
  uint64_t events_ = 0;
  uint64_t lost_ = 0;
};

// Blocks the signals that end a recording before any thread starts.
class StopRequest {
 public:
  StopRequest() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }
  bool came() const {
    const timespec none{};
    return sigtimedwait(&signals_, nullptr, &none) > 0;
  }

 private:
  sigset_t signals_;
};

CaptureEvents Quiet() {
  CaptureEvents events;
  events.on_network = [](const HostNetwork&) {};
  events.on_warning = [](const std::string& line) { LogWarn(line); };
  events.on_attach = [](const AttachState&) {};
  return events;
}

absl::Status Record(const RecordOptions& options) {
  const StopRequest stop;
  absl::StatusOr<RecordingWriter> writer = RecordingWriter::Create(options.output);
  if (!writer.ok()) return writer.status();
  ASSIGN_OR_RETURN(const std::unique_ptr<OpenedSource> source,
                   OpenedSource::Open(options.agent.capture, Quiet()));
  RecordingSink sink(&*writer);
  const absl::Time end = absl::Now() + options.duration;
  while (!stop.came() && absl::Now() < end && sink.events() < options.most_events) {
    source->events().Wait(kTick);
    source->events().Read(sink);
    RETURN_IF_ERROR(sink.status());
  }
  RETURN_IF_ERROR(writer->Close());
  LogInfo(absl::StrCat("recorded events=", sink.events(), " lost=", sink.lost(),
                       " file=", options.output));
  return absl::OkStatus();
}

}  // namespace

int RunRecord(const Arguments& arguments) {
  absl::StatusOr<RecordOptions> options = ParseRecordOptions(arguments);
  if (!options.ok()) return ReportNotRun(options.status());
  InitLog(options->agent.log_level);
  const absl::Status status = Record(*options);
  if (status.ok()) return 0;
  LogError(absl::StrCat("cannot record: ", std::string(status.message())));
  return 1;
}

}  // namespace alidade
