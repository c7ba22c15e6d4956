#include "hardware/cpu/peak.hpp"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>
#include <system_error>
#include <thread>

namespace assay::hardware {

namespace {

/// Vector instructions of one iteration on one thread: 240,000 cycles where two can start in each, 60 to 100 µs.
/// A constant rather than a time, so that an iteration is the same work on every machine.
constexpr std::int64_t kVectorOps = 480'000;

/// Which operands make the fused and the other kernels agree; see peak_kernels.hpp.
constexpr double kStep = 0.75;

constexpr int kMostThreads = 1024;

double start_of(int accumulator) { return accumulator; }
double step_of(int lane) { return kStep * (1 + lane); }

void put(unsigned char* vector, int index, double value, Precision precision) {
  const auto narrow = static_cast<float>(value);
  if (precision == Precision::f64) std::memcpy(vector + 8 * index, &value, 8);
  if (precision == Precision::f32) std::memcpy(vector + 4 * index, &narrow, 4);
}

double get(const unsigned char* vector, int index, Precision precision) {
  double wide = 0;
  float narrow = 0;
  if (precision == Precision::f64) std::memcpy(&wide, vector + 8 * index, 8);
  if (precision == Precision::f32) std::memcpy(&narrow, vector + 4 * index, 4);
  return precision == Precision::f64 ? wide : static_cast<double>(narrow);
}

void fill(PeakOperands& operands, const PeakKernel& kernel) {
  for (int lane = 0; lane < kernel.lanes; ++lane) {
    for (int j = 0; j < kernel.accumulators; ++j) {
      put(operands.start, j * kernel.lanes + lane, start_of(j), kernel.precision);
    }
    put(operands.x, lane, kernel.fused ? 3 : 1, kernel.precision);
    put(operands.y, lane, kernel.fused ? step_of(lane) / 3 : step_of(lane), kernel.precision);
  }
}

/// What one thread works on; its own cache lines, so that threads don't slow each other down.
struct alignas(128) Share {
  PeakOperands operands;
  std::vector<double> sums;  // lane by lane, over the iterations of the last run
};

bool bind_to(int cpu) {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  if (cpu < 0 || cpu >= CPU_SETSIZE) return false;
  CPU_SET(static_cast<std::size_t>(cpu), &mask);
  return ::sched_setaffinity(0, sizeof mask, &mask) == 0;
}

class ThreadedPeak final : public PeakLoop {
 public:
  ThreadedPeak(const PeakKernel& kernel, int threads)
      : kernel_(kernel), rounds_(kVectorOps / kernel.accumulators), shares_(static_cast<std::size_t>(threads)) {
    for (Share& share : shares_) {
      fill(share.operands, kernel_);
      share.sums.assign(static_cast<std::size_t>(kernel_.lanes), std::numeric_limits<double>::quiet_NaN());
    }
  }

  ~ThreadedPeak() override {
    stop_ = true;
    wake();
    for (std::thread& member : members_) member.join();
  }

  /// An Error names the CPU that a thread can't be bound to, or says how many threads the system allows.
  Result<Done> start(const std::vector<int>& cpus) {
    const bool bound = cpus.size() >= shares_.size() && shares_.size() > 1;
    std::atomic<int> refused{-1};
    try {
      for (std::size_t i = 1; i < shares_.size(); ++i) {
        unfinished_.fetch_add(1);
        members_.emplace_back([this, i, &refused, cpu = bound ? cpus[i] : -1] {
          if (cpu >= 0 && !bind_to(cpu)) refused = cpu;
          finished();
          serve(shares_[i]);
        });
      }
    } catch (const std::system_error& e) {
      unfinished_.fetch_sub(1);
      wait_for_members();  // they still write to `refused`
      return Error{fmt::format("only {} of {} threads could be started: {}", members_.size() + 1, shares_.size(),
                               e.what())};
    }
    wait_for_members();
    if (bound && !bind_to(cpus[0])) refused = cpus[0];
    if (refused >= 0) return Error{fmt::format("this process may not run on CPU {}", refused.load())};
    return Done{};
  }

  void run(std::int64_t iterations) override {
    iterations_ = iterations;
    unfinished_.store(static_cast<int>(members_.size()));
    wake();
    work(shares_[0], iterations);
    wait_for_members();
  }

  void poison() override {
    for (Share& share : shares_) share.sums.assign(share.sums.size(), std::numeric_limits<double>::quiet_NaN());
  }

  double max_error() const override {
    double starts = 0;
    for (int j = 0; j < kernel_.accumulators; ++j) starts += start_of(j);
    double worst = 0;
    for (const Share& share : shares_) {
      for (int lane = 0; lane < kernel_.lanes; ++lane) {
        const double once = starts + static_cast<double>(kernel_.accumulators * rounds_) * step_of(lane);
        const double exact = once * static_cast<double>(iterations_);
        const double error = std::abs(share.sums[static_cast<std::size_t>(lane)] - exact) / exact;
        if (std::isnan(error)) return std::numeric_limits<double>::infinity();
        worst = std::max(worst, error);
      }
    }
    return worst;
  }

  double flop_per_iteration() const override {
    return 2.0 * kernel_.lanes * static_cast<double>(kernel_.accumulators * rounds_ * std::ssize(shares_));
  }

  std::string_view isa() const override { return kernel_.isa; }

 private:
  /// All iterations of one thread. Adding up at most 16 lanes an iteration costs under a thousandth of it.
  void work(Share& share, std::int64_t iterations) const {
    share.sums.assign(share.sums.size(), 0.0);
    for (std::int64_t i = 0; i < iterations; ++i) {
      kernel_.run(rounds_, share.operands);
      for (int lane = 0; lane < kernel_.lanes; ++lane) {
        share.sums[static_cast<std::size_t>(lane)] += get(share.operands.sum, lane, kernel_.precision);
      }
    }
  }

  void serve(Share& share) {
    for (unsigned seen = 0;;) {
      await([&] { return generation_.load() != seen; }, [&] { generation_.wait(seen); });
      seen = generation_.load();
      if (stop_) return;
      work(share, iterations_);
      finished();
    }
  }

  void wake() {
    generation_.fetch_add(1);
    generation_.notify_all();
  }

  void finished() {
    if (unfinished_.fetch_sub(1) == 1) unfinished_.notify_all();
  }

  void wait_for_members() {
    await([&] { return unfinished_.load() == 0; },
          [&] {
            if (const int left = unfinished_.load(); left != 0) unfinished_.wait(left);
          });
  }

  /// Watches for 50 µs, so that threads that work block after block aren't woken from sleep inside a timed one; then
  /// sleeps, so that an idle worker takes no time from its neighbours.
  template <class Ready, class Sleep>
  static void await(Ready ready, Sleep sleep) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(50);
    while (!ready()) {
      if (std::chrono::steady_clock::now() > until) sleep();
    }
  }

  PeakKernel kernel_;
  std::int64_t rounds_;
  std::vector<Share> shares_;
  std::int64_t iterations_ = 0;  // written before the generation is, read after it
  std::atomic<bool> stop_{false};
  std::atomic<unsigned> generation_{0};
  std::atomic<int> unfinished_{0};
  std::vector<std::thread> members_;  // all but the calling thread, which works on shares_[0]
};

}  // namespace

Result<std::unique_ptr<PeakLoop>> PeakLoop::make(const PeakSettings& settings) {
  if (settings.threads < 1 || settings.threads > kMostThreads) {
    return Error{fmt::format("threads is {}; give 1 to {}", settings.threads, kMostThreads)};
  }
  const auto usable = usable_peak_kernels(settings.precision);
  const PeakKernel* chosen = settings.isa.empty() ? &usable.front() : nullptr;
  for (const PeakKernel& kernel : usable) {
    if (kernel.isa == settings.isa) chosen = &kernel;
  }
  if (!chosen) {
    std::string known;
    for (const PeakKernel& kernel : compiled_peak_kernels(settings.precision)) {
      if (kernel.isa == settings.isa) return Error{fmt::format("needs {}", kernel.needs)};
      known += fmt::format("{}{}", known.empty() ? "" : ", ", kernel.isa);
    }
    return Error{fmt::format("isa '{}' is none of {}", settings.isa, known)};
  }
  auto peak = std::make_unique<ThreadedPeak>(*chosen, settings.threads);
  if (const auto started = peak->start(settings.cpus); !started) return started.error();
  return std::unique_ptr<PeakLoop>(std::move(peak));
}

}  // namespace assay::hardware
