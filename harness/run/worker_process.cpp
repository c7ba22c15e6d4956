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

void WorkerProcess::move_to(int cpu) {
  if (alive_) bind_threads(tree_, cpu);
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

/// What there is to know when nothing can be read: whether it still lives, is within its limits, and may go on.
WorkerProcess::Woken WorkerProcess::state_without_output(std::int64_t deadline_ns, double limit_s) {
  // Asked at every wake: the exit may have been heard while another process was waited for.
  if (keeper_.exit_of(started_.id)) return {.exited = true};
  if (!keeper_.alive()) return {.ending = {Outcome::crashed, "the keeper process has gone"}};
  if (Ending ending = look_at_memory(); !ending.ok()) return {.ending = std::move(ending)};
  if (now_ns() >= deadline_ns) {
    return {.ending = kill_with({Outcome::timed_out, fmt::format("no answer within {}", limit_text(limit_s))})};
  }
  return {.interrupted = static_cast<bool>(interrupt_)};
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
    Woken woken = state_without_output(deadline_ns, limit_s);
    if (woken.exited || woken.interrupted || !woken.ending.ok()) return woken;
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

WorkerProcess::Asking WorkerProcess::send(std::string_view request, double limit_s) {
  Asking asking;
  const auto end_with = [&](Ending ending) {
    asking.exchange.ending = std::move(ending);
    asking.done = true;
    return asking;
  };
  if (!alive_) return end_with({Outcome::crashed, "it is no longer running"});
  if (spoke_unasked()) {  // whatever it says next would answer the wrong question
    return end_with(kill_with({Outcome::invalid_output, "it wrote a line that nothing had asked for"}));
  }
  std::string line(request);
  line += '\n';
  asking.cpu_before = cpu_ns();
  asking.begin = now_ns();
  asking.deadline = asking.begin + static_cast<std::int64_t>(limit_s * 1e9);
  for (std::size_t sent = 0; sent < line.size();) {
    const ssize_t n = write(started_.input, line.data() + sent, line.size() - sent);
    if (n > 0) {
      sent += static_cast<std::size_t>(n);
    } else if (n < 0 && errno == EAGAIN) {
      if (now_ns() > asking.deadline) return end_with(kill_with({Outcome::timed_out, "it doesn't read its requests"}));
      pollfd wait{started_.input, POLLOUT, 0};
      poll(&wait, 1, 10);
    } else if (n < 0 && errno != EINTR) {
      return end_with(describe_end());
    }
  }
  return asking;
}

void WorkerProcess::look_for_reply(Asking& asking) {
  Exchange& exchange = asking.exchange;
  const std::size_t newline = buffer_.find('\n', asking.searched);
  if (newline != std::string::npos) {
    exchange.bracket_ns = now_ns() - asking.begin;
    exchange.cpu_ns = cpu_ns() - asking.cpu_before;
    exchange.line = buffer_.substr(0, newline);
    buffer_.erase(0, newline + 1);
    exchange.ending = look_at_memory();  // one that always answers quickly is never looked at while waiting
    asking.done = true;
    return;
  }
  asking.searched = buffer_.size();
  if (buffer_.size() > protocol::kLongestReply) {
    exchange.ending = kill_with({Outcome::invalid_output, "a reply longer than 16 MiB"});
    asking.done = true;
  }
}

void WorkerProcess::receive(Asking& asking, bool exited) {
  std::array<char, 1 << 16> piece;
  const ssize_t n = read(started_.output, piece.data(), piece.size());
  if (n > 0) {
    buffer_.append(piece.data(), static_cast<std::size_t>(n));
    look_for_reply(asking);
  } else if (n == 0 || exited) {
    asking.exchange.ending = describe_end();
    asking.done = true;
  }
}

Exchange WorkerProcess::ask(std::string_view request, double limit_s) {
  Asking asking = send(request, limit_s);
  if (!asking.done) look_for_reply(asking);
  while (!asking.done) {
    const Woken woken = wait_for_output(asking.deadline, limit_s);
    if (woken.output || woken.exited) {
      receive(asking, woken.exited);
      continue;
    }
    asking.exchange.ending = woken.ending;
    asking.exchange.interrupted = woken.interrupted;
    asking.done = true;
  }
  return std::move(asking.exchange);
}

std::array<Exchange, 2> WorkerProcess::ask_both(const std::array<Question, 2>& questions) {
  std::array<Asking, 2> asked;
  for (std::size_t i = 0; i < 2; ++i) asked[i] = questions[i].process->send(questions[i].request, questions[i].limit_s);
  while (!asked[0].done || !asked[1].done) {
    std::array<pollfd, 3> waits;
    for (std::size_t i = 0; i < 2; ++i) {  // a negative descriptor is none that poll looks at
      waits[i] = {asked[i].done ? -1 : questions[i].process->started_.output, POLLIN, 0};
    }
    waits[2] = {questions[0].process->keeper_.socket(), POLLIN, 0};
    std::int64_t slice_ms = kSlice_ms;
    for (const Asking& one : asked) {
      if (!one.done) slice_ms = std::min(slice_ms, std::max<std::int64_t>(1, (one.deadline - now_ns()) / 1'000'000 + 1));
    }
    const int ready = poll(waits.data(), waits.size(), static_cast<int>(slice_ms));
    for (std::size_t i = 0; i < 2; ++i) {
      if (asked[i].done) continue;
      WorkerProcess& process = *questions[i].process;
      if (ready > 0 && waits[i].revents) {
        process.receive(asked[i], false);
        continue;
      }
      // Nothing to read now: whether it still lives, is within its limits, and may go on is asked at once.
      const Woken woken = process.state_without_output(asked[i].deadline, questions[i].limit_s);
      if (woken.exited) process.receive(asked[i], true);
      if (woken.ending.ok() && !woken.interrupted) continue;
      asked[i].exchange.ending = woken.ending;
      asked[i].exchange.interrupted = woken.interrupted;
      asked[i].done = true;
    }
  }
  // Of an interrupted pair neither block is one.
  const bool interrupted = asked[0].exchange.interrupted || asked[1].exchange.interrupted;
  for (Asking& one : asked) one.exchange.interrupted = interrupted;
  return {std::move(asked[0].exchange), std::move(asked[1].exchange)};
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
