// What supervisor and keeper say to each other: JSON in SOCK_SEQPACKET packets, descriptors beside it.
#pragma once

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/json.hpp"

namespace assay::run {

inline constexpr std::size_t kLargestPacket = 160 * 1024;
inline constexpr std::size_t kMostDescriptors = 3;

/// False if the other side is gone or the packet is too large.
inline bool send_packet(int socket, const Json& body, const std::vector<int>& descriptors = {}) {
  const std::string bytes = canonical_json(body);
  if (bytes.size() > kLargestPacket) return false;
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kMostDescriptors * sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (!descriptors.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(descriptors.size() * sizeof(int));
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(descriptors.size() * sizeof(int));
    std::memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size() * sizeof(int));
  }
  ssize_t sent = -1;
  do {
    sent = sendmsg(socket, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent == static_cast<ssize_t>(bytes.size());
}

struct Packet {
  Json body;
  std::vector<int> descriptors;  // O_CLOEXEC; the receiver's to close
};

enum class Received { packet, nothing, closed };

inline Received receive_packet(int socket, bool wait, Packet& packet) {
  static thread_local std::string buffer(kLargestPacket + 1, '\0');
  iovec part{buffer.data(), buffer.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kMostDescriptors * sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t got = -1;
  do {
    got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
  } while (got < 0 && errno == EINTR);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Received::nothing;
  if (got <= 0) return Received::closed;
  packet.descriptors.clear();
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    packet.descriptors.resize((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    std::memcpy(packet.descriptors.data(), CMSG_DATA(header), packet.descriptors.size() * sizeof(int));
  }
  auto body = parse_json(std::string_view(buffer.data(), static_cast<std::size_t>(got)));
  if (!body) return Received::closed;  // the other side is this same program: can't happen, and not to be trusted
  packet.body = *std::move(body);
  return Received::packet;
}

}  // namespace assay::run
