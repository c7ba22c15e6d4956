#include "harness/run/process_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <memory>
#include <set>

#include "harness/run/clock.hpp"

namespace assay::run {

namespace {

constexpr std::int64_t kReapLimit_ns = 2'000'000'000;  // a process in uninterruptible sleep is not waited for longer

/// Up to `limit` bytes of a /proc file in one go; empty if it is gone.
std::string read_proc(const std::string& path, std::size_t limit) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  std::string text(limit, '\0');
  std::size_t used = 0;
  while (used < limit) {
    const ssize_t n = read(fd, text.data() + used, limit - used);
    if (n <= 0) break;
    used += static_cast<std::size_t>(n);
  }
  close(fd);
  text.resize(used);
  return text;
}

}  // namespace

std::vector<ProcessEntry> all_processes() {
  std::vector<ProcessEntry> found;
  const std::unique_ptr<DIR, int (*)(DIR*)> proc(opendir("/proc"), &closedir);
  if (!proc) return found;
  while (const dirent* entry = readdir(proc.get())) {
    pid_t pid = 0;
    const char* end = entry->d_name + std::strlen(entry->d_name);
    if (auto [rest, error] = std::from_chars(entry->d_name, end, pid); error != std::errc() || rest != end) continue;
    const std::string stat = read_proc(fmt::format("/proc/{}/stat", pid), 512);
    // "pid (comm) S ppid …": comm may hold anything, so the fields start after the last parenthesis.
    const std::size_t close_at = stat.rfind(')');
    if (close_at == std::string::npos || close_at + 4 >= stat.size()) continue;
    const char state = stat[close_at + 2];
    ProcessEntry process{pid, 0, state == 'Z', state == 'Z' || state == 'T' || state == 't'};
    std::from_chars(stat.data() + close_at + 4, stat.data() + stat.size(), process.parent);
    found.push_back(process);
  }
  return found;
}

std::vector<pid_t> descendants_of(pid_t root, const std::vector<ProcessEntry>& processes) {
  std::vector<pid_t> tree;
  std::vector<pid_t> frontier{root};
  while (!frontier.empty()) {
    const pid_t parent = frontier.back();
    frontier.pop_back();
    for (const ProcessEntry& p : processes) {
      if (p.parent == parent && std::find(tree.begin(), tree.end(), p.pid) == tree.end()) {
        tree.push_back(p.pid);
        frontier.push_back(p.pid);
      }
    }
  }
  return tree;
}

int kill_children(const std::function<bool(const ProcessEntry&)>& wanted) {
  const pid_t self = getpid();
  // Stopped first, so that a fork bomb can't outrun the scan. A fork that had begun when the signal came still ends, so
  // the scans go on until all were seen standing still and the scan after that has found nothing new.
  std::set<pid_t> doomed;
  const std::int64_t stop_deadline = now_ns() + kReapLimit_ns;
  for (bool still = false, grew = true; (grew || !still) && now_ns() < stop_deadline;) {
    const bool stood_still = still;
    grew = false;
    const auto processes = all_processes();
    const auto add = [&](pid_t pid) {
      if (doomed.insert(pid).second) {
        kill(pid, SIGSTOP);
        grew = true;
      }
    };
    for (const ProcessEntry& p : processes) {
      if (p.parent == self && (doomed.count(p.pid) || wanted(p))) {
        add(p.pid);
        for (const pid_t below : descendants_of(p.pid, processes)) add(below);
      }
    }
    still = std::all_of(processes.begin(), processes.end(), [&](const ProcessEntry& p) { return p.still || !doomed.count(p.pid); });
    if (!still) usleep(200);
    grew = grew || !stood_still;
  }
  for (const pid_t pid : doomed) kill(pid, SIGKILL);
  // A killed process's children become ours; each is a zombie as soon as it is dead.
  std::set<pid_t> left = doomed;
  for (const std::int64_t deadline = now_ns() + kReapLimit_ns; !left.empty() && now_ns() < deadline;) {
    for (auto it = left.begin(); it != left.end();) {
      const pid_t got = waitpid(*it, nullptr, WNOHANG);
      const bool gone = got == *it || (got < 0 && kill(*it, 0) != 0 && errno == ESRCH);
      it = gone ? left.erase(it) : std::next(it);
    }
    if (!left.empty()) usleep(200);
  }
  return static_cast<int>(doomed.size());
}

void bind_threads(const std::vector<pid_t>& pids, int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  for (const pid_t pid : pids) {
    const std::unique_ptr<DIR, int (*)(DIR*)> tasks(opendir(fmt::format("/proc/{}/task", pid).c_str()), &closedir);
    if (!tasks) continue;
    while (const dirent* entry = readdir(tasks.get())) {
      pid_t thread = 0;
      const char* end = entry->d_name + std::strlen(entry->d_name);
      if (auto [rest, error] = std::from_chars(entry->d_name, end, thread); error != std::errc() || rest != end) continue;
      sched_setaffinity(thread, sizeof set, &set);
    }
  }
}

std::int64_t resident_bytes(pid_t pid) {
  const std::string statm = read_proc(fmt::format("/proc/{}/statm", pid), 128);
  const std::size_t space = statm.find(' ');
  if (space == std::string::npos) return 0;
  std::int64_t pages = 0;
  std::from_chars(statm.data() + space + 1, statm.data() + statm.size(), pages);
  return pages * sysconf(_SC_PAGESIZE);
}

std::int64_t resident_bytes(const std::vector<pid_t>& pids) {
  std::int64_t sum = 0;
  for (const pid_t pid : pids) sum += resident_bytes(pid);
  return sum;
}

std::int64_t available_memory_bytes() {
  const std::string text = read_proc("/proc/meminfo", 4096);
  constexpr std::string_view kKey = "MemAvailable:";
  std::size_t at = text.find(kKey);
  if (at == std::string::npos) return 0;
  at = text.find_first_of("0123456789", at);
  std::int64_t kib = 0;
  std::from_chars(text.data() + at, text.data() + text.size(), kib);
  return kib * 1024;
}

std::string environment_value(pid_t pid, std::string_view name) {
  const std::string all = read_proc(fmt::format("/proc/{}/environ", pid), 1 << 20);
  const std::string wanted = fmt::format("{}=", name);
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = std::min(all.find('\0', at), all.size());
    if (all.compare(at, wanted.size(), wanted) == 0) return all.substr(at + wanted.size(), end - at - wanted.size());
    at = end + 1;
  }
  return {};
}

std::string describe_exit(int code, int status) {
  if (code == CLD_EXITED) return fmt::format("exited with status {}", status);
  const char* name = sigabbrev_np(status);
  return name ? fmt::format("killed by SIG{}", name) : fmt::format("killed by signal {}", status);
}

}  // namespace assay::run
