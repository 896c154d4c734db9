// SPDX-License-Identifier: Apache-2.0
//
// A connection that speaks HTTP/2 (RFC 9113) as the test wants, which no library would.
#ifndef ALIDADE_TESTS_AGENT_OBSERVER_RAW_CONNECTION_H_
#define ALIDADE_TESTS_AGENT_OBSERVER_RAW_CONNECTION_H_

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/clock.h"
#include "tests/agent/observer/server_fixture.h"

namespace alidade {

inline constexpr char kHttp2Preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

enum FrameType : uint8_t {
  kData = 0,
  kHeaders = 1,
  kSettings = 4,
  kPing = 6,
  kGoAway = 7,
  kContinuation = 9,
};
inline constexpr uint8_t kAck = 1;  // flag of kSettings and kPing

// The bytes of a frame; `stream` below 256.
inline std::string Frame(FrameType type, uint8_t flags, uint8_t stream,
                         const std::string& payload) {
  std::string frame;
  for (const unsigned shift : {16u, 8u, 0u}) {
    frame.push_back(static_cast<char>(payload.size() >> shift));
  }
  frame.push_back(static_cast<char>(type));
  frame.push_back(static_cast<char>(flags));
  frame.append(3, '\0');
  frame.push_back(static_cast<char>(stream));
  return frame + payload;
}

class RawConnection {
 public:
  struct Received {
    FrameType type;
    uint8_t flags;
    std::string payload;
  };

  // To a port of 127.0.0.1.
  explicit RawConnection(const std::string& address) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in target{};
    target.sin_family = AF_INET;
    target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    target.sin_port =
        htons(static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    REQUIRE(connect(fd_, reinterpret_cast<const sockaddr*>(&target), sizeof(target)) == 0);
  }
  ~RawConnection() { close(fd_); }
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  void Send(const std::string& bytes) const {
    [[maybe_unused]] const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  // Waits until the server closes; what it sends before is thrown away.
  bool WaitForEnd() const {
    std::string bytes;
    while (!bytes.empty() || Receive(&bytes)) bytes.clear();
    return is_over_;
  }
  // The next frame that the server sends; nullopt when it closes, or says nothing for too long.
  std::optional<Received> NextFrame() {
    constexpr size_t kHeaderBytes = 9;
    const auto byte = [this](size_t i) { return static_cast<uint8_t>(unread_[i]); };
    while (unread_.size() < kHeaderBytes) {
      if (!Receive(&unread_)) return std::nullopt;
    }
    const size_t end = kHeaderBytes + (size_t{byte(0)} << 16 | size_t{byte(1)} << 8 | byte(2));
    while (unread_.size() < end) {
      if (!Receive(&unread_)) return std::nullopt;
    }
    Received frame{static_cast<FrameType>(byte(3)), byte(4),
                   unread_.substr(kHeaderBytes, end - kHeaderBytes)};
    unread_.erase(0, end);
    return frame;
  }
  bool is_over() const { return is_over_; }

 private:
  // Appends what comes to `bytes`; false at the end, or when nothing comes for too long.
  bool Receive(std::string* bytes) const {
    char buffer[4096];
    pollfd one{fd_, POLLIN, 0};
    if (poll(&one, 1, kDeadlineSeconds * 1000) != 1) return false;
    const ssize_t size = recv(fd_, buffer, sizeof(buffer), 0);
    is_over_ = size <= 0;
    if (!is_over_) bytes->append(buffer, static_cast<size_t>(size));
    return !is_over_;
  }

  const int fd_;
  mutable bool is_over_ = false;
  std::string unread_;
};

}  // namespace alidade

#endif  // ALIDADE_TESTS_AGENT_OBSERVER_RAW_CONNECTION_H_
