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

struct Said {
  std::string text;
  bool in_time = true;
};

/// Reads until the other end closes or `limit` is over; what is beyond `kMostKept` is read and dropped, so
/// that the writer never blocks.
Said drained(int pipe, std::chrono::seconds limit) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + limit;
  Said said;
  char buffer[4096];
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
    pollfd readable{pipe, POLLIN, 0};
    const int ready = left > 0 ? ::poll(&readable, 1, static_cast<int>(left)) : 0;
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) {
      said.in_time = false;
      return said;
    }
    const ssize_t n = ::read(pipe, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return said;
    const std::size_t room = kMostKept - std::min(kMostKept, said.text.size());
    said.text.append(buffer, std::min(static_cast<std::size_t>(n), room));
  }
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

std::vector<std::string> environment_without_today() {
  constexpr std::string_view kEpoch = "SOURCE_DATE_EPOCH=";
  std::vector<std::string> variables;
  bool has_epoch = false;
  for (char** variable = environ; *variable; ++variable) {
    variables.emplace_back(*variable);
    has_epoch = has_epoch || variables.back().starts_with(kEpoch);
  }
  if (!has_epoch) variables.push_back(std::string(kEpoch) + "0");
  return variables;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

}  // namespace

Result<std::string> run_program(const std::vector<std::string>& arguments,
                                const std::filesystem::path& folder, const std::string& remedy,
                                std::chrono::seconds limit) {
  const std::string& name = arguments.front();
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Error{fmt::format("{}: no pipe: {}", name, std::strerror(errno))};
  FileActions actions;
  ::posix_spawn_file_actions_addchdir_np(actions.get(), folder.c_str());
  ::posix_spawn_file_actions_addopen(actions.get(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(actions.get(), ends[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(actions.get(), ends[1], STDERR_FILENO);
  std::vector<std::string> words = arguments;
  std::vector<std::string> variables = environment_without_today();
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, name.c_str(), actions.get(), nullptr, pointers(words).data(),
                                    pointers(variables).data());
  ::close(ends[1]);
  if (failed != 0) {
    ::close(ends[0]);
    // EACCES: a folder of PATH can't be searched, and no other holds the program.
    if (failed == ENOENT || failed == EACCES)
      return Error{fmt::format("{} is not installed; {}", name, remedy)};
    return Error{fmt::format("{} can't be started: {}; {}", name, std::strerror(failed), remedy)};
  }
  const Said said = drained(ends[0], limit);
  ::close(ends[0]);
  if (!said.in_time) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!said.in_time)
    return Error{fmt::format("{} was stopped: it took longer than {} s", name, limit.count())};
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return said.text;
  const std::string how = WIFSIGNALED(status) ? fmt::format("was killed by signal {}", WTERMSIG(status))
                                              : fmt::format("failed with status {}", WEXITSTATUS(status));
  const std::string line = last_line(said.text);
  return Error{fmt::format("{} {}{}", name, how, line.empty() ? "" : ": " + line)};
}

}  // namespace assay::reports
