// SPDX-License-Identifier: Apache-2.0
//
// What is seen, and how it reaches user space.
#ifndef ALIDADE_AGENT_CAPTURE_CAPTURE_OPTIONS_H_
#define ALIDADE_AGENT_CAPTURE_CAPTURE_OPTIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "bpf/config.h"

namespace alidade {

// kEbpf: programs of our own. kCilium: the pinned perf ring of a Cilium node. kReplay: a recording.
enum class SourceKind : uint8_t { kEbpf, kCilium, kReplay };

struct Source {
  SourceKind kind = SourceKind::kEbpf;
  std::string file;  // kReplay: the recording
};

enum class ReplayPace : uint8_t { kRecorded, kFastest };

// How programs get onto interfaces. kAuto: tcx where the kernel has it (6.6), else clsact.
enum class TcAttach : uint8_t { kAuto, kTcx, kClsact };

// When programs stand on recvmsg. kAuto: while others' do, which may translate what it tells.
enum class RecvmsgAttach : uint8_t { kAuto, kAlways };

struct CaptureOptions {
  Source source;
  aggregation_level aggregation = AGGREGATION_MEDIUM;
  absl::Duration report_interval = absl::Seconds(5);  // between reports of a living connection
  uint8_t report_flags = 0x07;  // bits of TCP's byte 13 whose first sight is reported
  uint32_t connections_max = CONNECTION_SETS * CONNECTIONS_OF_SET;  // the kernel remembers
  uint32_t sampling = 1;                       // one connection of so many is reported
  uint32_t events_rate_limit = 200'000;        // a second from each CPU; 0: none
  uint32_t events_source_rate_limit = 50'000;  // likewise of one source
  uint32_t capture_length = 128;               // bytes of each packet, 0 to MAX_CAPTURE_LENGTH
  uint32_t kernel_ring_pages = 128;            // of each CPU; a power of two
  bool debug_events = false;  // our programs also tell what they think of each packet
  TcAttach tc_attach = TcAttach::kAuto;
  bool attach_loopback = false;
  RecvmsgAttach recvmsg_attach = RecvmsgAttach::kAuto;
  // Shell patterns of interface names (fnmatch). Nothing included means all; excluded ones go last.
  std::vector<std::string> interface_include;
  std::vector<std::string> interface_exclude;
  std::string cilium_events = "/sys/fs/bpf/tc/globals/cilium_events";  // a perf event array
  ReplayPace replay_pace = ReplayPace::kRecorded;
  bool replay_loop = false;  // begin again at the end
  std::string cgroup_root;   // a cgroup v2 mount; empty: found in the mount table
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_CAPTURE_OPTIONS_H_
