// SPDX-License-Identifier: Apache-2.0
//
// Ends gRPC on the main thread, before the program's exit. Where the last reference to the library
// falls on one of its own threads, a detached thread cleans up, and gRPC's threads may outlive
// main: OpenSSL's exit handler then forgets their error queues (ERR_STATE), which LeakSanitizer
// reports.
#include <grpc/grpc.h>

#include <catch2/interfaces/catch_interfaces_reporter.hpp>
#include <catch2/reporters/catch_reporter_event_listener.hpp>
#include <catch2/reporters/catch_reporter_registrars.hpp>

namespace {

class GrpcLifetime : public Catch::EventListenerBase {
 public:
  using EventListenerBase::EventListenerBase;

  void testRunStarting(const Catch::TestRunInfo& /*info*/) override { grpc_init(); }
  void testRunEnded(const Catch::TestRunStats& /*stats*/) override { grpc_shutdown_blocking(); }
};

CATCH_REGISTER_LISTENER(GrpcLifetime)

}  // namespace
