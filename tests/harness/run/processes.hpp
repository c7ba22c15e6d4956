// What runs now, for tests that must leave nothing behind: a copy of the fake worker under a name of its own, so that
// its processes are told from everybody else's by /proc/PID/exe alone, even with their environment cleared.
#pragma once

#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "harness/run/process_tree.hpp"
#include "tests/harness/record/fake_run.hpp"

namespace assay::run::testing {

/// Live processes (zombies are none) that execute `program`.
inline std::vector<pid_t> running(const std::filesystem::path& program) {
  std::vector<pid_t> found;
  for (const ProcessEntry& p : all_processes()) {
    std::error_code gone;
    const auto exe = std::filesystem::read_symlink(fmt::format("/proc/{}/exe", p.pid), gone);
    if (!gone && !p.zombie && exe == program) found.push_back(p.pid);
  }
  return found;
}

inline bool exists(pid_t pid) { return std::filesystem::exists(fmt::format("/proc/{}", pid)); }

/// Gone, or a zombie that somebody else has not collected yet.
inline bool dead(pid_t pid) {
  for (const ProcessEntry& p : all_processes()) {
    if (p.pid == pid) return p.zombie;
  }
  return true;
}

/// Waits until `condition` holds; false if it never does. The limit only ends a test that has failed.
template <class Condition>
bool eventually(Condition condition) {
  for (int i = 0; i < 1000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

/// A private copy of the fake worker.
class FakeWorker {
 public:
  FakeWorker() : program_(folder_.path() / "fake_worker") {
    std::filesystem::copy_file(FAKE_WORKER, program_);
  }
  const std::filesystem::path& folder() const { return folder_.path(); }
  const std::filesystem::path& program() const { return program_; }
  std::filesystem::path log() const { return folder_.path() / "stderr"; }
  std::vector<pid_t> processes() const { return running(program_); }

 private:
  record::fake::TemporaryFolder folder_;
  std::filesystem::path program_;
};

/// The CPUs that this process may use.
inline std::vector<int> allowed_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof set, &set);
  std::vector<int> cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(static_cast<std::size_t>(cpu), &set)) cpus.push_back(cpu);
  }
  return cpus;
}

}  // namespace assay::run::testing
