// The kernel's software events through perf_event_open(2): there even where a virtual machine has no hardware counters.
#include <fmt/format.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "hardware/counters/counters.hpp"
#include "hardware/counters/threads.hpp"

namespace assay::hardware {

namespace {

struct Event {
  std::string_view name;
  std::uint64_t config;
  double unit;              // of one count
  bool happens_in_kernel;   // counted while the kernel runs: 0 for ever if the kernel is excluded
};

constexpr Event kEvents[] = {
    {"task_clock_s", PERF_COUNT_SW_TASK_CLOCK, 1e-9, false},
    {"page_faults", PERF_COUNT_SW_PAGE_FAULTS, 1, true},
    {"context_switches", PERF_COUNT_SW_CONTEXT_SWITCHES, 1, true},
    {"cpu_migrations", PERF_COUNT_SW_CPU_MIGRATIONS, 1, true},
};

std::string refusal(int error) {
  if (error == ENOSYS) return "perf_event: this kernel has none, or the container forbids them";
  if (error != EACCES && error != EPERM) return fmt::format("perf_event: {}", std::strerror(error));
  std::ifstream file("/proc/sys/kernel/perf_event_paranoid");
  int paranoid = 0;
  if (!(file >> paranoid)) return "perf_event: refused by the kernel (perf events are not in this container)";
  if (paranoid > 1) {
    return fmt::format("perf_event: refused by the kernel (perf_event_paranoid = {}); "
                       "run: sysctl -w kernel.perf_event_paranoid=1", paranoid);
  }
  return fmt::format("perf_event: refused although perf_event_paranoid = {} (a container's seccomp filter?)", paranoid);
}

/// A file descriptor, or -1 with errno.
int open_event(const Event& event, pid_t thread) {
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.size = sizeof attributes;
  attributes.config = event.config;
  attributes.inherit = 1;  // threads started later count as well
  attributes.exclude_hv = 1;
  // The clock needs no look into the kernel. Faults and switches do: with the kernel excluded they would read 0
  // (a switch always happens there), which is worse than a reason.
  attributes.exclude_kernel = event.happens_in_kernel ? 0 : 1;
  return static_cast<int>(::syscall(SYS_perf_event_open, &attributes, thread, -1, -1, PERF_FLAG_FD_CLOEXEC));
}

class PerfEventCounters final : public worker::CounterSource {
 public:
  PerfEventCounters() = default;
  PerfEventCounters(const PerfEventCounters&) = delete;
  PerfEventCounters& operator=(const PerfEventCounters&) = delete;
  ~PerfEventCounters() override { close_all(); }

  void open() override {
    close_all();
    const std::vector<pid_t> threads = threads_of_this_process();
    for (std::size_t i = 0; i < counters_.size(); ++i) {
      Counter& counter = counters_[i];
      for (const pid_t thread : threads) {
        const int descriptor = open_event(kEvents[i], thread);
        if (descriptor >= 0) {
          counter.descriptors.push_back(descriptor);
        } else if (errno != ESRCH) {  // ESRCH: the thread ended in the meantime
          counter.reason = refusal(errno);
          break;
        }
      }
    }
    start();
  }

  // Counting never pauses; a block is a difference. Resetting would forget neither the threads that have ended nor
  // cost less.
  void start() override {
    for (Counter& counter : counters_) counter.after = counter.before = total(counter);
  }
  void stop() override {
    for (Counter& counter : counters_) counter.after = total(counter);
  }

  Json read() const override {
    Json values = Json::object();
    for (std::size_t i = 0; i < counters_.size(); ++i) {
      const Counter& counter = counters_[i];
      const std::string name(kEvents[i].name);
      if (!counter.reason.empty()) {
        values[name] = {{"reason", counter.reason}};
      } else if (kEvents[i].unit == 1) {
        values[name] = counter.after - counter.before;
      } else {
        values[name] = static_cast<double>(counter.after - counter.before) * kEvents[i].unit;
      }
    }
    return values;
  }

 private:
  struct Counter {
    std::vector<int> descriptors;  // one a thread
    std::string reason = "perf_event: not opened yet";
    std::int64_t before = 0;
    std::int64_t after = 0;
  };

  static std::int64_t total(const Counter& counter) {
    std::int64_t sum = 0;
    for (const int descriptor : counter.descriptors) {
      std::int64_t value = 0;
      if (::read(descriptor, &value, sizeof value) == sizeof value) sum += value;
    }
    return sum;
  }

  void close_all() {
    for (Counter& counter : counters_) {
      for (const int descriptor : counter.descriptors) ::close(descriptor);
      counter.descriptors.clear();
      counter.reason.clear();
    }
  }

  std::array<Counter, std::size(kEvents)> counters_;
};

}  // namespace

std::unique_ptr<worker::CounterSource> perf_event_counters() { return std::make_unique<PerfEventCounters>(); }

}  // namespace assay::hardware
