// SPDX-License-Identifier: Apache-2.0
//
// The gRPC server of the node: Observer, Peer, the agent's own status, health and reflection, on a
// unix socket and on TCP. Serves from completion queues with raw bytes (design.md, decision 5).
#ifndef ALIDADE_AGENT_OBSERVER_SERVER_H_
#define ALIDADE_AGENT_OBSERVER_SERVER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/metrics/ledger.h"
#include "agent/observer/listen.h"
#include "agent/observer/tls.h"
#include "alidade/agent.pb.h"
#include "ringbuffer/event_ring.h"

namespace alidade {

struct ServerOptions {
  // `host:port`; an empty host is every address. Without TLS anything but loopback is refused
  // unless allow_insecure is set (flag --insecure-listen).
  std::vector<std::string> listen_addresses;
  bool allow_insecure = false;
  TlsFiles tls;             // of all listen_addresses; the unix socket is never encrypted
  std::string socket_path;  // unix socket; empty: none
  SocketAccess socket_access;
  // Calls that one connection may have open; more wait until one ends.
  int max_streams_per_client = 1024;
  // From accepting a connection to the client's HTTP/2 settings, TLS included.
  absl::Duration handshake_timeout = absl::Seconds(20);
  // After so long without a byte from a client it is asked by a ping of HTTP/2 whether it is there,
  // also between calls; after so long without an answer its connection is closed.
  absl::Duration keepalive_time = absl::Seconds(45);
  absl::Duration keepalive_timeout = absl::Seconds(20);
  // The other nodes of the cluster (peer_list.h), watched for changes; empty: none.
  std::string peers_file;
  std::string node_name;
  std::string cluster_name;              // empty or `default`: not part of the node's full name
  std::vector<std::string> node_labels;  // `key=value`, sorted
  std::string version;                   // of the program, without leading `v`
  // A client's losses are told together this long after the first of them.
  absl::Duration lost_event_send_interval = absl::Seconds(1);
  // What goes wrong without being an error, one line each. Thread: any. May be empty.
  std::function<void(const std::string& line)> on_warning;
};

class ObserverServer {
 public:
  using FillStatus = std::function<void(GetStatusResponse*)>;

  // Binds every listener and serves. `ring` (which holds FlowHeaders) and `ledger` must outlive the
  // server. `fill_status` adds what others know (source, hooks, interfaces, memory) to a status
  // that is asked for; it is called on serving threads and may be empty.
  // Errors: one line that names the address or path and the reason; nothing is left bound.
  static absl::StatusOr<std::unique_ptr<ObserverServer>> Start(const ServerOptions& options,
                                                               const EventRing& ring,
                                                               const Ledger& ledger,
                                                               FillStatus fill_status);
  // Shuts down without grace if Shutdown was not called.
  ~ObserverServer();
  ObserverServer(const ObserverServer&) = delete;
  ObserverServer& operator=(const ObserverServer&) = delete;

  // From now on health is SERVING; until then it is NOT_SERVING, while calls are answered all the
  // same: a server is up before what fills its store. Thread: that of NotifyAppended.
  void SetServing();

  // Tells followers that the store has grown. Cheap when none waits. Thread: one, any; also while
  // and after the server is shut down.
  void NotifyAppended();

  // Ends every call, streams with UNAVAILABLE, and stops listening. Calls that cannot be ended in
  // `grace`, since their client does not read, are cut. Returns when all is over; may be repeated.
  void Shutdown(absl::Duration grace);

 private:
  class Impl;
  explicit ObserverServer(std::unique_ptr<Impl> impl);

  const std::unique_ptr<Impl> impl_;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_SERVER_H_
