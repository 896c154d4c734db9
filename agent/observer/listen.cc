// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/listen.h"

#include <grp.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "agent/observer/descriptor.h"
#include "agent/status_macros.h"
#include "parser/ip_address.h"

namespace alidade {
namespace {

constexpr char kDefaultGroup[] = "alidade";

absl::Status Unavailable(const std::string& what, int error) {
  return absl::UnavailableError(absl::StrCat(what, ": ", std::strerror(error)));
}

absl::Status ProbeOne(const addrinfo& info, const std::string& what) {
  const Descriptor socket_fd(
      socket(info.ai_family, info.ai_socktype | SOCK_CLOEXEC, info.ai_protocol));
  if (socket_fd.get() < 0) {
    // A host without one of the families still serves the other.
    return errno == EAFNOSUPPORT ? absl::OkStatus() : Unavailable(what, errno);
  }
  const int on = 1;
  setsockopt(socket_fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (info.ai_family == AF_INET6) {
    setsockopt(socket_fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
  }
  if (bind(socket_fd.get(), info.ai_addr, info.ai_addrlen) != 0 ||
      listen(socket_fd.get(), 1) != 0) {
    return Unavailable(what, errno);
  }
  return absl::OkStatus();
}

absl::StatusOr<sockaddr_un> SocketAddress(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return absl::InvalidArgumentError(absl::StrCat("socket path ", path, " is longer than ",
                                                   sizeof(address.sun_path) - 1, " characters"));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

// Whether a server accepts connections on `address`.
bool Answers(const sockaddr_un& address) {
  const Descriptor socket_fd(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (socket_fd.get() < 0) return true;  // cannot tell: do no harm
  // Refused is the only sign that nobody listens; EAGAIN is a full queue of somebody who does.
  return connect(socket_fd.get(), generic, sizeof(address)) == 0 || errno != ECONNREFUSED;
}

}  // namespace

std::string TcpAddress::ToString() const {
  if (host.empty()) return absl::StrCat("[::]:", port);
  if (host.find(':') != std::string::npos) return absl::StrCat("[", host, "]:", port);
  return absl::StrCat(host, ":", port);
}

bool TcpAddress::is_loopback() const {
  if (host == "localhost") return true;
  const std::optional<IpAddress> address = IpAddress::Parse(host);
  return address && address->Unmapped().is_loopback();
}

absl::StatusOr<TcpAddress> ParseTcpAddress(const std::string& text) {
  const size_t colon = text.rfind(':');
  const auto error = [&] {
    return absl::InvalidArgumentError(
        absl::StrCat("listen address ", text, " is not of the form host:port"));
  };
  if (colon == std::string::npos || colon + 1 == text.size()) return error();
  TcpAddress address{text.substr(0, colon), text.substr(colon + 1)};
  if (address.port.find_first_not_of("0123456789") != std::string::npos) return error();
  if (address.host.size() >= 2 && address.host.front() == '[' && address.host.back() == ']') {
    address.host = address.host.substr(1, address.host.size() - 2);
  } else if (address.host.find(':') != std::string::npos) {
    return error();
  }
  return address;
}

absl::Status ProbeTcpAddress(const TcpAddress& address) {
  const std::string what = absl::StrCat("cannot listen on ", address.ToString());
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failed = getaddrinfo(address.host.empty() ? nullptr : address.host.c_str(),
                                 address.port.c_str(), &hints, &found);
  if (failed != 0) return absl::UnavailableError(absl::StrCat(what, ": ", gai_strerror(failed)));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
  for (const addrinfo* info = found; info != nullptr; info = info->ai_next) {
    RETURN_IF_ERROR(ProbeOne(*info, what));
  }
  return absl::OkStatus();
}

absl::Status PrepareSocketPath(const std::string& path) {
  ASSIGN_OR_RETURN(const sockaddr_un address, SocketAddress(path));
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  if (error) {
    return absl::UnavailableError(
        absl::StrCat("cannot create ", folder.string(), ": ", error.message()));
  }
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return absl::OkStatus();
    return Unavailable(absl::StrCat("cannot look at ", path), errno);
  }
  if (!S_ISSOCK(status.st_mode)) {
    return absl::AlreadyExistsError(absl::StrCat(path, " exists and is not a socket"));
  }
  if (Answers(address)) {
    return absl::AlreadyExistsError(
        absl::StrCat("another server answers on ", path, "; it is left alone"));
  }
  if (unlink(path.c_str()) != 0 && errno != ENOENT) {
    return Unavailable(absl::StrCat("cannot remove the unused socket ", path), errno);
  }
  return absl::OkStatus();
}

std::string ApplySocketAccess(const std::string& path, const SocketAccess& access) {
  constexpr mode_t kOwnerOnly = 0600;
  const std::string name = access.group.empty() ? std::string(kDefaultGroup) : access.group;
  const group* entry = getgrnam(name.c_str());
  std::string problem;
  if (entry == nullptr) {
    // Who did not name a group may well have none.
    if (!access.group.empty()) problem = absl::StrCat("there is no group ", name);
  } else if (chown(path.c_str(), static_cast<uid_t>(-1), entry->gr_gid) != 0) {
    problem = absl::StrCat("cannot give ", path, " to group ", name, ": ", std::strerror(errno));
  }
  const mode_t mode = problem.empty() ? access.mode : kOwnerOnly;
  if (chmod(path.c_str(), mode) != 0) {
    return absl::StrCat("cannot set the mode of ", path, ": ", std::strerror(errno));
  }
  if (!problem.empty()) absl::StrAppend(&problem, "; the socket is for its owner only");
  return problem;
}

}  // namespace alidade
