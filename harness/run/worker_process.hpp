// One live process under the keeper: a request out, a line back, within limits of time and memory.
//
//     auto started = WorkerProcess::start(keeper, launch, limits, interrupt);
//     Exchange reply = (*started)->ask(protocol::describe_request(), 60);
//     if (!reply.ending.ok()) …      // timed_out, out_of_memory, crashed, invalid_output: it is already dead
//
// It never throws and never waits without a limit. What went wrong is an Ending; the process is then killed
// with all its descendants before ask() returns.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/outcome.hpp"
#include "harness/run/interrupt.hpp"
#include "harness/run/keeper.hpp"

namespace assay::run {

struct ProcessLimits {
  std::int64_t memory_bytes = 0;  // resident, whole tree; 0: none
};

/// A reply line (without newline) and the brackets around it, or how it failed.
struct Exchange {
  std::string line;
  Ending ending;
  bool interrupted = false;       // the person asked to stop; the process still lives
  std::int64_t bracket_ns = 0;    // from just before the request to just after the reply
  std::int64_t cpu_ns = 0;        // what the process's tree used in between
};

class WorkerProcess {
 public:
  static Result<std::unique_ptr<WorkerProcess>> start(Keeper& keeper, const Launch& launch, ProcessLimits limits,
                                                      const InterruptFlag& interrupt);
  ~WorkerProcess();  // kills what is left
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  /// Sends one line and waits for one line.
  Exchange ask(std::string_view request, double limit_s);

  /// Sends one line to each of two processes and waits for both replies; each has its own limit and its own brackets, and
  /// what becomes of one is nothing to the other. If the person asks to stop, both exchanges say so.
  struct Question {
    WorkerProcess* process;
    std::string_view request;
    double limit_s;
  };
  static std::array<Exchange, 2> ask_both(const std::array<Question, 2>& questions);

  /// Waits for the end of a process that is not a worker, reading its standard output (at most `most_output` bytes).
  struct Finished {
    std::string output;
    std::optional<Exited> exit;
    Ending ending;               // ok also for a non-zero exit status
    bool interrupted = false;
    std::int64_t start_ns = 0;
    std::int64_t peak_memory_bytes = 0;  // the larger of what the kernel says of one process and what was seen of the tree
  };
  /// Beyond `most_output` it is killed (invalid_output), or only the end is kept, of at least that many bytes.
  enum class Surplus { is_an_error, is_dropped };
  Finished wait(double limit_s, std::size_t most_output, Surplus surplus = Surplus::is_an_error);

  /// Asks it to quit, then kills the tree. Idempotent.
  void end();

  /// SIGSTOP and SIGCONT for its whole process group.
  void stop();
  void resume();

  /// Confines every thread of the tree as last scanned to one CPU; best while it is stopped.
  void move_to(int cpu);

  /// CPU time of the tree as last scanned, ns. Cheap: one clock read a process.
  std::int64_t cpu_ns() const;
  /// Looks for descendants anew (walks /proc: not between blocks of a few ms).
  void scan_tree();
  std::int64_t resident_bytes() const;

  pid_t pid() const { return started_.pid; }
  bool alive() const { return alive_; }

 private:
  WorkerProcess(Keeper& keeper, Started started, ProcessLimits limits, const InterruptFlag& interrupt, std::int64_t oom_kills);
  struct Woken {
    bool output = false;         // something, or end of file, can be read
    bool exited = false;         // the root process has ended (a descendant may still hold the pipe)
    Ending ending{};
    bool interrupted = false;
  };
  /// Waits until output can be read, the root process has ended, or a limit is passed.
  Woken wait_for_output(std::int64_t deadline_ns, double limit_s);
  Woken state_without_output(std::int64_t deadline_ns, double limit_s);
  /// A request that was sent and is not answered yet.
  struct Asking {
    Exchange exchange;
    std::int64_t cpu_before = 0;
    std::int64_t begin = 0;
    std::int64_t deadline = 0;
    std::size_t searched = 0;  // of buffer_: no newline before
    bool done = false;
  };
  Asking send(std::string_view request, double limit_s);
  /// Takes a whole reply out of what was read so far, if there is one.
  void look_for_reply(Asking& asking);
  /// Reads once and looks; `exited`: that the root process has ended.
  void receive(Asking& asking, bool exited);
  /// Every 10 ms at most: kills it if its tree holds more than the limit.
  Ending look_at_memory();
  bool spoke_unasked();
  Ending kill_with(Ending ending);
  Ending describe_end();

  Keeper& keeper_;
  Started started_;
  ProcessLimits limits_;
  const InterruptFlag& interrupt_;
  std::vector<pid_t> tree_;        // root and descendants as last scanned
  std::string buffer_;             // read beyond the last line
  std::int64_t oom_kills_ = 0;     // of the kernel, when the process started
  std::int64_t next_memory_look_ns_ = 0;
  std::int64_t next_tree_scan_ns_ = 0;
  std::int64_t peak_seen_ = 0;
  bool alive_ = true;
  bool stopped_ = false;
};

}  // namespace assay::run
