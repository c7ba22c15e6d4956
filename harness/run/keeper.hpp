// The keeper: one small, single-threaded process a run that starts every worker and never lets one get away.
//
//   supervisor ──socketpair──▶ keeper ──fork──▶ worker, worker, …
//
// It is the child subreaper, so that a worker's orphans come to it; it knows them by the token in their
// environment. When its socket reaches end of file the supervisor is dead, and everything is killed.
// A worker that ended stays a zombie until it is released, so that its process id can't be reused meanwhile.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/core/result.hpp"

namespace assay::run {

inline constexpr const char* kTokenVariable = "ASSAY_TOKEN";
inline constexpr const char* kKeeperVerb = "__keeper";

/// The keeper's main loop on its end of the socket; returns the exit status. Called by `assay __keeper FD`.
int keeper_main(int socket);

/// What to start. The environment is the supervisor's own with `set` on top; standard error goes to `error_log`.
struct Launch {
  std::vector<std::string> argv;
  std::vector<std::pair<std::string, std::string>> set;
  std::string folder;          // working directory
  std::vector<int> cpus;       // affinity; empty: as the supervisor was started with
  std::string error_log;       // appended to
  bool give_input = true;      // a pipe on standard input, else `input_file`
  std::string input_file = "/dev/null";
};

struct Started {
  int id = 0;
  pid_t pid = 0;
  int input = -1;    // write end of the child's standard input, O_CLOEXEC; −1 without
  int output = -1;   // read end of its standard output, O_CLOEXEC
  std::int64_t start_ns = 0;   // CLOCK_MONOTONIC, just before exec
};

/// How a root process ended: `code` and `status` as siginfo has them, its resource use with that of its waited-for children.
struct Exited {
  int id = 0;
  int code = 0;
  int status = 0;
  std::int64_t end_ns = 0;
  std::int64_t cpu_ns = 0;
  std::int64_t peak_memory_bytes = 0;
};

/// The supervisor's side.
class Keeper {
 public:
  /// Re-executes this program as the keeper, and makes this process a subreaper: should the keeper itself be killed,
  /// what it kept falls to this process, which then kills all its children. Run nothing else beside it.
  static Result<Keeper> start();
  Keeper(Keeper&& other) noexcept;
  Keeper& operator=(Keeper&&) = delete;
  ~Keeper();  // closes the socket: the keeper kills what is left and exits; waits for it

  /// Starts a process. An Error if the program doesn't exist or can't be executed: says which and why.
  Result<Started> launch(const Launch& launch);
  /// Kills the process and all that descends from it or carries its token, and reaps them. How it ended if it had
  /// ended by itself before. Idempotent.
  std::optional<Exited> release(int id);
  /// Kills whatever runs under the keeper and belongs to no live id; the number of processes found.
  int sweep();

  /// Readable when an exit is to be told.
  int socket() const { return socket_; }
  /// The exit of `id`, if it has been told; reads the socket without waiting. An exit is kept until release().
  std::optional<Exited> exit_of(int id);
  /// False once the keeper itself has gone (nothing can be started any more).
  bool alive() const { return socket_ >= 0 && !lost_; }

 private:
  explicit Keeper(int socket, pid_t pid) : socket_(socket), pid_(pid) {}
  struct Message;
  std::optional<Message> receive(bool wait);
  bool note(const Message& message);
  void lose();

  int socket_ = -1;
  pid_t pid_ = -1;
  int next_id_ = 1;
  bool lost_ = false;
  std::vector<Exited> exits_;
};

}  // namespace assay::run
