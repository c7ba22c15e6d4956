// The keeper process: start, watch, kill, reap. The supervisor's side stands in keeper_client.cpp.
#include "harness/run/keeper.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <map>

#include "harness/run/clock.hpp"
#include "harness/run/keeper_message.hpp"
#include "harness/run/process_tree.hpp"

namespace assay::run {

namespace {

constexpr std::int64_t kOrphanScan_ns = 100'000'000;     // orphans' zombies are collected at most this often

struct Root {
  pid_t pid = 0;
  std::string token;
  bool told = false;  // its exit has been told to the supervisor
};

class KeeperProcess {
 public:
  explicit KeeperProcess(int socket) : socket_(socket) {
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, nullptr);
    child_signal_ = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
  }

  int serve() {
    for (;;) {
      pollfd waits[2] = {{socket_, POLLIN, 0}, {child_signal_, POLLIN, 0}};
      if (poll(waits, 2, -1) < 0 && errno != EINTR) break;
      if (waits[1].revents) on_child();
      if (waits[0].revents) {
        Packet packet;
        if (receive_packet(socket_, true, packet) == Received::closed) break;
        on_request(packet);
        for (const int fd : packet.descriptors) close(fd);
      }
    }
    // The supervisor is gone, however it went: nothing of its work may survive.
    roots_.clear();
    kill_children([](const ProcessEntry&) { return true; });
    return 0;
  }

 private:
  void on_request(const Packet& packet) {
    const std::string op = packet.body.value("op", "");
    const int id = packet.body.value("id", 0);
    if (op == "launch") {
      launch(id, packet);
    } else if (op == "release") {
      release(id);
    } else if (op == "sweep") {
      const int found = kill_children([this](const ProcessEntry& p) { return !belongs_to_a_root(p.pid); });
      send_packet(socket_, {{"event", "swept"}, {"found", found}});
    }
  }

  void launch(int id, const Packet& packet) {
    int failure[2];  // closed by exec; carries errno and the step if exec never came
    if (pipe2(failure, O_CLOEXEC) != 0) return refuse(id, "pipe", errno);
    *exec_ns_ = now_ns();
    const pid_t pid = fork();
    if (pid < 0) return refuse(id, "fork", errno);
    if (pid == 0) become(packet, failure[1]);  // does not return
    close(failure[1]);
    int problem[2] = {0, 0};
    const ssize_t got = read(failure[0], problem, sizeof problem);
    close(failure[0]);
    if (got == static_cast<ssize_t>(sizeof problem)) {
      waitpid(pid, nullptr, 0);
      static constexpr const char* kSteps[] = {"exec", "chdir", "affinity"};
      return refuse(id, kSteps[problem[0]], problem[1]);
    }
    roots_[id] = {pid, packet.body.value("token", ""), false};
    send_packet(socket_, {{"event", "started"}, {"id", id}, {"pid", pid}, {"start_ns", *exec_ns_}});
  }

  void refuse(int id, const char* step, int error) {
    send_packet(socket_, {{"event", "refused"}, {"id", id}, {"step", step}, {"error", std::strerror(error)}});
  }

  /// In the child, between fork and exec.
  [[noreturn]] void become(const Packet& packet, int failure) {
    const auto fail = [failure](int step) {
      const int problem[2] = {step, errno};
      [[maybe_unused]] const auto n = write(failure, problem, sizeof problem);
      _exit(127);
    };
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != keeper_) _exit(127);  // the keeper died in between
    setsid();                              // its own group: stopped and continued as one, deaf to the terminal's Ctrl-C
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ}) std::signal(signal, SIG_DFL);
    for (std::size_t i = 0; i < packet.descriptors.size(); ++i) dup2(packet.descriptors[i], static_cast<int>(i));
    const Json& body = packet.body;
    if (const std::string folder = body.value("folder", ""); !folder.empty() && chdir(folder.c_str()) != 0) fail(1);
    if (!body["cpus"].empty()) {
      cpu_set_t set;
      CPU_ZERO(&set);
      for (const int cpu : body["cpus"]) CPU_SET(static_cast<std::size_t>(cpu), &set);
      if (sched_setaffinity(0, sizeof set, &set) != 0) fail(2);
    }
    for (const auto& [name, value] : body["set"].items()) setenv(name.c_str(), value.get<std::string>().c_str(), 1);
    std::vector<std::string> words = body["argv"].get<std::vector<std::string>>();
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    *exec_ns_ = now_ns();  // through memory that both share: writing to the pipe would wake the keeper just now
    execvp(argv[0], argv.data());
    fail(0);
    _exit(127);
  }

  void on_child() {
    const std::int64_t now = now_ns();
    signalfd_siginfo ignored[8];
    while (read(child_signal_, ignored, sizeof ignored) > 0) {
    }
    for (auto& [id, root] : roots_) {
      if (!root.told) tell_exit(id, root, now);
    }
    reap_orphans();
  }

  /// Tells the supervisor if the root has ended, which was noticed at `now`; leaves the zombie, so that its pid stays taken.
  void tell_exit(int id, Root& root, std::int64_t now) {
    siginfo_t info{};
    rusage usage{};
    // The raw call, unlike glibc's, gives the resource use without reaping.
    if (syscall(SYS_waitid, P_PID, root.pid, &info, WEXITED | WNOHANG | WNOWAIT, &usage) != 0 || info.si_pid == 0) return;
    root.told = true;
    const auto ns = [](const timeval& t) { return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_usec * 1000; };
    send_packet(socket_, {{"event", "exited"},
                          {"id", id},
                          {"code", info.si_code},
                          {"status", info.si_status},
                          {"end_ns", now},
                          {"cpu_ns", ns(usage.ru_utime) + ns(usage.ru_stime)},
                          {"peak_memory_bytes", std::int64_t{usage.ru_maxrss} * 1024}});
  }

  void release(int id) {
    const auto found = roots_.find(id);
    if (found != roots_.end()) {
      const Root root = found->second;
      if (!found->second.told) tell_exit(id, found->second, now_ns());  // it may have ended by itself just now
      kill_children([&](const ProcessEntry& p) {
        return p.pid == root.pid || (p.parent == keeper_ && !is_root(p.pid) && carries(p.pid, root.token));
      });
      roots_.erase(id);
    }
    send_packet(socket_, {{"event", "released"}, {"id", id}});
  }

  bool is_root(pid_t pid) const {
    return std::any_of(roots_.begin(), roots_.end(), [pid](const auto& r) { return r.second.pid == pid; });
  }
  static bool carries(pid_t pid, const std::string& token) {
    return !token.empty() && environment_value(pid, kTokenVariable) == token;
  }
  bool belongs_to_a_root(pid_t pid) const {
    if (is_root(pid)) return true;
    const std::string token = environment_value(pid, kTokenVariable);
    return !token.empty() &&
           std::any_of(roots_.begin(), roots_.end(), [&](const auto& r) { return r.second.token == token; });
  }

  /// Collects orphans that have ended, so that a workload which leaves thousands can't fill the process table.
  void reap_orphans() {
    if (now_ns() - last_scan_ns_ < kOrphanScan_ns) return;
    last_scan_ns_ = now_ns();
    for (const ProcessEntry& p : all_processes()) {
      if (p.parent == keeper_ && p.zombie && !is_root(p.pid)) waitpid(p.pid, nullptr, WNOHANG);
    }
  }

  int socket_;
  int child_signal_ = -1;
  std::int64_t* exec_ns_ = static_cast<std::int64_t*>(
      mmap(nullptr, sizeof(std::int64_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  pid_t keeper_ = getpid();
  std::int64_t last_scan_ns_ = 0;
  std::map<int, Root> roots_;
};

}  // namespace

int keeper_main(int socket) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  prctl(PR_SET_NAME, "assay-keeper");
  fcntl(socket, F_SETFD, FD_CLOEXEC);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) std::signal(signal, SIG_IGN);
  return KeeperProcess(socket).serve();
}

}  // namespace assay::run
