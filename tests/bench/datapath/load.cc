// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/datapath/load.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/kernel/traffic.h"

namespace alidade::testing {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char kServerIp[] = "10.99.0.1";
constexpr int kFlows = 64;
constexpr size_t kBatch = 64;
// 64 bytes less Ethernet header and check sequence, IPv4 and UDP headers.
constexpr size_t kSmallPayload = 64 - 14 - 4 - 20 - 8;

void RunOnCpu(unsigned cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu % std::thread::hardware_concurrency(), &set);
  sched_setaffinity(0, sizeof(set), &set);
}

double PerSecond(uint64_t count, Clock::time_point begin) {
  return static_cast<double>(count) / std::chrono::duration<double>(Clock::now() - begin).count();
}

// A batch of messages of one size for sendmmsg and recvmmsg.
class Batch {
 public:
  explicit Batch(size_t size) {
    for (size_t i = 0; i < kBatch; ++i) {
      parts_[i] = {buffers_[i].data(), size};
      messages_[i] = {};
      messages_[i].msg_hdr.msg_iov = &parts_[i];
      messages_[i].msg_hdr.msg_iovlen = 1;
    }
  }
  mmsghdr* messages() { return messages_.data(); }

 private:
  std::array<std::array<char, 64>, kBatch> buffers_{};
  std::array<iovec, kBatch> parts_{};
  std::array<mmsghdr, kBatch> messages_{};
};

// A child process, ended and awaited with the object.
class Child {
 public:
  Child(const NetworkNamespace& space, std::vector<std::string> command) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("cannot make a pipe");
    output_ = ends[0];
    pid_ = fork();
    if (pid_ == 0) {
      dup2(ends[1], STDOUT_FILENO);
      std::vector<char*> argv;
      for (std::string& word : command) argv.push_back(word.data());
      argv.push_back(nullptr);
      if (!space.Enter()) _exit(126);
      execvp(argv[0], argv.data());
      _exit(127);
    }
    close(ends[1]);
  }
  ~Child() {
    if (pid_ > 0) {
      kill(pid_, SIGTERM);
      waitpid(pid_, nullptr, 0);
    }
    close(output_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Reads until `text` has come, or everything if that is empty.
  std::string Read(const std::string& text = {}) {
    std::string all;
    char buffer[4096];
    while (text.empty() || all.find(text) == std::string::npos) {
      const ssize_t bytes = read(output_, buffer, sizeof(buffer));
      if (bytes <= 0) break;
      all.append(buffer, static_cast<size_t>(bytes));
    }
    return all;
  }

 private:
  pid_t pid_ = -1;
  int output_ = -1;
};

}  // namespace

double TcpThroughput(const Ends& ends, int streams, std::chrono::seconds duration) {
  Child server(ends.server, {"iperf3", "--server", "--one-off", "--forceflush", "--affinity", "1"});
  if (server.Read("listening").find("listening") == std::string::npos) {
    throw std::runtime_error("iperf3 does not start; is it installed?");
  }
  Child client(ends.client,
               {"iperf3", "--client", kServerIp, "--json", "--affinity", "0", "--time",
                std::to_string(duration.count()), "--parallel", std::to_string(streams)});
  const auto report = nlohmann::json::parse(client.Read());
  if (report.contains("error")) throw std::runtime_error(report["error"].get<std::string>());
  return report["end"]["sum_received"]["bits_per_second"].get<double>();
}

double SmallDatagrams(const Ends& ends, std::chrono::seconds duration) {
  std::optional<Socket> receiver;
  ends.server.Inside([&] { receiver.emplace(Serve(SOCK_DGRAM, kServerIp)); });
  const Peer to(kServerIp, LocalPort(*receiver));
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> received{0};
  std::thread reader([&] {
    RunOnCpu(1);
    Batch batch(64);
    while (!stop) {
      pollfd waited{receiver->fd(), POLLIN, 0};
      if (poll(&waited, 1, 10) != 1) continue;
      const int count = recvmmsg(receiver->fd(), batch.messages(), kBatch, MSG_DONTWAIT, nullptr);
      if (count > 0) received += static_cast<uint64_t>(count);
    }
  });
  double rate = 0;
  ends.client.Inside([&] {
    RunOnCpu(0);
    std::vector<Socket> senders;
    for (int i = 0; i < kFlows; ++i) {
      senders.emplace_back(AF_INET, SOCK_DGRAM);
      if (connect(senders.back().fd(), to.address(), to.size) != 0)
        throw std::runtime_error("connect");
    }
    Batch batch(kSmallPayload);
    const Clock::time_point begin = Clock::now();
    for (size_t i = 0; Clock::now() < begin + duration; ++i) {
      sendmmsg(senders[i % kFlows].fd(), batch.messages(), kBatch, 0);
    }
    rate = PerSecond(received, begin);
  });
  stop = true;
  reader.join();
  return rate;
}

double Connections(const Ends& ends, std::chrono::seconds duration) {
  std::optional<Socket> listener;
  ends.server.Inside([&] { listener.emplace(Serve(SOCK_STREAM, kServerIp)); });
  const Peer to(kServerIp, LocalPort(*listener));
  std::atomic<bool> stop{false};
  std::thread server([&] {
    RunOnCpu(1);
    while (!stop) {
      pollfd waited{listener->fd(), POLLIN, 0};
      if (poll(&waited, 1, 10) != 1) continue;
      const Socket accepted(accept(listener->fd(), nullptr, nullptr));
      char byte;
      if (read(accepted.fd(), &byte, 1) != 1) continue;
      [[maybe_unused]] const ssize_t bytes = write(accepted.fd(), &byte, 1);
    }
  });
  double rate = 0;
  ends.client.Inside([&] {
    RunOnCpu(0);
    uint64_t done = 0;
    const Clock::time_point begin = Clock::now();
    while (Clock::now() < begin + duration) {
      const Socket client(AF_INET, SOCK_STREAM);
      char byte = 'x';
      if (connect(client.fd(), to.address(), to.size) != 0) throw std::runtime_error("connect");
      if (write(client.fd(), &byte, 1) == 1 && read(client.fd(), &byte, 1) == 1) ++done;
      // The server closes first, so that it keeps the waiting state and no port of ours.
      [[maybe_unused]] const ssize_t end = read(client.fd(), &byte, 1);
    }
    rate = PerSecond(done, begin);
  });
  stop = true;
  server.join();
  return rate;
}

}  // namespace alidade::testing
