// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/observe_stream.h"

#include <signal.h>

#include <cstdio>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "agent/filter/go_text.h"
#include "agent/recording/proto_json.h"

namespace alidade {
namespace {

// Ends the waiter when nobody interrupts.
constexpr int kNoMore = SIGUSR1;

sigset_t Watched() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, kNoMore);
  return signals;
}

}  // namespace

EndedByInterrupt::EndedByInterrupt(grpc::ClientContext* context) {
  const sigset_t signals = Watched();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  waiter_ = std::thread([context, signals] {
    int number = 0;
    sigwait(&signals, &number);
    if (number == SIGINT) context->TryCancel();
  });
}

EndedByInterrupt::~EndedByInterrupt() {
  pthread_kill(waiter_.native_handle(), kNoMore);
  waiter_.join();
}

void SayRequest(const ServerFlags& server, const google::protobuf::Message& request) {
  const std::string time =
      absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(), absl::UTCTimeZone());
  std::fprintf(stderr, "time=%s level=DEBUG msg=\"Sending %s request\" server=%s req=%s\n",
               time.c_str(), request.GetTypeName().c_str(), server.target.c_str(),
               GoQuote(ToJson(request)).c_str());
}

int ReportObserved(const absl::Status& status) {
  const std::string text(status.message());
  if (status.ok()) return 0;
  if (absl::IsCancelled(status)) {  // help
    std::fputs(text.c_str(), stdout);
    return 0;
  }
  std::fprintf(stderr, "%s\n", text.c_str());
  return 1;
}

}  // namespace alidade
