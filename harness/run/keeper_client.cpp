// The supervisor's side of the keeper.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "harness/run/keeper.hpp"
#include "harness/run/keeper_message.hpp"
#include "harness/run/process_tree.hpp"

namespace assay::run {

struct Keeper::Message {
  Json body;
};

namespace {

std::string random_token() {
  std::uint64_t words[2] = {0, 0};
  [[maybe_unused]] const auto n = getrandom(words, sizeof words, 0);
  return fmt::format("{:016x}{:016x}", words[0], words[1]);
}

}  // namespace

Result<Keeper> Keeper::start() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return Error{fmt::format("keeper: no socket: {}", std::strerror(errno))};
  }
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  const std::string fd = fmt::format("{}", ends[1]);
  const pid_t pid = fork();
  if (pid < 0) return Error{fmt::format("keeper: cannot fork: {}", std::strerror(errno))};
  if (pid == 0) {
    setsid();  // before exec: a Ctrl-C at this very moment is for the supervisor alone
    fcntl(ends[1], F_SETFD, 0);
    execl("/proc/self/exe", "assay", kKeeperVerb, fd.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  close(ends[1]);
  return Keeper(ends[0], pid);
}

Keeper::Keeper(Keeper&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      pid_(std::exchange(other.pid_, -1)),
      next_id_(other.next_id_),
      lost_(other.lost_),
      exits_(std::move(other.exits_)) {}

Keeper::~Keeper() {
  if (socket_ >= 0) close(socket_);
  if (pid_ > 0) waitpid(pid_, nullptr, 0);
}

std::optional<Keeper::Message> Keeper::receive(bool wait) {
  Packet packet;
  switch (receive_packet(socket_, wait, packet)) {
    case Received::packet: return Message{std::move(packet.body)};
    case Received::closed: lose(); return std::nullopt;
    case Received::nothing: return std::nullopt;
  }
  return std::nullopt;
}

/// The keeper is dead. Workers die with it (PR_SET_PDEATHSIG); their daemons don't.
void Keeper::lose() {
  if (lost_) return;
  lost_ = true;
  waitpid(std::exchange(pid_, -1), nullptr, 0);  // from then on its children are ours
  kill_children([](const ProcessEntry&) { return true; });
}

/// Keeps an exit; true if the message was one.
bool Keeper::note(const Message& message) {
  const Json& b = message.body;
  if (b.value("event", "") != "exited") return false;
  exits_.push_back({b["id"], b["code"], b["status"], b["end_ns"], b["cpu_ns"], b["peak_memory_bytes"]});
  return true;
}

Result<Started> Keeper::launch(const Launch& what) {
  int input[2] = {-1, -1};
  int output[2] = {-1, -1};
  const auto close_all = [&] {
    for (const int fd : {input[0], input[1], output[0], output[1]}) {
      if (fd >= 0) close(fd);
    }
  };
  if (what.give_input) {
    if (pipe2(input, O_CLOEXEC) != 0) return Error{fmt::format("no pipe: {}", std::strerror(errno))};
  } else {
    input[0] = open(what.input_file.c_str(), O_RDONLY | O_CLOEXEC);
    if (input[0] < 0) return Error{fmt::format("its input {} cannot be opened: {}", what.input_file, std::strerror(errno))};
  }
  const int log = open(what.error_log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (pipe2(output, O_CLOEXEC) != 0 || log < 0) {
    const std::string why = std::strerror(errno);
    close_all();
    if (log >= 0) close(log);
    return Error{fmt::format("{}: cannot be opened: {}", what.error_log, why)};
  }
  const int id = next_id_++;
  const std::string token = random_token();
  Json set = Json::object();
  for (const auto& [name, value] : what.set) set[name] = value;
  set[kTokenVariable] = token;
  const bool sent = send_packet(socket_, {{"op", "launch"},
                                          {"id", id},
                                          {"argv", what.argv},
                                          {"set", set},
                                          {"folder", what.folder},
                                          {"cpus", what.cpus},
                                          {"token", token}},
                                {input[0], output[1], log});
  close(log);
  close(input[0]);
  close(output[1]);
  input[0] = output[1] = -1;
  while (sent) {
    const auto message = receive(true);
    if (!message) break;
    if (note(*message)) continue;
    const Json& b = message->body;
    if (b.value("event", "") == "started") return Started{id, b["pid"], input[1], output[0], b["start_ns"]};
    close_all();
    const std::string step = b.value("step", "");
    const std::string why = b.value("error", "");
    if (step == "chdir") return Error{fmt::format("{}: {}", what.folder, why)};
    if (step == "affinity") {
      return Error{fmt::format("the CPUs asked for are not available to this process: {}", why)};
    }
    return Error{fmt::format("{}: cannot be started: {}", what.argv.front(), why)};
  }
  close_all();
  if (!sent) lose();
  return Error{"the keeper process has gone; nothing can be started"};
}

std::optional<Exited> Keeper::release(int id) {
  if (send_packet(socket_, {{"op", "release"}, {"id", id}})) {
    while (const auto message = receive(true)) {
      if (!note(*message) && message->body.value("event", "") == "released") break;
    }
  }
  std::optional<Exited> exit = exit_of(id);
  std::erase_if(exits_, [id](const Exited& e) { return e.id == id; });
  return exit;
}

int Keeper::sweep() {
  if (!send_packet(socket_, {{"op", "sweep"}})) return 0;
  while (const auto message = receive(true)) {
    if (!note(*message) && message->body.value("event", "") == "swept") return message->body["found"];
  }
  return 0;
}

std::optional<Exited> Keeper::exit_of(int id) {
  while (const auto message = receive(false)) note(*message);
  const auto found = std::find_if(exits_.begin(), exits_.end(), [id](const Exited& e) { return e.id == id; });
  return found == exits_.end() ? std::nullopt : std::optional(*found);
}

}  // namespace assay::run
