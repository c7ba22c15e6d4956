// getrusage: in every Unix, for every process, over all its threads whenever they were started.
#include <sys/resource.h>
#include <time.h>

#include "hardware/counters/counters.hpp"

namespace assay::hardware {

namespace {

struct Usage {
  rusage resources{};
  timespec cpu{};
};

Usage now() {
  Usage usage;
  ::getrusage(RUSAGE_SELF, &usage.resources);
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &usage.cpu);  // nanoseconds, where getrusage may count ticks
  return usage;
}

double seconds(const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; }
double seconds(const timespec& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9; }

class RusageCounters final : public worker::CounterSource {
 public:
  void open() override { start(); }
  void start() override { after_ = before_ = now(); }
  void stop() override { after_ = now(); }

  Json read() const override {
    const rusage& from = before_.resources;
    const rusage& to = after_.resources;
    const std::int64_t minor = to.ru_minflt - from.ru_minflt;
    const std::int64_t major = to.ru_majflt - from.ru_majflt;
    const std::int64_t voluntary = to.ru_nvcsw - from.ru_nvcsw;
    const std::int64_t involuntary = to.ru_nivcsw - from.ru_nivcsw;
    return {{"task_clock_s", seconds(after_.cpu) - seconds(before_.cpu)},
            {"user_s", seconds(to.ru_utime) - seconds(from.ru_utime)},
            {"system_s", seconds(to.ru_stime) - seconds(from.ru_stime)},
            {"page_faults", minor + major},
            {"minor_faults", minor},
            {"major_faults", major},
            {"context_switches", voluntary + involuntary},
            {"voluntary_switches", voluntary},
            {"involuntary_switches", involuntary},
            {"peak_memory_bytes", std::int64_t{to.ru_maxrss} * 1024}};  // of the process so far: kB on Linux
  }

 private:
  Usage before_, after_;
};

}  // namespace

std::unique_ptr<worker::CounterSource> rusage_counters() { return std::make_unique<RusageCounters>(); }

}  // namespace assay::hardware
