#include "hardware/cpu/detours.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <thread>

#include "hardware/cpu/clock_resolution.hpp"
#include "hardware/cpu/cpu_counts.hpp"
#include "hardware/cpu/peak.hpp"
#include "hardware/cpu/thread_team.hpp"

namespace assay::hardware {

namespace {

/// What the bound thread does.
Result<Done> alternate(int cpu, const WatchSettings& settings, CpuWatch& watch) {
  if (!bind_this_thread(cpu)) return Error{fmt::format("this process may not run on CPU {}", cpu)};
  auto peak = make_peak_loop({.precision = Precision::f64, .threads = 1, .isa = "", .cpus = {}});
  if (!peak) return peak.error();
  // Behind a clock that costs a system call every reading would be a detour.
  watch.detours.threshold_s = std::max(watch.detours.threshold_s, 10 * measure_clock().cost_s);
  (*peak)->run(settings.peak_iterations);  // the vector unit wakes up
  for (int slice = 0; slice < settings.slices; ++slice) {
    look_for_detours(monotonic_ns, settings.slice_ns, watch.detours);
    const std::int64_t begin = monotonic_ns();
    (*peak)->run(settings.peak_iterations);
    const double flop = (*peak)->flop_per_iteration() * static_cast<double>(settings.peak_iterations);
    watch.peak_flop_per_s.push_back(flop / (static_cast<double>(monotonic_ns() - begin) * 1e-9));
  }
  std::sort(watch.peak_flop_per_s.begin(), watch.peak_flop_per_s.end());
  return Done{};
}

std::optional<double> per_second(std::optional<std::int64_t> count, double seconds) {
  return count ? std::optional(static_cast<double>(*count) / seconds) : std::nullopt;
}

}  // namespace

double CpuWatch::peak_quantile(double q) const {
  const auto last = static_cast<double>(peak_flop_per_s.size() - 1);
  return peak_flop_per_s[static_cast<std::size_t>(std::clamp(q, 0.0, 1.0) * last + 0.5)];
}

double CpuWatch::steadiness() const { return peak_flop_per_s.empty() ? 1 : peak_quantile(0.1) / peak_quantile(0.9); }

Result<CpuWatch> watch_cpu(int cpu, const WatchSettings& settings, const std::filesystem::path& root) {
  CpuWatch watch;
  watch.cpu = cpu;
  Result<Done> done = Done{};
  const CpuCounts before = read_cpu_counts(cpu, root);
  const std::int64_t begin = monotonic_ns();
  try {
    std::thread([&] { done = alternate(cpu, settings, watch); }).join();
  } catch (const std::system_error& e) {
    return Error{fmt::format("no thread could be started: {}", e.what())};
  }
  if (!done) return done.error();
  const double seconds = static_cast<double>(monotonic_ns() - begin) * 1e-9;
  const CpuCounts after = read_cpu_counts(cpu, root);
  const auto stolen = difference(after.steal_ticks, before.steal_ticks);
  if (const auto all = difference(after.all_ticks, before.all_ticks); stolen && all && *all > 0) {
    watch.steal_ratio = static_cast<double>(*stolen) / static_cast<double>(*all);
  }
  const auto timer = difference(after.timer_interrupts, before.timer_interrupts);
  const auto interrupts = difference(after.interrupts, before.interrupts);
  watch.timer_interrupts_per_s = per_second(timer, seconds);
  if (timer && interrupts) watch.other_interrupts_per_s = per_second(*interrupts - *timer, seconds);
  return watch;
}

}  // namespace assay::hardware
