#include "hardware/cpu/peak.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "hardware/cpu/thread_team.hpp"

namespace assay::hardware {

namespace {

/// Vector instructions of one iteration on one thread: 240,000 cycles where two can start in each, 60 to 100 µs.
/// A constant rather than a time, so that an iteration is the same work on every machine.
constexpr std::int64_t kVectorOps = 480'000;

/// Which operands make the fused and the other kernels agree; see peak_kernels.hpp.
constexpr double kStep = 0.75;

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

class PeakLoop final : public CeilingLoop {
 public:
  PeakLoop(const PeakKernel& kernel, std::unique_ptr<ThreadTeam> team)
      : kernel_(kernel),
        rounds_(kVectorOps / kernel.accumulators),
        team_(std::move(team)),
        shares_(static_cast<std::size_t>(team_->size())) {
    for (Share& share : shares_) {
      fill(share.operands, kernel_);
      share.sums.assign(static_cast<std::size_t>(kernel_.lanes), std::numeric_limits<double>::quiet_NaN());
    }
  }

  void run(std::int64_t iterations) override {
    iterations_ = iterations;
    team_->run([&](int member) { work(shares_[static_cast<std::size_t>(member)], iterations); });
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

  std::string_view rule() const override {
    return "exact: accumulators are multiples of 1/4 below 2^22, their sums integers below 2^24";
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

  PeakKernel kernel_;
  std::int64_t rounds_;
  std::unique_ptr<ThreadTeam> team_;
  std::vector<Share> shares_;
  std::int64_t iterations_ = 0;
};

}  // namespace

Result<std::unique_ptr<CeilingLoop>> make_peak_loop(const PeakSettings& settings) {
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
  auto team = ThreadTeam::start(settings.threads, settings.cpus);
  if (!team) return team.error();
  return std::unique_ptr<CeilingLoop>(std::make_unique<PeakLoop>(*chosen, *std::move(team)));
}

}  // namespace assay::hardware
