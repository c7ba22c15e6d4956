#include "hardware/mcu/emulator.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

namespace assay::mcu {

namespace fs = std::filesystem;

namespace {

constexpr const char* kProgram = "qemu-system-arm";
constexpr const char* kRemedy = "needs the program qemu-system-arm → sudo apt install --no-install-recommends qemu-system-arm";
constexpr Version kOldest{4, 2, 0};
constexpr int kVersionLimit_ms = 10'000;
constexpr std::size_t kLongestVersion = 16'384;  // bytes of an answer to --version; beyond it is another program's
constexpr std::size_t kMostWords = 400;  // of standard error, in a reason

Ending unsupported(std::string reason) { return {Outcome::unsupported, std::move(reason)}; }

/// Starts a program found on PATH, its standard input nothing, its outputs the given descriptors; the child dies with this process.
/// −1 with errno set if it can't be started.
pid_t spawn(const std::vector<std::string>& words, int out, int error) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  int failure[2];
  if (::pipe2(failure, O_CLOEXEC) != 0) return -1;
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    const int null = ::open("/dev/null", O_RDONLY);
    ::dup2(null, STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(error, STDERR_FILENO);
    ::execvp(argv[0], argv.data());
    const int why = errno;
    static_cast<void>(!::write(failure[1], &why, sizeof why));
    ::_exit(127);
  }
  ::close(failure[1]);
  int why = 0;
  const bool failed = pid > 0 && ::read(failure[0], &why, sizeof why) == static_cast<ssize_t>(sizeof why);
  ::close(failure[0]);
  if (!failed) return pid;
  ::waitpid(pid, nullptr, 0);
  errno = why;
  return -1;
}

std::string last_words(const fs::path& log) {
  std::ifstream in(log, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  std::string words = text.str();
  while (!words.empty() && (words.back() == '\n' || words.back() == ' ')) words.pop_back();
  if (words.size() > kMostWords) words = "… " + words.substr(words.size() - kMostWords);
  for (char& c : words) {
    if (c == '\n') c = ' ';
  }
  return words;
}

}  // namespace

std::string Version::text() const { return fmt::format("{}.{}.{}", major, minor, patch); }

protocol::Reply<Version> emulator_version() {
  using Clock = std::chrono::steady_clock;
  int out[2];
  if (::pipe2(out, O_CLOEXEC) != 0) return {std::nullopt, unsupported(fmt::format("no pipe can be had: {}", std::strerror(errno)))};
  const Descriptor reading(out[0]);
  pid_t pid = -1;
  {
    const Descriptor writing(out[1]);
    pid = spawn({kProgram, "--version"}, out[1], STDERR_FILENO);
  }
  if (pid < 0) return {std::nullopt, unsupported(errno == ENOENT ? std::string(kRemedy) : fmt::format("{}: {}", kProgram, std::strerror(errno)))};
  std::string text;
  const auto end = Clock::now() + std::chrono::milliseconds(kVersionLimit_ms);
  bool is_late = false;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
    pollfd waiting{reading.get(), POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::max<long long>(0, left)));
    if (ready < 0 && errno == EINTR) continue;
    char piece[1024];
    const ssize_t got = ready > 0 ? ::read(reading.get(), piece, sizeof piece) : 0;
    is_late = ready == 0;
    if (got <= 0 || text.size() > kLongestVersion) break;
    text.append(piece, static_cast<std::size_t>(got));
  }
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
  if (is_late) return {std::nullopt, unsupported(fmt::format("{} --version said nothing for {} s → is it the right program?", kProgram, kVersionLimit_ms / 1000))};
  Version version;
  const std::size_t at = text.find("version ");
  if (at == std::string::npos || std::sscanf(text.c_str() + at, "version %d.%d.%d", &version.major, &version.minor, &version.patch) < 2) {
    return {std::nullopt, unsupported(fmt::format("{} --version doesn't say which version it is → is it the right program?", kProgram))};
  }
  if (version < kOldest) return {std::nullopt, unsupported(fmt::format("QEMU {} is too old → {}.{} or newer is needed", version.text(), kOldest.major, kOldest.minor))};
  return {version, {}};
}

std::string option_value(const fs::path& path) {
  std::string value;
  for (const char c : path.string()) value += c == ',' ? ",," : std::string(1, c);
  return value;
}

protocol::Reply<Emulator> Emulator::start(const EmulatorSettings& settings) {
  const Board& board = settings.board;
  auto terminal = open_pseudo_terminal();
  if (!terminal.ok()) return {std::nullopt, terminal.ending};
  std::vector<std::string> words = {kProgram, "-machine", board.machine, "-cpu", board.cpu, "-display", "none", "-monitor", "none", "-serial", terminal.value->path,
                                    "-semihosting-config", "enable=on,target=native", "-icount", fmt::format("shift={}", board.icount_shift),
                                    "-kernel", settings.elf.string()};
  if (!settings.inputs.empty()) {
    words.insert(words.end(), {"-device", fmt::format("loader,file={},addr=0x{:08x},force-raw=on", option_value(settings.inputs), board.window_origin)});
  }
  if (!settings.plugin.empty()) words.insert(words.end(), {"-plugin", settings.plugin});
  MemoryFile log = MemoryFile::with("assay-qemu", {});
  if (!log.is_open()) return {std::nullopt, {Outcome::out_of_memory, "there is no memory for QEMU's messages"}};
  const pid_t pid = spawn(words, log.descriptor(), log.descriptor());
  if (pid < 0) return {std::nullopt, unsupported(errno == ENOENT ? std::string(kRemedy) : fmt::format("{}: {}", kProgram, std::strerror(errno)))};
  return {Emulator(pid, *std::move(terminal.value), std::move(log)), {}};
}

Emulator::Emulator(pid_t pid, PseudoTerminal terminal, MemoryFile log) : pid_(pid), terminal_(std::move(terminal)), log_(std::move(log)) {}

Emulator::Emulator(Emulator&& other) noexcept : pid_(std::exchange(other.pid_, -1)), terminal_(std::move(other.terminal_)), log_(std::move(other.log_)), ending_(std::move(other.ending_)) {}

Emulator::~Emulator() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);  // a plugin that hangs at its exit ignores SIGTERM
    ::waitpid(pid_, nullptr, 0);
  }
}

std::optional<Ending> Emulator::ended() {
  if (ending_) return ending_;
  int status = 0;
  if (pid_ > 0 && ::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  pid_ = -1;
  const std::string how = WIFSIGNALED(status) ? fmt::format("was killed by signal {} ({})", WTERMSIG(status), sigdescr_np(WTERMSIG(status)))
                                              : fmt::format("ended with status {}", WEXITSTATUS(status));
  const std::string words = last_words(log_.path());
  ending_ = Ending{Outcome::crashed, fmt::format("QEMU {}{}{}", how, words.empty() ? "" : ": ", words)};
  return ending_;
}

}  // namespace assay::mcu
