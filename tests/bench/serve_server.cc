// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/serve_server.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "absl/time/clock.h"
#include "agent/observer/server.h"
#include "tests/bench/serve_flows.h"

namespace alidade::bench {
namespace {

constexpr int64_t kTickNs = 1'000'000;  // between two bursts, as the pipeline's under load

double SecondsOf(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double Feed(Writer* writer, ObserverServer* server, int64_t rate, int64_t total) {
  const double cpu = SecondsOf(CLOCK_THREAD_CPUTIME_ID);
  const int64_t begin = absl::GetCurrentTimeNanos();
  for (int64_t done = 0; done < total;) {
    const int64_t due = (absl::GetCurrentTimeNanos() - begin) * rate / 1'000'000'000;
    for (; done < due && done < total; ++done) writer->Append();
    server->NotifyAppended();
    const timespec pause{0, kTickNs};
    nanosleep(&pause, nullptr);
  }
  return SecondsOf(CLOCK_THREAD_CPUTIME_ID) - cpu;
}

[[noreturn]] void Die(const std::string& reason) {
  std::fprintf(stderr, "serve_bench: %s\n", reason.c_str());
  std::exit(1);
}

}  // namespace

ServerProcess::ServerProcess(const std::vector<std::string>& command, std::string socket)
    : socket_(std::move(socket)) {
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  int orders[2];
  int answers[2];
  if (pipe2(orders, O_CLOEXEC) != 0 || pipe2(answers, O_CLOEXEC) != 0) Die("no pipe");
  pid_ = fork();
  if (pid_ == 0) {
    dup2(orders[0], STDIN_FILENO);
    dup2(answers[1], STDOUT_FILENO);
    execv(words.front(), words.data());
    _exit(127);
  }
  close(orders[0]);
  close(answers[1]);
  orders_ = fdopen(orders[1], "w");
  answers_ = fdopen(answers[0], "r");
  char word[16];
  if (std::fscanf(answers_, "%15s", word) != 1) Die(command.front() + " did not start");
}

ServerProcess::~ServerProcess() {
  std::fclose(orders_);
  waitpid(pid_, nullptr, 0);
  std::fclose(answers_);
}

double ServerProcess::Order(const std::string& line) {
  std::fprintf(orders_, "%s\n", line.c_str());
  std::fflush(orders_);
  double seconds = 0;
  if (std::fscanf(answers_, " done %lf", &seconds) != 1) Die("no answer to " + line);
  return seconds;
}

void ServerProcess::Fill(uint64_t flows) { Order("fill " + std::to_string(flows)); }

double ServerProcess::Feed(int64_t rate, int64_t total) {
  return Order("feed " + std::to_string(rate) + " " + std::to_string(total));
}

double ServerProcess::CpuSeconds() const {
  clockid_t clock;
  if (clock_getcpuclockid(pid_, &clock) != 0) Die("the server has ended");
  return SecondsOf(clock);
}

int ServeMain(const std::string& socket, const std::string& flows) {
  EventRing ring(
      {.capacity = kCapacity, .header_bytes = sizeof(FlowHeader), .arena_bytes = 64u << 20});
  Ledger ledger;
  Writer writer(&ring, flows);
  ServerOptions options;
  options.socket_path = socket;
  options.node_name = "bench";
  options.version = "1.19.1";
  auto started = ObserverServer::Start(options, ring, ledger, {});
  if (!started.ok()) Die(started.status().ToString());
  ObserverServer& server = **started;
  std::printf("ready\n");
  std::fflush(stdout);
  char order[8];
  long long first = 0;
  while (std::scanf("%7s %lld", order, &first) == 2) {
    double seconds = 0;
    long long total = 0;
    if (std::string(order) == "feed" && std::scanf("%lld", &total) == 1) {
      seconds = Feed(&writer, &server, first, total);
    } else {
      for (; first > 0; --first) writer.Append();
      server.NotifyAppended();
    }
    std::printf("done %f\n", seconds);
    std::fflush(stdout);
  }
  server.Shutdown(absl::Seconds(1));
  return 0;
}

}  // namespace alidade::bench
