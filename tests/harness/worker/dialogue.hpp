// A worker as a real child process, spoken to line by line: what the supervisor sees, without the supervisor.
//
//     Dialogue worker({"python3", "my_worker.py"});
//     const auto described = protocol::parse_description(worker.ask(protocol::describe_request()));
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/catch.hpp"

namespace assay::test {

class Dialogue {
 public:
  /// `environment`: variables to set besides those that are inherited.
  explicit Dialogue(const std::vector<std::string>& command,
                    const std::vector<std::pair<std::string, std::string>>& environment = {})
      : log_(std::tmpfile()) {
    int requests[2];
    int replies[2];
    REQUIRE(log_ != nullptr);
    REQUIRE(::pipe2(requests, O_CLOEXEC) == 0);
    REQUIRE(::pipe2(replies, O_CLOEXEC) == 0);
    std::vector<char*> argv;
    for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    child_ = ::fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
      for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
      ::dup2(requests[0], STDIN_FILENO);
      ::dup2(replies[1], STDOUT_FILENO);
      ::dup2(::fileno(log_), STDERR_FILENO);
      ::execvp(argv[0], argv.data());
      ::_exit(127);
    }
    ::close(requests[0]);
    ::close(replies[1]);
    to_ = requests[1];
    from_ = replies[0];
  }
  Dialogue(const Dialogue&) = delete;
  Dialogue& operator=(const Dialogue&) = delete;
  ~Dialogue() {
    if (to_ >= 0) ::close(to_);
    ::close(from_);
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
    std::fclose(log_);
  }

  /// Sends one line and returns the reply without its newline; "" if the worker ended or a minute passed.
  std::string ask(std::string_view request) {
    send(std::string(request) + "\n");
    return next_line();
  }

  void send(std::string_view bytes) {
    ::signal(SIGPIPE, SIG_IGN);
    while (!bytes.empty()) {
      const ssize_t wrote = ::write(to_, bytes.data(), bytes.size());
      if (wrote <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(wrote));
    }
  }

  std::string next_line() {
    while (buffer_.find('\n') == std::string::npos) {
      pollfd ready{from_, POLLIN, 0};
      char piece[4096];
      if (::poll(&ready, 1, 60'000) <= 0) return "";
      const ssize_t got = ::read(from_, piece, sizeof piece);
      if (got <= 0) return "";
      buffer_.append(piece, static_cast<std::size_t>(got));
    }
    const std::size_t newline = buffer_.find('\n');
    std::string line = buffer_.substr(0, newline);
    buffer_.erase(0, newline + 1);
    return line;
  }

  /// Ends the worker's input and returns its exit status; 128 + the signal if one killed it.
  int finish() {
    ::close(std::exchange(to_, -1));
    int status = 0;
    ::waitpid(std::exchange(child_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  /// True if the worker ended by itself with status 0 and wrote nothing more.
  bool ended_quietly() {
    const bool silent = next_line().empty() && buffer_.empty();
    return finish() == 0 && silent;
  }

  /// What the worker wrote to standard error so far.
  std::string log() const {
    std::string text(1 << 16, '\0');
    const ssize_t got = ::pread(::fileno(log_), text.data(), text.size(), 0);
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return text;
  }

 private:
  std::FILE* log_;
  pid_t child_ = -1;
  int to_ = -1;
  int from_ = -1;
  std::string buffer_;
};

}  // namespace assay::test
