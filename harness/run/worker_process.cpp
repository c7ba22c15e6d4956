#include "harness/run/worker_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>

#include "harness/core/protocol.hpp"
#include "harness/core/units.hpp"
#include "harness/run/clock.hpp"
#include "harness/run/process_tree.hpp"

namespace assay::run {

namespace {

constexpr std::int64_t kMemoryLook_ns = 10'000'000;   // resident size of the known tree: about 10 µs a process
constexpr std::int64_t kSlice_ms = 50;                // the longest that a wait goes without looking around
constexpr std::int64_t kTreeScan_ns = 1'000'000'000;  // new descendants: a walk over /proc, about 1 ms
constexpr std::int64_t kFirstTreeScan_ns = 100'000'000;
constexpr int kQuitGrace_ms = 200;

std::string limit_text(double limit_s) { return limit_s < 10 ? with_unit(limit_s, "s", 2) : duration_text(limit_s); }

/// How many processes the kernel's own out-of-memory killer has killed since boot.
std::int64_t kernel_oom_kills() {
  std::ifstream vmstat("/proc/vmstat");
  std::string name;
  std::int64_t value = 0;
  while (vmstat >> name >> value) {
    if (name == "oom_kill") return value;
  }
  return 0;
}

}  // namespace

Result<std::unique_ptr<WorkerProcess>> WorkerProcess::start(Keeper& keeper, const Launch& launch, ProcessLimits limits,
                                                            const InterruptFlag& interrupt) {
  const std::int64_t oom_kills = kernel_oom_kills();  // before the start: afterwards it would disturb the process
  auto started = keeper.launch(launch);
  if (!started) return started.error();
  return std::unique_ptr<WorkerProcess>(new WorkerProcess(keeper, *started, limits, interrupt, oom_kills));
}

WorkerProcess::WorkerProcess(Keeper& keeper, Started started, ProcessLimits limits, const InterruptFlag& interrupt,
                             std::int64_t oom_kills)
    : keeper_(keeper), started_(started), limits_(limits), interrupt_(interrupt), tree_{started.pid},
      oom_kills_(oom_kills) {
  fcntl(started_.output, F_SETFL, O_NONBLOCK);
  if (started_.input >= 0) fcntl(started_.input, F_SETFL, O_NONBLOCK);
  next_tree_scan_ns_ = now_ns() + kFirstTreeScan_ns;
}

WorkerProcess::~WorkerProcess() {
  if (alive_) kill_with({});
  if (started_.input >= 0) close(started_.input);
  if (started_.output >= 0) close(started_.output);
}

std::int64_t WorkerProcess::cpu_ns() const {
  std::int64_t sum = 0;
  for (const pid_t pid : tree_) sum += cpu_ns_of(pid);
  return sum;
}

std::int64_t WorkerProcess::resident_bytes() const { return run::resident_bytes(tree_); }

void WorkerProcess::scan_tree() {
  tree_ = descendants_of(started_.pid, all_processes());
  tree_.insert(tree_.begin(), started_.pid);
}

void WorkerProcess::stop() {
  if (!alive_ || stopped_) return;
  kill(-started_.pid, SIGSTOP);
  stopped_ = true;
}

void WorkerProcess::resume() {
  if (!alive_ || !stopped_) return;
  kill(-started_.pid, SIGCONT);
  stopped_ = false;
}

Ending WorkerProcess::kill_with(Ending ending) {
  if (alive_) {
    keeper_.release(started_.id);
    alive_ = false;
  }
  return ending;
}

/// The process has ended or closed its output by itself: says how, and makes sure that all of it is gone.
Ending WorkerProcess::describe_end() {
  // Its output is closed a moment before the kernel reports its end; a worker that closed it and lives on is killed.
  for (int i = 0; i < 50 && !keeper_.exit_of(started_.id) && keeper_.alive(); ++i) {
    pollfd wait{keeper_.socket(), POLLIN, 0};
    poll(&wait, 1, 10);
  }
  const auto exit = keeper_.release(started_.id);
  alive_ = false;
  if (!exit) return {Outcome::invalid_output, "it closed its standard output and went on running"};
  if (exit->code != CLD_EXITED && exit->status == SIGKILL && kernel_oom_kills() > oom_kills_) {
    return {Outcome::out_of_memory, "the kernel ran out of memory and killed it"};
  }
  return {Outcome::crashed, describe_exit(exit->code, exit->status)};
}

WorkerProcess::Woken WorkerProcess::wait_for_output(std::int64_t deadline_ns, double limit_s) {
  for (;;) {
    const std::int64_t now = now_ns();
    if (now >= deadline_ns) {
      return {.ending = kill_with({Outcome::timed_out, fmt::format("no answer within {}", limit_text(limit_s))})};
    }
    if (interrupt_) return {.interrupted = true};
    pollfd waits[2] = {{started_.output, POLLIN, 0}, {keeper_.socket(), POLLIN, 0}};
    const std::int64_t slice_ms = std::clamp<std::int64_t>((deadline_ns - now) / 1'000'000 + 1, 1, kSlice_ms);
    const int ready = poll(waits, 2, static_cast<int>(slice_ms));
    if (ready > 0 && waits[0].revents) return {.output = true};
    // Asked at every wake: the exit may have been heard while another process was waited for.
    if (keeper_.exit_of(started_.id)) return {.exited = true};
    if (!keeper_.alive()) return {.ending = {Outcome::crashed, "the keeper process has gone"}};
    if (Ending ending = look_at_memory(); !ending.ok()) return {.ending = std::move(ending)};
  }
}

Ending WorkerProcess::look_at_memory() {
  const std::int64_t now = now_ns();
  if (now < next_memory_look_ns_) return {};
  next_memory_look_ns_ = now + kMemoryLook_ns;
  if (now >= next_tree_scan_ns_) {
    scan_tree();
    next_tree_scan_ns_ = now + kTreeScan_ns;
  }
  const std::int64_t resident = resident_bytes();
  peak_seen_ = std::max(peak_seen_, resident);
  if (limits_.memory_bytes <= 0 || resident <= limits_.memory_bytes) return {};
  return kill_with({Outcome::out_of_memory, fmt::format("it held {}, the limit is {}", with_unit(static_cast<double>(resident), "B"),
                                                        with_unit(static_cast<double>(limits_.memory_bytes), "B"))});
}

/// True if it has written something, or closed its output, since its last reply.
bool WorkerProcess::spoke_unasked() {
  if (!buffer_.empty()) return true;
  char byte = 0;
  const ssize_t n = read(started_.output, &byte, 1);
  if (n > 0) buffer_ += byte;
  return n > 0;
}

Exchange WorkerProcess::ask(std::string_view request, double limit_s) {
  Exchange exchange;
  if (!alive_) {
    exchange.ending = {Outcome::crashed, "it is no longer running"};
    return exchange;
  }
  if (spoke_unasked()) {  // whatever it says next would answer the wrong question
    exchange.ending = kill_with({Outcome::invalid_output, "it wrote a line that nothing had asked for"});
    return exchange;
  }
  std::string line(request);
  line += '\n';
  const std::int64_t cpu_before = cpu_ns();
  const std::int64_t begin = now_ns();
  const std::int64_t deadline = begin + static_cast<std::int64_t>(limit_s * 1e9);
  for (std::size_t sent = 0; sent < line.size();) {
    const ssize_t n = write(started_.input, line.data() + sent, line.size() - sent);
    if (n > 0) {
      sent += static_cast<std::size_t>(n);
    } else if (n < 0 && errno == EAGAIN) {
      if (now_ns() > deadline) {
        exchange.ending = kill_with({Outcome::timed_out, "it doesn't read its requests"});
        return exchange;
      }
      pollfd wait{started_.input, POLLOUT, 0};
      poll(&wait, 1, 10);
    } else if (n < 0 && errno != EINTR) {
      exchange.ending = describe_end();
      return exchange;
    }
  }
  std::array<char, 1 << 16> piece;
  std::size_t searched = 0;
  for (;;) {
    const std::size_t newline = buffer_.find('\n', searched);
    if (newline != std::string::npos) {
      exchange.bracket_ns = now_ns() - begin;
      exchange.cpu_ns = cpu_ns() - cpu_before;
      exchange.line = buffer_.substr(0, newline);
      buffer_.erase(0, newline + 1);
      exchange.ending = look_at_memory();  // one that always answers quickly is never looked at while waiting
      return exchange;
    }
    searched = buffer_.size();
    if (buffer_.size() > protocol::kLongestReply) {
      exchange.ending = kill_with({Outcome::invalid_output, "a reply longer than 16 MiB"});
      return exchange;
    }
    const Woken woken = wait_for_output(deadline, limit_s);
    if (!woken.output && !woken.exited) {
      exchange.ending = woken.ending;
      exchange.interrupted = woken.interrupted;
      return exchange;
    }
    const ssize_t n = read(started_.output, piece.data(), piece.size());
    if (n > 0) {
      buffer_.append(piece.data(), static_cast<std::size_t>(n));
    } else if (n == 0 || woken.exited) {
      exchange.ending = describe_end();
      return exchange;
    }
  }
}

WorkerProcess::Finished WorkerProcess::wait(double limit_s, std::size_t most_output, Surplus surplus) {
  Finished finished;
  finished.start_ns = started_.start_ns;
  const std::int64_t deadline = started_.start_ns + static_cast<std::int64_t>(limit_s * 1e9);
  std::array<char, 1 << 16> piece;
  bool open = true;
  while (open) {
    const Woken woken = wait_for_output(deadline, limit_s);
    if (!woken.output && !woken.exited) {
      finished.ending = woken.ending;
      finished.interrupted = woken.interrupted;
      if (woken.interrupted) kill_with({});
      return finished;
    }
    const ssize_t n = read(started_.output, piece.data(), piece.size());
    if (n > 0) {
      finished.output.append(piece.data(), static_cast<std::size_t>(n));
      if (surplus == Surplus::is_dropped) {
        if (finished.output.size() > 2 * most_output) finished.output.erase(0, finished.output.size() - most_output);
      } else if (finished.output.size() > most_output) {
        finished.ending = kill_with({Outcome::invalid_output, fmt::format("more than {} on standard output",
                                                                          with_unit(static_cast<double>(most_output), "B"))});
        return finished;
      }
    } else if (n == 0 || woken.exited) {  // a daemon that it left behind may hold the pipe: not waited for
      open = false;
    }
  }
  // Standard output is closed; the end of the process may come later (it may have closed it early).
  while (!(finished.exit = keeper_.exit_of(started_.id))) {
    if (!keeper_.alive()) {
      finished.ending = {Outcome::crashed, "the keeper process has gone"};
      return finished;
    }
    if (now_ns() > deadline) {
      finished.ending = kill_with({Outcome::timed_out, fmt::format("not finished within {}", limit_text(limit_s))});
      return finished;
    }
    if (interrupt_) {
      finished.interrupted = true;
      kill_with({});
      return finished;
    }
    pollfd wait{keeper_.socket(), POLLIN, 0};
    poll(&wait, 1, 50);
  }
  keeper_.release(started_.id);
  alive_ = false;
  finished.peak_memory_bytes = std::max(peak_seen_, finished.exit->peak_memory_bytes);
  if (finished.exit->code != CLD_EXITED) {
    const bool by_kernel = finished.exit->status == SIGKILL && kernel_oom_kills() > oom_kills_;
    finished.ending = by_kernel ? Ending{Outcome::out_of_memory, "the kernel ran out of memory and killed it"}
                                : Ending{Outcome::crashed, describe_exit(finished.exit->code, finished.exit->status)};
  }
  return finished;
}

void WorkerProcess::end() {
  if (!alive_) return;
  resume();
  const std::string line = protocol::quit_request() + "\n";
  if (started_.input >= 0) {
    [[maybe_unused]] const auto n = write(started_.input, line.data(), line.size());
    close(started_.input);
    started_.input = -1;
  }
  for (const std::int64_t deadline = now_ns() + kQuitGrace_ms * 1'000'000; now_ns() < deadline && keeper_.alive();) {
    if (keeper_.exit_of(started_.id)) break;
    pollfd wait{keeper_.socket(), POLLIN, 0};
    poll(&wait, 1, 20);
  }
  kill_with({});
}

}  // namespace assay::run
