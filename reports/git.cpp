#include "reports/git.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>

namespace assay::reports {

namespace {

/// The environment that git gets: a path to find itself by, and nothing that configures it.
std::vector<std::string> environment() {
  const char* path = std::getenv("PATH");
  return {fmt::format("PATH={}", path ? path : "/usr/bin:/bin"),
          "LC_ALL=C",
          "TZ=UTC",
          "HOME=/nonexistent",
          "GIT_CONFIG_NOSYSTEM=1",
          "GIT_CONFIG_GLOBAL=/dev/null",
          "GIT_ATTR_NOSYSTEM=1",
          "GIT_OPTIONAL_LOCKS=0",
          "GIT_TERMINAL_PROMPT=0",
          "GIT_NO_LAZY_FETCH=1",
          "GIT_NO_REPLACE_OBJECTS=1",
          "GIT_ALLOW_PROTOCOL=none"};
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

}  // namespace

Result<std::string> git_read(const std::filesystem::path& repository,
                             const std::vector<std::string>& arguments, const GitLimits& limits) {
  std::error_code failure;
  const auto git_folder = std::filesystem::absolute(repository, failure) / ".git";
  if (std::filesystem::symlink_status(git_folder, failure).type() != std::filesystem::file_type::directory)
    return Error{fmt::format("{}: no git repository of its own", repository.string())};
  // As a bare repository: git then reads neither attributes nor .mailmap from files beside it, but the
  // committed ones.
  std::vector<std::string> words{"git", "--no-pager", "--literal-pathspecs", "--bare",
                                 "--git-dir=" + git_folder.string()};
  for (const char* setting :
       {"core.bare=true", "core.fsmonitor=false", "core.hooksPath=/dev/null", "core.attributesFile=/dev/null",
        "core.pager=cat", "core.alternateRefsCommand=false", "diff.external=", "log.showSignature=false",
        "gpg.program=false", "mailmap.file=", "protocol.allow=never", "safe.directory=*",
        "uploadpack.packObjectsHook="}) {
    words.insert(words.end(), {"-c", setting});
  }
  words.insert(words.end(), arguments.begin(), arguments.end());

  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Error{fmt::format("git: no pipe: {}", std::strerror(errno))};
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  std::vector<std::string> variables = environment();
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, "git", &actions, &attributes, pointers(words).data(),
                                    pointers(variables).data());
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  ::close(ends[1]);
  if (failed != 0) {
    ::close(ends[0]);
    return Error{"git is not installed; apt-get install git shows tags and contributions"};
  }
  std::string text, refused;
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(limits.seconds);
  std::vector<char> buffer(std::size_t{1} << 16);
  while (refused.empty()) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
    pollfd waiting{ends[0], POLLIN, 0};
    const int ready = left > 0 ? ::poll(&waiting, 1, static_cast<int>(left)) : 0;
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) {
      refused = fmt::format("git took longer than {:g} s", limits.seconds);
      break;
    }
    const ssize_t got = ::read(ends[0], buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (text.size() > limits.bytes) refused = fmt::format("git printed more than {} bytes", limits.bytes);
  }
  ::close(ends[0]);
  if (!refused.empty()) ::kill(-child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!refused.empty()) return Error{refused};
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return Error{fmt::format("git {} failed; is the repository complete?",
                             arguments.empty() ? "" : arguments.front())};
  }
  return text;
}

}  // namespace assay::reports
