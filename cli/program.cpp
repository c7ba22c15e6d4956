#include "cli/program.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <sstream>

#include "harness/core/units.hpp"

extern char** environ;

namespace assay::cli {

namespace {

constexpr int kLook_ms = 100;  // how often an interrupt is looked for
constexpr std::size_t kMostKept = 16 * 1024 * 1024;

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return fd_; }

  std::string text() const {
    const off_t size = ::lseek(fd_, 0, SEEK_END);
    std::string all(std::min(kMostKept, static_cast<std::size_t>(std::max<off_t>(0, size))), '\0');
    const ssize_t got = ::pread(fd_, all.data(), all.size(), 0);
    all.resize(static_cast<std::size_t>(std::max<ssize_t>(0, got)));
    return all;
  }

 private:
  int fd_;
};

struct Spawn {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  Spawn() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
  }
  ~Spawn() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
  Spawn(const Spawn&) = delete;
  Spawn& operator=(const Spawn&) = delete;
};

/// True once the child is gone; false at the end of the time, or if the person wants to stop.
bool wait_for(pid_t child, double limit_s, const run::InterruptFlag& interrupt, int& status) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::duration<double>(limit_s);
  const File handle(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
  while (true) {
    const pid_t ended = ::waitpid(child, &status, WNOHANG);
    if (ended == child || (ended < 0 && errno != EINTR)) return true;
    if (interrupt || (limit_s > 0 && Clock::now() >= end)) return false;
    pollfd wait{handle.get(), POLLIN, 0};  // a kernel without pidfd (before 5.3): poll ignores −1 and just waits
    ::poll(&wait, 1, kLook_ms);
  }
}

}  // namespace

namespace {

/// Ours without git's own: inside a hook they name the repository that the hook runs for, and its index.
std::vector<char*> environment_without_git() {
  constexpr std::string_view kOfARepository[] = {"GIT_DIR=",       "GIT_WORK_TREE=", "GIT_INDEX_FILE=", "GIT_OBJECT_DIRECTORY=", "GIT_COMMON_DIR=",
                                                 "GIT_NAMESPACE=", "GIT_PREFIX=",    "GIT_ALTERNATE_OBJECT_DIRECTORIES="};
  std::vector<char*> kept;
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view text = *entry;
    const bool is_git = std::any_of(std::begin(kOfARepository), std::end(kOfARepository), [&](std::string_view name) { return text.starts_with(name); });
    if (!is_git) kept.push_back(*entry);
  }
  kept.push_back(nullptr);
  return kept;
}

}  // namespace

Result<ProgramEnd> run_program(const ProgramRun& run, const run::InterruptFlag& interrupt) {
  const std::string& name = run.words.front();
  const auto open_stream = [&](const char* what) {
    return run.log.empty() ? ::memfd_create(what, MFD_CLOEXEC)
                           : ::open(run.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  };
  if (!run.log.empty()) ::unlink(run.log.c_str());
  const File output(open_stream("output")), messages(open_stream("messages"));
  if (output.get() < 0 || messages.get() < 0) {
    return Error{fmt::format("{}: its output can't be kept: {}", run.log.empty() ? name : run.log.string(), std::strerror(errno))};
  }
  Spawn spawn;
  ::posix_spawn_file_actions_addchdir_np(&spawn.actions, run.folder.c_str());
  ::posix_spawn_file_actions_addopen(&spawn.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&spawn.actions, output.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&spawn.actions, messages.get(), STDERR_FILENO);
  // A group of its own, so that all of a build can be killed; its signals as a shell would give them.
  sigset_t usual;
  ::sigemptyset(&usual);
  ::sigaddset(&usual, SIGPIPE);
  ::sigaddset(&usual, SIGXFSZ);
  ::posix_spawnattr_setsigdefault(&spawn.attributes, &usual);
  ::posix_spawnattr_setpgroup(&spawn.attributes, 0);
  ::posix_spawnattr_setflags(&spawn.attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
  std::vector<std::string> words = run.words;
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  const auto environment = environment_without_git();
  const int failed = ::posix_spawnp(&child, argv.front(), &spawn.actions, &spawn.attributes, argv.data(), environment.data());
  if (failed == ENOENT && !std::filesystem::is_directory(run.folder)) return Error{fmt::format("{} is no folder", run.folder.string())};
  if (failed == ENOENT) return Error{fmt::format("there is no program {}", name)};
  if (failed != 0) return Error{fmt::format("{} can't be started: {}", name, std::strerror(failed))};

  ProgramEnd ended;
  int status = 0;
  if (!wait_for(child, run.limit_s, interrupt, status)) {
    ::kill(-child, SIGKILL);
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (interrupt) return Error{fmt::format("interrupted while {} ran", name)};
    ended.timed_out = true;
  }
  ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  if (run.log.empty()) {
    ended.output = output.text();
    ended.messages = messages.text();
  }
  return ended;
}

std::string last_lines(const std::string& text, int count) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    lines.push_back(line.substr(0, 200));
    if (lines.size() > static_cast<std::size_t>(count)) lines.erase(lines.begin());
  }
  std::string shown;
  for (const std::string& line : lines) shown += fmt::format("\n    | {}", line);
  return shown;
}

std::string how_it_ended(const ProgramEnd& ended, double limit_s) {
  if (ended.timed_out) return fmt::format("took longer than {}", with_unit(limit_s, "s"));
  return ended.status > 128 ? fmt::format("was killed by signal {}", ended.status - 128) : fmt::format("ended with status {}", ended.status);
}

}  // namespace assay::cli
