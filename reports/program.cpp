#include "reports/program.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string_view>

extern char** environ;

namespace assay::reports {

namespace {

constexpr std::size_t kMostKept = 64 * 1024;  // bytes of its messages

std::string last_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  const auto newline = text.rfind('\n');
  return newline == std::string::npos ? text : text.substr(newline + 1);
}

/// Everything that posix_spawn needs and that must be given back.
class FileActions {
public:
  FileActions() { ::posix_spawn_file_actions_init(&actions_); }
  ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  posix_spawn_file_actions_t* get() { return &actions_; }

private:
  posix_spawn_file_actions_t actions_;
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

/// Both ends of a pipe, closed with it.
class Pipe {
public:
  Pipe() { is_open_ = ::pipe2(ends_, O_CLOEXEC) == 0; }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  bool is_open() const { return is_open_; }
  int end(int which) const { return ends_[which]; }
  void close_end(int which) {
    if (is_open_ && ends_[which] >= 0) ::close(ends_[which]);
    ends_[which] = -1;
  }

private:
  int ends_[2] = {-1, -1};
  bool is_open_ = false;
};

class Attributes {
public:
  Attributes() { ::posix_spawnattr_init(&attributes_); }
  ~Attributes() { ::posix_spawnattr_destroy(&attributes_); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  posix_spawnattr_t* get() { return &attributes_; }

private:
  posix_spawnattr_t attributes_;
};

/// Reads both streams until they end, the time is over or the output is too long. False: the program is to be
/// killed.
bool read_answer(int output, int messages, const ProgramCall& call, ProgramAnswer& answer) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::duration<double>(call.limit_s);
  pollfd streams[] = {{output, POLLIN, 0}, {messages, POLLIN, 0}};
  char buffer[64 * 1024];
  while (streams[0].fd >= 0 || streams[1].fd >= 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
    if (left <= 0) {
      answer.timed_out = true;
      return false;
    }
    if (::poll(streams, 2, static_cast<int>(std::min<long long>(left, 60'000))) < 0 && errno != EINTR) return false;
    for (pollfd& stream : streams) {
      if (stream.fd < 0 || stream.revents == 0) continue;
      const ssize_t n = ::read(stream.fd, buffer, sizeof buffer);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) {
        stream.fd = -1;  // which poll ignores
        continue;
      }
      const bool is_output = &stream == &streams[0];
      std::string& text = is_output ? answer.output : answer.messages;
      const std::size_t most = is_output ? call.most_bytes : kMostKept;
      text.append(buffer, std::min(static_cast<std::size_t>(n), most - std::min(most, text.size())));
      if (is_output && text.size() >= most) {
        answer.too_long = true;
        return false;
      }
    }
  }
  return true;
}

}  // namespace

std::vector<std::string> environment_without(const std::vector<std::string>& prefixes) {
  std::vector<std::string> kept;
  for (char** variable = environ; *variable; ++variable) {
    const std::string_view text = *variable;
    const bool out = std::any_of(prefixes.begin(), prefixes.end(), [&](const std::string& p) { return text.starts_with(p); });
    if (!out) kept.emplace_back(text);
  }
  return kept;
}

std::string ProgramAnswer::failure(const std::string& name) const {
  if (timed_out) return fmt::format("{} took too long", name);
  if (too_long) return fmt::format("{} wrote more than is read", name);
  const std::string line = last_line(messages);
  const std::string how =
      status > 128 ? fmt::format("was killed by signal {}", status - 128) : fmt::format("failed with status {}", status);
  return fmt::format("{} {}{}", name, how, line.empty() ? "" : ": " + line);
}

Result<ProgramAnswer> call_program(const ProgramCall& call) {
  const std::string& name = call.words.front();
  Pipe output, messages;
  if (!output.is_open() || !messages.is_open()) return Error{fmt::format("{}: no pipe: {}", name, std::strerror(errno))};
  FileActions actions;
  if (!call.folder.empty()) ::posix_spawn_file_actions_addchdir_np(actions.get(), call.folder.c_str());
  const std::string input = call.input.empty() ? "/dev/null" : std::filesystem::absolute(call.input).string();
  ::posix_spawn_file_actions_addopen(actions.get(), STDIN_FILENO, input.c_str(), O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(actions.get(), output.end(1), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(actions.get(), messages.end(1), STDERR_FILENO);
  Attributes attributes;
  // Assay ignores these two; a program is to have its signals as a shell would give them.
  sigset_t usual;
  ::sigemptyset(&usual);
  ::sigaddset(&usual, SIGPIPE);
  ::sigaddset(&usual, SIGXFSZ);
  ::posix_spawnattr_setsigdefault(attributes.get(), &usual);
  // A session of its own has no terminal to ask at, and is a group that can be killed whole.
  const int session = call.at_terminal ? 0 : POSIX_SPAWN_SETSID;
  ::posix_spawnattr_setflags(attributes.get(), static_cast<short>(POSIX_SPAWN_SETSIGDEF | session));
  std::vector<std::string> words = call.words;
  std::vector<std::string> variables = call.environment ? *call.environment : environment_without({});
  pid_t child = 0;
  const int failed =
      ::posix_spawnp(&child, name.c_str(), actions.get(), attributes.get(), pointers(words).data(), pointers(variables).data());
  if (failed == ENOENT || failed == EACCES) {
    if (!call.folder.empty() && !std::filesystem::is_directory(call.folder))
      return Error{fmt::format("{} is no folder", call.folder.string())};
    return Error{fmt::format("{} is not installed", name)};
  }
  if (failed != 0) return Error{fmt::format("{} can't be started: {}", name, std::strerror(failed))};
  output.close_end(1);
  messages.close_end(1);
  ProgramAnswer answer;
  if (!read_answer(output.end(0), messages.end(0), call, answer)) ::kill(call.at_terminal ? child : -child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  answer.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return answer;
}

Result<std::string> run_program(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
                                const std::string& remedy, std::chrono::seconds limit) {
  const std::string& name = arguments.front();
  ProgramCall call{.words = arguments, .folder = folder, .limit_s = static_cast<double>(limit.count()),
                   .at_terminal = true};  // so that Ctrl-C ends it with us
  if (!std::getenv("SOURCE_DATE_EPOCH")) {
    call.environment = environment_without({});
    call.environment->push_back("SOURCE_DATE_EPOCH=0");
  }
  auto answer = call_program(call);
  if (!answer) return Error{fmt::format("{}; {}", answer.error().message, remedy)};
  if (answer->timed_out) return Error{fmt::format("{} was stopped: it took longer than {} s", name, limit.count())};
  if (!answer->ok()) return Error{answer->failure(name)};
  return std::move(answer->output);
}

}  // namespace assay::reports
